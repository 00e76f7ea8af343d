use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::desk::{Desk, MERCHANT, OTHER, Payment, stub_payment};
use crate::domain::{OrderStatus, PaymentStatus};
use crate::event::{Payload, Topic, sha256_hex};
use crate::http::{ApiError, ErrorCode};
use crate::services::Service;
use crate::services::order::http::routes;
use crate::store::ApiKey;

async fn desk() -> Desk {
    let desk = Desk::new();
    desk.write(async |tx| {
        for (key_id, merchant_id) in [("own", MERCHANT), ("other", OTHER)] {
            let key = ApiKey { key_id: key_id.to_owned(), merchant_id };
            tx.add_api_key(&key, &sha256_hex(key_id.as_bytes()), "test").await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    desk
}

async fn call(desk: &Desk, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let served = desk.platform.served(Service::Order, routes(desk.orders()));
    let mut request = Request::builder().method(method).uri(format!("/api/v1/orders{path}")).header("x-api-key", key);
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    let response = served.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn post(desk: &Desk, path: &str) -> (u16, Value) {
    call(desk, "own", "POST", path, "").await
}

async fn get(desk: &Desk, path: &str) -> (u16, Value) {
    call(desk, "own", "GET", path, "").await
}

const BODY: &str = r#"{"order_no":"A","total_amount":10000,"currency":"USD","customer_email":"t@example.com","extra":{"cart":7}}"#;

#[tokio::test]
async fn an_order_is_made_shown_and_told() {
    let desk = desk().await;
    let (status, body) = call(&desk, "own", "POST", "", BODY).await;
    assert_eq!(status, 201);
    let order = &body["data"];
    assert_eq!((&order["status"], &order["merchant_id"], &order["extra"]), (&json!("pending"), &json!(MERCHANT), &json!({"cart": 7})));
    assert_eq!(get(&desk, "/A").await.1["data"], *order);
    assert_eq!(desk.told("A").await, ["order.created"]);

    let (status, body) = call(&desk, "own", "POST", "", BODY).await;
    assert_eq!((status, &body["error"], &body["details"]["status"]), (409, &json!("DUPLICATE_ORDER"), &json!("pending")));
    let (status, _) = call(&desk, "other", "POST", "", BODY).await;
    assert_eq!(status, 201, "a number is unique only within its merchant");
    let nameless = BODY.replace(r#""order_no":"A","#, "");
    let (_, body) = call(&desk, "own", "POST", "", &nameless).await;
    assert!(body["data"]["order_no"].as_str().unwrap().starts_with("OD2026"), "{body}");
}

#[tokio::test]
async fn an_order_made_first_is_paid_by_its_payment() {
    let desk = desk().await;
    call(&desk, "own", "POST", "", BODY).await;
    desk.follow(vec![Payment::created("PY1", "A"), Payment::success("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Paid, 2, "PY1".to_owned()));
    assert_eq!(desk.told("A").await, ["order.created", "order.paid"]);
    let (_, body) = get(&desk, "/A").await;
    assert_eq!(body["data"]["extra"], json!({"cart": 7}), "the merchant's own fields stay");
}

#[tokio::test]
async fn a_bad_body_is_refused_by_field_and_writes_nothing() {
    let desk = desk().await;
    for (body, error, field) in [
        (BODY.replace("10000", "0"), "INVALID_AMOUNT", "total_amount"),
        (BODY.replace("10000", "-1"), "INVALID_AMOUNT", "total_amount"),
        (BODY.replace("10000", "9007199254740992"), "INVALID_AMOUNT", "total_amount"),
        (BODY.replace("10000", "1.5"), "INVALID_AMOUNT", "total_amount"),
        (BODY.replace("10000", r#""10000""#), "INVALID_AMOUNT", "total_amount"),
        (BODY.replace("USD", "usd"), "INVALID_CURRENCY", "currency"),
        (BODY.replace(r#""A""#, r#""a b""#), "INVALID_REQUEST", "order_no"),
        (BODY.replace(r#""A""#, "7"), "INVALID_REQUEST", "order_no"),
        (BODY.replace("t@example.com", "nobody"), "INVALID_REQUEST", "customer_email"),
        (BODY.replace(r#"{"cart":7}"#, "[]"), "INVALID_REQUEST", "extra"),
        (BODY.replace('7', "[\"4242 4242 4242 4242\"]"), "INVALID_REQUEST", "extra"),
        (BODY.replace('7', &format!("\"{}\"", "x".repeat(9_000))), "INVALID_REQUEST", "extra"),
    ] {
        let (status, answer) = call(&desk, "own", "POST", "", &body).await;
        assert_eq!((status, &answer["error"], &answer["details"]["field"]), (400, &json!(error), &json!(field)), "{body}");
    }
    let foreign = BODY.replacen('{', &format!(r#"{{"merchant_id":"{OTHER}","#), 1);
    assert_eq!(call(&desk, "own", "POST", "", &foreign).await.1["error"], "FORBIDDEN");
    assert_eq!(call(&desk, "own", "POST", "", r#"{"a":1,"a":2}"#).await.1["error"], "INVALID_REQUEST");
    assert!(desk.events(Topic::OrderEvents).await.is_empty());
}

#[tokio::test]
async fn orders_are_listed_by_filter_newest_first_and_only_ones_own() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A"), Payment::success("PY1", "A")]).await;
    desk.platform.context.ambient.advance(std::time::Duration::from_hours(1));
    desk.follow(vec![
        Payment { currency: "EUR".parse().unwrap(), ..Payment::created("PY2", "B") },
        Payment { merchant: OTHER, ..Payment::created("PY3", "C") },
    ])
    .await;
    for (query, expected) in [
        ("", vec!["B", "A"]),
        ("?status=paid", vec!["A"]),
        ("?currency=EUR", vec!["B"]),
        ("?status=paid&currency=EUR", vec![]),
        ("?end_time=2026-01-02T04:00:00Z", vec!["A"]),
        ("?start_time=2026-01-02T04:00:00Z&end_time=2026-01-03T00:00:00Z", vec!["B"]),
        ("?page=2&page_size=1", vec!["A"]),
    ] {
        let (status, body) = get(&desk, query).await;
        let found: Vec<&str> = body["data"]["list"].as_array().unwrap().iter().map(|order| order["order_no"].as_str().unwrap()).collect();
        assert_eq!((status, found), (200, expected), "{query}");
    }
    let bad = ["status=new", "currency=eur", "start_time=today", "page=0", "merchant_id=x", "status=paid&status=paid"];
    for query in bad.iter().copied().chain(["start_time=2026-01-03T00:00:00Z&end_time=2026-01-02T00:00:00Z"]) {
        assert_eq!(get(&desk, &format!("?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_paid_order_is_shipped_then_completed_and_nothing_else() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    for path in ["/A/ship", "/A/complete"] {
        let (status, body) = post(&desk, path).await;
        assert_eq!(
            (status, &body["error"], &body["details"]["status"]),
            (409, &json!("ORDER_STATUS_INVALID"), &json!("pending")),
            "{path}"
        );
    }
    desk.follow(vec![Payment::success("PY1", "A")]).await;
    for path in ["/A/complete", "/A/cancel", "/A/pay"] {
        let (status, body) = post(&desk, path).await;
        assert_eq!((status, &body["details"]["status"]), (409, &json!("paid")), "{path}");
    }
    assert_eq!(post(&desk, "/A/ship").await.1["data"]["status"], "shipped");
    assert_eq!(post(&desk, "/A/ship").await.0, 409, "twice is once too often");
    assert_eq!(post(&desk, "/A/complete").await.1["data"]["status"], "completed");
    assert_eq!(desk.told("A").await, ["order.created", "order.paid", "order.shipped", "order.completed"]);
    assert!(desk.gateway.verbs().is_empty(), "the gateway is not asked about what is settled here");
}

#[tokio::test]
async fn another_merchants_order_does_not_exist() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    for (method, path) in [("GET", "/A"), ("POST", "/A/pay"), ("POST", "/A/cancel"), ("POST", "/A/ship"), ("POST", "/A/complete")] {
        for (key, path) in [("other", path), ("own", &path.replace('A', "none"))] {
            let (status, body) = call(&desk, key, method, path, "").await;
            assert_eq!((status, &body["error"]), (404, &json!("ORDER_NOT_FOUND")), "{key} {path}");
        }
        assert_eq!(call(&desk, "nobody", method, path, "").await.0, 401);
    }
    assert_eq!(get(&desk, "/%FF").await.0, 404);
}

#[tokio::test]
async fn pay_makes_the_payment_of_the_orders_own_figures() {
    let desk = desk().await;
    call(&desk, "own", "POST", "", BODY).await;
    let (status, body) = call(&desk, "own", "POST", "/A/pay", r#"{"return_url":"https://shop.example/done"}"#).await;
    assert_eq!((status, &body["data"]["payment_url"]), (201, &json!("http://pay.example/checkout/PY-new")));
    let calls = desk.gateway.calls.lock().unwrap().clone();
    let expected = json!({
        "merchant_id": MERCHANT, "order_no": "A", "amount": 10_000, "currency": "USD", "channel": "stripe",
        "customer_email": "t@example.com", "return_url": "https://shop.example/done",
    });
    assert_eq!(calls.last(), Some(&("create", expected)));
    for body in [r#"{"amount":1}"#, r#"{"order_no":"B"}"#, "[]", "{"] {
        assert_eq!(call(&desk, "own", "POST", "/A/pay", body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn pay_answers_the_payment_that_is_open_already() {
    let desk = desk().await;
    call(&desk, "own", "POST", "", BODY).await;
    desk.gateway.has("PY1", PaymentStatus::Failed);
    desk.gateway.has("PY2", PaymentStatus::Processing);
    let (status, body) = post(&desk, "/A/pay").await;
    assert_eq!((status, &body["data"]["payment_no"]), (200, &json!("PY2")));
    assert_eq!(desk.gateway.verbs(), ["list"]);
}

#[tokio::test]
async fn pay_loses_a_race_without_an_error() {
    let desk = desk().await;
    call(&desk, "own", "POST", "", BODY).await;
    *desk.gateway.refusal.lock().unwrap() = Some(ApiError::new(ErrorCode::DuplicateOrder, "taken"));
    *desk.gateway.rival.lock().unwrap() = Some(stub_payment("PY7", PaymentStatus::Pending));
    let (status, body) = post(&desk, "/A/pay").await;
    assert_eq!((status, &body["data"]["payment_no"]), (200, &json!("PY7")));
}

#[tokio::test]
async fn the_gateways_refusal_is_the_callers_answer() {
    let desk = desk().await;
    call(&desk, "own", "POST", "", BODY).await;
    *desk.gateway.refusal.lock().unwrap() = Some(ApiError::new(ErrorCode::MerchantFrozen, "frozen"));
    let (status, body) = post(&desk, "/A/pay").await;
    assert_eq!((status, &body["error"]), (403, &json!("MERCHANT_FROZEN")));
    assert_eq!(post(&desk, "/A/pay").await.0, 201, "the next try asks afresh");
}

#[tokio::test]
async fn cancel_closes_the_open_payment_first() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    desk.gateway.has("PY1", PaymentStatus::Pending);
    let (status, body) = post(&desk, "/A/cancel").await;
    assert_eq!((status, &body["data"]["status"]), (200, &json!("cancelled")));
    assert_eq!(desk.gateway.verbs(), ["list", "cancel"]);
    assert_eq!(desk.told("A").await, ["order.created", "order.cancelled"]);
    let (status, body) = post(&desk, "/A/cancel").await;
    assert_eq!((status, &body["details"]["status"]), (409, &json!("cancelled")));
    desk.follow(vec![Payment::success("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await.0, OrderStatus::Cancelled, "money that comes all the same is reviewed");
    assert_eq!(desk.reviews().await.len(), 1);
}

#[tokio::test]
async fn an_order_whose_payment_cannot_be_cancelled_stays() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    desk.gateway.has("PY1", PaymentStatus::Processing);
    let (status, body) = post(&desk, "/A/cancel").await;
    assert_eq!((status, &body["error"]), (409, &json!("PAYMENT_STATUS_INVALID")));
    assert_eq!(desk.stands("A").await.0, OrderStatus::Pending);
}

#[tokio::test]
async fn a_payment_that_has_succeeded_ends_the_matter_before_its_event_comes() {
    let desk = desk().await;
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    desk.gateway.has("PY1", PaymentStatus::Success);
    for path in ["/A/cancel", "/A/pay"] {
        let (status, body) = post(&desk, path).await;
        assert_eq!((status, &body["error"], &body["details"]["payment_status"]), (409, &json!("ORDER_STATUS_INVALID"), &json!("success")));
    }
    assert_eq!(desk.gateway.verbs(), ["list", "list"]);
}

#[tokio::test]
async fn a_change_is_told_with_the_trace_of_its_request() {
    let desk = desk().await;
    let (_, body) = call(&desk, "own", "POST", "", BODY).await;
    let events = desk.events(Topic::OrderEvents).await;
    assert_eq!(json!(events[0].metadata.trace_id), body["trace_id"]);
    let Payload::Order(payload) = &events[0].payload else { panic!("no order payload") };
    assert_eq!((payload.payment_no.as_str(), payload.status), ("", OrderStatus::Pending));
}
