use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use serde_json::json;

use crate::services::gateway::retention;

use super::{MERCHANT, OTHER_KEY, OTHER_MERCHANT, TestGateway, create_request, payment};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_byte_for_byte() {
    let gateway = TestGateway::start().await;
    let first = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    assert_eq!(first.status, 201);
    assert!(!first.headers.contains_key("idempotent-replayed"));
    gateway.platform.context.ambient.advance(Duration::from_mins(1));
    for _ in 0..3 {
        let again = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
        assert_eq!((again.status, &again.bytes), (201, &first.bytes));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(again.headers["content-type"], "application/json");
    }
    assert_eq!((gateway.count("payments").await, gateway.count("events").await, gateway.count("idempotency").await), (1, 1, 1));
}

#[tokio::test]
async fn a_key_used_for_another_request_is_refused() {
    let gateway = TestGateway::start().await;
    gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    let answer = gateway.create_keyed(&payment("ORD-2"), "key-1").await;
    assert_eq!((answer.status, answer.error()), (422, "IDEMPOTENCY_MISMATCH"));
    let spaced = gateway.send(create_request(format!(" {}", payment("ORD-1")), Some("key-1"))).await;
    assert_eq!(spaced.status, 422, "the body is compared as it was sent");
    assert_eq!(gateway.count("payments").await, 1);
}

#[tokio::test]
async fn keys_belong_to_their_merchant() {
    let gateway = TestGateway::start().await;
    let ours = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    let mut body = payment("ORD-1");
    body["merchant_id"] = json!(OTHER_MERCHANT);
    let request = Request::post("/api/v1/payments")
        .header("x-api-key", OTHER_KEY)
        .header("content-type", "application/json")
        .header("idempotency-key", "key-1");
    let theirs = gateway.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(theirs.status, 201, "{}", theirs.json);
    assert_ne!(ours.data("payment_no"), theirs.data("payment_no"));
}

#[tokio::test]
async fn two_hundred_parallel_requests_with_one_key_make_one_payment() {
    let gateway = TestGateway::start().await;
    let body = payment("ORD-1");
    let answers = futures_util::future::join_all((0..200).map(|_| gateway.create_keyed(&body, "key-1"))).await;
    let first: Vec<_> = answers.iter().filter(|a| a.status == 201 && !a.headers.contains_key("idempotent-replayed")).collect();
    assert_eq!(first.len(), 1);
    for answer in &answers {
        assert!(answer.status == 201 && answer.bytes == first[0].bytes || answer.error() == "CONFLICT", "{}", answer.json);
    }
    assert_eq!((gateway.count("payments").await, gateway.count("events").await), (1, 1));
    let later = gateway.create_keyed(&body, "key-1").await;
    assert_eq!(later.bytes, first[0].bytes);
    assert_eq!(gateway.create_keyed(&payment("ORD-2"), "key-1").await.status, 422);
}

#[tokio::test]
async fn business_refusals_are_remembered_and_others_are_not() {
    let gateway = TestGateway::start().await;
    let standing = gateway.pay("ORD-1").await;
    let duplicate = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    assert_eq!(duplicate.error(), "DUPLICATE_ORDER");
    assert_eq!(gateway.cancel(&standing).await.status, 200);
    let again = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    assert_eq!((again.status, &again.bytes), (409, &duplicate.bytes), "the order is free now, but the key has its answer");
    assert_eq!(again.headers["idempotent-replayed"], "true");

    let mut foreign = payment("ORD-2");
    foreign["merchant_id"] = json!(OTHER_MERCHANT);
    let refused = gateway.create_keyed(&foreign, "key-2").await;
    assert_eq!(refused.error(), "FORBIDDEN");
    assert_eq!(gateway.create_keyed(&foreign, "key-2").await.bytes, refused.bytes);

    let mut bad = payment("ORD-3");
    bad["amount"] = json!(0);
    assert_eq!(gateway.create_keyed(&bad, "key-3").await.status, 400);
    assert_eq!(gateway.create_keyed(&payment("ORD-3"), "key-3").await.status, 201, "a refused body does not use up the key");
}

