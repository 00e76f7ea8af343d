use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use serde_json::{Value, json};

use crate::services::gateway::client::{ChannelState, ChannelUnreachable, HttpChannel};
use crate::services::gateway::{ChannelClient as _, default_keys_present, seed_development};
use crate::store::{StoreError, Tx};
use crate::testing::TestPlatform;

use super::{MERCHANT, OTHER_KEY, TestGateway, intent_event, payment};

#[tokio::test]
async fn a_payment_is_seen_by_its_merchant_only() {
    let gateway = TestGateway::start().await;
    let number = gateway.pay("ORD-1").await;
    assert_eq!(gateway.get(&format!("/api/v1/payments/{number}")).await.data("payment_no"), number);
    for (path, key) in
        [(format!("/api/v1/payments/{number}"), OTHER_KEY), ("/api/v1/payments/PY20260102030405ABCDEFGHJK".to_owned(), OTHER_KEY)]
    {
        let request = Request::get(&path).header("x-api-key", key).body(Body::empty()).unwrap();
        let answer = gateway.send(request).await;
        assert_eq!((answer.status, answer.error()), (404, "PAYMENT_NOT_FOUND"), "{path}");
    }
    let request = Request::post(format!("/api/v1/payments/{number}/cancel")).header("x-api-key", OTHER_KEY);
    assert_eq!(gateway.send(request.body(Body::empty()).unwrap()).await.error(), "PAYMENT_NOT_FOUND");
    assert!(gateway.channel.asked.lock().unwrap().is_empty());
    let garbage = gateway.get("/api/v1/payments/%FF%00").await;
    assert_eq!((garbage.status, garbage.error()), (404, "PAYMENT_NOT_FOUND"));
}

#[tokio::test]
async fn cancelling_closes_the_channel_first() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    *gateway.channel.answer.lock().unwrap() = Ok(ChannelState::Closed);
    let answer = gateway.cancel(&number).await;
    assert_eq!((answer.status, answer.data("status")), (200, "cancelled"), "{}", answer.json);
    assert_eq!(*gateway.channel.asked.lock().unwrap(), std::slice::from_ref(&number));
    assert_eq!(gateway.events(&number).await, ["1 payment.created", "2 payment.processing", "3 payment.cancelled"]);
    let again = gateway.cancel(&number).await;
    assert_eq!((again.status, again.error()), (409, "PAYMENT_STATUS_INVALID"));
    assert_eq!(again.json["details"]["status"], "cancelled");
}

#[tokio::test]
async fn a_payment_that_the_channel_is_at_is_not_cancelled() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    for state in [ChannelState::Processing, ChannelState::Succeeded] {
        *gateway.channel.answer.lock().unwrap() = Ok(state);
        let answer = gateway.cancel(&number).await;
        assert_eq!((answer.status, answer.error()), (409, "PAYMENT_STATUS_INVALID"));
        assert_eq!(answer.json["details"], json!({"status": "processing", "channel_state": state.as_str()}));
    }
    *gateway.channel.answer.lock().unwrap() = Err(ChannelUnreachable("refused".to_owned()));
    let answer = gateway.cancel(&number).await;
    assert_eq!((answer.status, answer.error()), (503, "OVERLOADED"));
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(gateway.events(&number).await.len(), 2);
}

#[tokio::test]
async fn an_intent_is_stored_once_and_only_in_time() {
    let gateway = TestGateway::start().await;
    let number = gateway.pay("ORD-1").await;
    let answer = gateway.post_intent(&number, "pi_1").await;
    assert_eq!((answer.status, answer.data("status"), answer.data("intent_id")), (200, "processing", "pi_1"));
    assert_eq!(gateway.post_intent(&number, "pi_1").await.status, 200, "the same intent again is no news");
    assert_eq!(gateway.events(&number).await, ["1 payment.created", "2 payment.processing"]);
    let other = gateway.post_intent(&number, "pi_2").await;
    assert_eq!((other.status, other.error(), &other.json["details"]["status"]), (409, "PAYMENT_STATUS_INVALID", &json!("processing")));

    let second = gateway.pay("ORD-2").await;
    let taken = gateway.post_intent(&second, "pi_1").await;
    assert_eq!((taken.status, taken.error()), (409, "CONFLICT"));
    assert_eq!(gateway.post_intent(&second, "").await.error(), "INVALID_REQUEST");
    assert_eq!(gateway.post_intent("PY20260102030405ABCDEFGHJK", "pi_3").await.error(), "PAYMENT_NOT_FOUND");
    gateway.platform.context.ambient.advance(Duration::from_mins(30));
    let late = gateway.post_intent(&second, "pi_3").await;
    assert_eq!((late.status, late.error()), (409, "PAYMENT_STATUS_INVALID"));
}

