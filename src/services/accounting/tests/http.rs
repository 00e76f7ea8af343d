use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::books::{Books, MERCHANT, OTHER, Payment};
use crate::event::sha256_hex;
use crate::services::Service;
use crate::services::accounting::http::routes;
use crate::store::ApiKey;

async fn books() -> Books {
    let books = Books::new();
    books
        .write(async |tx| {
            for (key_id, merchant_id) in [("own", MERCHANT), ("other", OTHER)] {
                let key = ApiKey { key_id: key_id.to_owned(), merchant_id };
                tx.add_api_key(&key, &sha256_hex(key_id.as_bytes()), "test").await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    books.book(vec![Payment::success(10_000, 200), Payment { merchant: OTHER, ..Payment::success(700, 14) }]).await;
    books
}

async fn get(books: &Books, header: (&str, &str), path: &str) -> (u16, Value) {
    let served = books.platform.served(Service::Accounting, routes(&books.platform.context.store));
    let request = Request::builder().uri(path).header(header.0, header.1).body(Body::empty()).unwrap();
    let response = served.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

const OWN: (&str, &str) = ("x-api-key", "own");

#[tokio::test]
async fn a_merchant_sees_its_own_accounts_and_balances_only() {
    let books = books().await;
    let (status, body) = get(&books, OWN, "/api/v1/accounts").await;
    assert_eq!((status, &body["data"]["total"]), (200, &json!(1)));
    let account = &body["data"]["list"][0];
    assert_eq!(account["account"], format!("merchant_pending:{MERCHANT}"));
    assert_eq!((&account["kind"], &account["balance"]), (&json!("liability"), &json!(9_800)));

    let (status, body) = get(&books, OWN, &format!("/api/v1/balances/{MERCHANT}")).await;
    assert_eq!(status, 200);
    assert_eq!(body["data"]["balances"], json!([{"currency": "USD", "pending": 9_800, "available": 0, "held": 0}]));
    for path in [format!("/api/v1/balances/{OTHER}"), "/api/v1/balances/nobody".to_owned()] {
        let (status, body) = get(&books, OWN, &path).await;
        assert_eq!((status, &body["error"]), (403, &json!("FORBIDDEN")), "{path}");
    }
}

#[tokio::test]
async fn transactions_are_paged_filtered_and_the_merchants_own() {
    let books = books().await;
    let later = books.book(vec![Payment::success(300, 6)]).await;
    let (_, body) = get(&books, OWN, "/api/v1/transactions?page_size=1").await;
    assert_eq!((&body["data"]["total"], &body["data"]["list"].as_array().unwrap().len()), (&json!(2), &1));
    assert_eq!(body["data"]["list"][0]["entries"][0]["amount"], 300, "the newest first");
    let (_, body) = get(&books, OWN, &format!("/api/v1/transactions?related_id={}", later[0].aggregate_id)).await;
    assert_eq!((&body["data"]["total"], &body["data"]["list"][0]["related_id"]), (&json!(1), &json!(later[0].aggregate_id)));
    let (_, body) = get(&books, OWN, "/api/v1/transactions?start_time=2026-01-03T00:00:00Z").await;
    assert_eq!(body["data"]["total"], 0);
    let (_, body) = get(&books, OWN, "/api/v1/transactions?start_time=2026-01-02T00:00:00Z&end_time=2026-01-03T00:00:00%2B01:00").await;
    assert_eq!(body["data"]["total"], 2);
}

#[tokio::test]
async fn a_bad_filter_is_refused_by_name() {
    let books = books().await;
    let backwards = "transactions?start_time=2026-01-03T00:00:00Z&end_time=2026-01-02T00:00:00Z";
    for path in [
        backwards,
        "transactions?start_time=yesterday",
        "transactions?end_time=2026-01-02",
        "transactions?page=0",
        "accounts?page_size=101",
    ] {
        let (status, body) = get(&books, OWN, &format!("/api/v1/{path}")).await;
        assert_eq!((status, &body["error"]), (400, &json!("INVALID_REQUEST")), "{path}");
        assert!(path.contains(body["details"]["field"].as_str().unwrap()), "{path}");
    }
    let (status, _) = get(&books, OWN, "/api/v1/transactions?merchant_id=x").await;
    assert_eq!(status, 400, "a filter that does not exist is no silent match");
}

#[tokio::test]
async fn the_trial_balance_is_for_the_platforms_own_services() {
    let books = books().await;
    let (status, _) = get(&books, OWN, "/api/v1/trial-balance").await;
    assert_eq!(status, 401);
    let (status, body) = get(&books, ("x-internal-token", "internal-token-of-tests"), "/api/v1/trial-balance").await;
    assert_eq!(status, 200);
    assert_eq!(body["data"]["totals"], json!([{"currency": "USD", "debits": 10_914, "credits": 10_914, "balanced": true}]));
    assert_eq!(body["data"]["rows"].as_array().unwrap().len(), 3, "all merchants in one line");
}

#[tokio::test]
async fn nothing_is_read_without_a_key() {
    let books = books().await;
    for path in ["accounts", "transactions", "trial-balance", &format!("balances/{MERCHANT}")] {
        let (status, body) = get(&books, ("x-none", "1"), &format!("/api/v1/{path}")).await;
        assert_eq!((status, &body["error"]), (401, &json!("UNAUTHORIZED")), "{path}");
    }
}