#[tokio::test]
async fn bad_keys_are_refused() {
    let gateway = TestGateway::start().await;
    for key in [String::new(), "k".repeat(256), "tab\there".to_owned()] {
        let answer = gateway.create_keyed(&payment("ORD-1"), &key).await;
        assert_eq!((answer.status, answer.error()), (400, "INVALID_REQUEST"), "{key}");
    }
    assert_eq!(gateway.create_keyed(&payment("ORD-1"), &"k".repeat(255)).await.status, 201);
}

#[tokio::test]
async fn new_requests_are_taken_in_beside_repeated_ones_and_orders_that_are_taken() {
    let gateway = TestGateway::start().await;
    let first = gateway.create_keyed(&payment("ORD-0"), "key-0").await;
    let request = |of: usize| match of % 3 {
        0 => (payment(&format!("ORD-{}", of + 1)), format!("key-{}", of + 1)),
        1 => (payment("ORD-0"), "key-0".to_owned()),
        _ => (payment("ORD-0"), format!("key-{}", of + 1)),
    };
    let requests: Vec<_> = (0..90).map(request).collect();
    let answers = futures_util::future::join_all(requests.iter().map(|(body, key)| gateway.create_keyed(body, key))).await;
    for (of, answer) in answers.iter().enumerate() {
        match of % 3 {
            0 => assert_eq!((answer.status, answer.headers.contains_key("idempotent-replayed")), (201, false), "{}", answer.json),
            // Of repetitions at the same time all but one may be told to wait.
            1 if answer.status == 409 => assert_eq!(answer.error(), "CONFLICT"),
            1 => assert_eq!((answer.status, &answer.bytes), (201, &first.bytes)),
            _ => assert_eq!((answer.status, answer.error()), (409, "DUPLICATE_ORDER"), "{}", answer.json),
        }
    }
    assert_eq!((gateway.count("payments").await, gateway.count("events").await, gateway.count("idempotency").await), (31, 31, 61));
}

#[tokio::test]
async fn a_key_older_than_thirty_days_counts_no_more() {
    let gateway = TestGateway::start().await;
    let first = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    gateway.platform.context.ambient.advance(DAY * 29);
    assert_eq!(gateway.create_keyed(&payment("ORD-1"), "key-1").await.bytes, first.bytes);
    gateway.platform.context.ambient.advance(DAY * 2);
    let other = gateway.create_keyed(&payment("ORD-2"), "key-1").await;
    assert_eq!(other.status, 201, "{}", other.json);
    assert!(!other.headers.contains_key("idempotent-replayed"));
    assert_eq!(gateway.create_keyed(&payment("ORD-2"), "key-1").await.bytes, other.bytes);
    assert_eq!(gateway.count("idempotency").await, 1);
}

#[tokio::test]
async fn old_keys_and_finished_webhooks_are_deleted() {
    let gateway = TestGateway::start().await;
    let store = gateway.platform.context.store.clone();
    gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    gateway.webhook(&json!({"id": "evt_1", "type": "customer.created", "data": {}})).await;
    gateway.until_applied().await;
    gateway.platform.context.ambient.advance(DAY * 20);
    gateway.create_keyed(&payment("ORD-2"), "key-2").await;
    gateway.platform.context.ambient.advance(DAY * 11);
    assert_eq!(retention::purge(&store).await.unwrap(), 1);
    assert_eq!(gateway.text("SELECT key FROM idempotency").await, "key-2");
    gateway.platform.context.ambient.advance(DAY * 60);
    assert_eq!(retention::purge(&store).await.unwrap(), 2);
    assert_eq!(gateway.count("idempotency").await + gateway.count("webhook_in").await, 0);
    assert_eq!(gateway.count(&format!("payments WHERE merchant_id = '{MERCHANT}'")).await, 2);
}