#[tokio::test]
async fn internal_routes_need_the_internal_token() {
    let gateway = TestGateway::start().await;
    let number = gateway.pay("ORD-1").await;
    for token in [None, Some("wrong"), Some("")] {
        let mut request = Request::get(format!("/internal/payments/{number}")).header("x-api-key", super::KEY);
        if let Some(token) = token {
            request = request.header("x-internal-token", token);
        }
        let answer = gateway.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.error()), (401, "UNAUTHORIZED"), "{token:?}");
    }
    let request = Request::get(format!("/internal/payments/{number}")).header("x-internal-token", "internal-token-of-tests");
    let answer = gateway.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.data("merchant_id"), answer.data("status")), (200, MERCHANT, "pending"));
    assert_eq!((&answer.json["data"]["amount"], &answer.json["data"]["intent_id"]), (&json!(10_000), &Value::Null));
}

#[tokio::test]
async fn only_payments_that_nobody_began_to_pay_expire() {
    let gateway = TestGateway::start().await;
    let waiting = gateway.pay("ORD-1").await;
    let begun = gateway.processing("ORD-2", "pi_2").await;
    gateway.platform.context.ambient.advance(Duration::from_mins(31));
    let fresh = gateway.pay("ORD-3").await;
    // A clock that stands still wakes nobody, so the worker is started anew.
    let gateway = TestGateway::start_on(gateway.platform, Arc::new(crate::services::gateway::AllowAll), true).await;
    gateway.until_status(&waiting, "expired").await;
    assert_eq!(gateway.events(&waiting).await, ["1 payment.created", "2 payment.expired"]);
    gateway.until_status(&begun, "processing").await;
    gateway.until_status(&fresh, "pending").await;
    assert_eq!(gateway.pay("ORD-1").await.len(), fresh.len(), "the order is free again");
}

#[tokio::test]
async fn expired_payments_are_found_after_a_restart() {
    let platform = TestPlatform::new();
    let gateway = TestGateway::start_on(platform, Arc::new(crate::services::gateway::AllowAll), true).await;
    let numbers: Vec<String> = {
        let mut numbers = Vec::new();
        for index in 0..5 {
            numbers.push(gateway.pay(&format!("ORD-{index}")).await);
        }
        numbers
    };
    gateway.platform.context.ambient.advance(Duration::from_hours(1));
    let gateway = TestGateway::start_on(gateway.platform, Arc::new(crate::services::gateway::AllowAll), true).await;
    for number in numbers {
        gateway.until_status(&number, "expired").await;
    }
}

#[tokio::test]
async fn a_cancelled_payment_lets_no_webhook_move_it_back() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    gateway.cancel(&number).await;
    for (index, kind) in ["payment_intent.processing", "payment_intent.canceled", "payment_intent.payment_failed"].iter().enumerate() {
        assert_eq!(gateway.webhook(&intent_event(&format!("evt_{index}"), kind, "pi_1", &number)).await.status, 200);
    }
    gateway.until_applied().await;
    assert_eq!(gateway.count("webhook_in WHERE state = 'ignored'").await, 3);
    assert_eq!(gateway.events(&number).await.len(), 3);
    assert_eq!(gateway.channel.asked.lock().unwrap().len(), 1, "a decline of a finished payment asks nobody");
}

#[tokio::test]
async fn seeding_twice_changes_nothing_and_its_keys_are_recognised() {
    let platform = TestPlatform::new();
    let present = async |platform: &TestPlatform| {
        let read = platform.context.store.read(async |tx: &mut Tx| default_keys_present(tx).await).await;
        let present: Result<bool, StoreError> = read;
        present.unwrap()
    };
    assert!(!present(&platform).await);
    for fee_bps in [200, 300] {
        let seeded: Result<(), StoreError> = platform
            .context
            .store
            .write(crate::store::Class::Background, async move |tx: &mut Tx| seed_development(tx, fee_bps).await)
            .await;
        seeded.unwrap();
    }
    assert!(present(&platform).await);
    let gateway = TestGateway::start_on(platform, Arc::new(crate::services::gateway::AllowAll), true).await;
    assert_eq!(gateway.create(&payment("ORD-1")).await.json["data"]["fee_bps"], 200);
}

#[tokio::test]
async fn a_channel_that_nobody_serves_is_unreachable() {
    let channel = HttpChannel::new("http://127.0.0.1:9".to_owned(), crate::config::Secret::new("secret-token"));
    let error = channel.cancel("PY20260102030405ABCDEFGHJK").await.unwrap_err();
    assert!(!error.to_string().contains("secret-token"), "{error}");
}
