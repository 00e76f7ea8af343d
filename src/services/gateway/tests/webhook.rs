use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use serde_json::{Value, json};

use crate::config::{Profile, Secret};
use crate::services::gateway::AllowAll;
use crate::services::gateway::client::{ChannelState, ChannelUnreachable};
use crate::testing::TestPlatform;

use super::{TestGateway, intent_event, payment};

const SUCCEEDED: &str = "payment_intent.succeeded";
const PROCESSING: &str = "payment_intent.processing";
const FAILED: &str = "payment_intent.payment_failed";
const CANCELED: &str = "payment_intent.canceled";

#[tokio::test]
async fn a_success_is_booked_once_however_often_it_comes() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    let event = intent_event("evt_1", SUCCEEDED, "pi_1", &number);
    for _ in 0..5 {
        let answer = gateway.webhook(&event).await;
        assert_eq!((answer.status, &answer.json["data"]["received"]), (200, &json!(true)));
    }
    gateway.until_status(&number, "success").await;
    // The same news under another id.
    gateway.webhook(&intent_event("evt_2", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_applied().await;
    assert_eq!(gateway.events(&number).await, ["1 payment.created", "2 payment.processing", "3 payment.success"]);
    assert_eq!((gateway.count("webhook_in").await, gateway.count("reviews").await), (2, 0));
    assert_eq!(gateway.text("SELECT state || ' ' || payment_no FROM webhook_in WHERE evt_id = 'evt_1'").await, format!("applied {number}"));
    assert_eq!(gateway.text("SELECT state || ': ' || note FROM webhook_in WHERE evt_id = 'evt_2'").await, "ignored: paid already");
    let shown = gateway.get(&format!("/api/v1/payments/{number}")).await;
    assert_eq!((&shown.json["data"]["captured"], shown.data("paid_at")), (&json!(10_000), "2026-01-02T03:04:05.678901Z"));
}

#[tokio::test]
async fn both_addresses_take_webhooks() {
    let gateway = TestGateway::start().await;
    let body = json!({"id": "evt_1", "type": "customer.created", "data": {"object": {}}}).to_string();
    let signature = gateway.signature(body.as_bytes(), "whsec_of_tests", 0);
    let request = Request::post("/api/v1/webhooks/stripe").header("stripe-signature", signature).body(Body::from(body)).unwrap();
    assert_eq!(gateway.send(request).await.status, 200);
    gateway.until_applied().await;
    assert_eq!(gateway.text("SELECT state || ': ' || note FROM webhook_in").await, "ignored: moves no payment");
}

#[tokio::test]
async fn what_is_not_signed_rightly_is_refused_and_not_written() {
    let gateway = TestGateway::start().await;
    let body = intent_event("evt_1", SUCCEEDED, "pi_1", "PY1").to_string().into_bytes();
    let mut altered = body.clone();
    altered[10] ^= 1;
    let good = gateway.signature(&body, "whsec_of_tests", 0);
    let v0 = good.replace("v1=", "v0=");
    let many = format!("{good}{}", ",v1=00".repeat(10_000));
    let cases = [
        (gateway.signature(&body, "whsec_wrong", 0), body.clone()),
        (gateway.signature(&body, "whsec_of_tests", -301), body.clone()),
        (gateway.signature(&body, "whsec_of_tests", 301), body.clone()),
        (good.clone(), altered),
        (v0, body.clone()),
        (many, body.clone()),
        (String::new(), body.clone()),
    ];
    for (index, (signature, body)) in cases.into_iter().enumerate() {
        let answer = gateway.webhook_raw(&signature, body).await;
        // Headers beyond the edge's own limit do not get that far.
        let expected = if index == 5 { (431, "HEADERS_TOO_LARGE") } else { (400, "INVALID_SIGNATURE") };
        assert_eq!((answer.status, answer.error()), expected, "case {index}");
    }
    let twice = Request::post("/webhooks/stripe").header("stripe-signature", &good).header("stripe-signature", &good);
    assert_eq!(gateway.send(twice.body(Body::from(body.clone())).unwrap()).await.error(), "INVALID_SIGNATURE");
    let none = Request::post("/webhooks/stripe").body(Body::from(body)).unwrap();
    assert_eq!(gateway.send(none).await.error(), "INVALID_SIGNATURE");
    for text in ["", "x", "[]", "{}", r#"{"id":"evt_1"}"#, r#"{"id":"","type":"x"}"#, r#"{"id":"a b","type":"x"}"#] {
        let signature = gateway.signature(text.as_bytes(), "whsec_of_tests", 0);
        let answer = gateway.webhook_raw(&signature, text.as_bytes().to_vec()).await;
        assert_eq!((answer.status, answer.error()), (400, "INVALID_REQUEST"), "{text}");
    }
    assert_eq!(gateway.count("webhook_in").await, 0);
}

#[tokio::test]
async fn a_rolled_secret_is_believed_beside_the_new_one() {
    let mut platform = TestPlatform::new();
    platform.context.webhook_secrets = Arc::new(vec![Secret::new("whsec_new"), Secret::new("whsec_old")]);
    let gateway = TestGateway::start_on(platform, Arc::new(AllowAll), true).await;
    for (index, secret) in ["whsec_new", "whsec_old"].iter().enumerate() {
        let body = json!({"id": format!("evt_{index}"), "type": "x.y", "data": {}}).to_string().into_bytes();
        assert_eq!(gateway.webhook_raw(&gateway.signature(&body, secret, 0), body.clone()).await.status, 200);
    }
    assert_eq!(gateway.count("webhook_in").await, 2);
}

#[tokio::test]
async fn notices_in_any_order_end_in_the_same_place() {
    let kinds = [SUCCEEDED, PROCESSING, CANCELED];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    // Stored before anything applies them, so that each set is folded in one batch.
    let platform = TestPlatform::new();
    let stored = TestGateway::start_on(platform, Arc::new(AllowAll), true).await;
    let mut numbers = Vec::new();
    for (round, _) in orders.iter().enumerate() {
        numbers.push(stored.processing(&format!("ORD-{round}"), &format!("pi_{round}")).await);
    }
    let quiet = TestGateway::start_on(stored.platform, Arc::new(AllowAll), false).await;
    for (round, order) in orders.iter().enumerate() {
        for place in order {
            quiet.platform.context.ambient.advance(Duration::from_millis(1));
            let event = intent_event(&format!("evt_{round}_{place}"), kinds[*place], &format!("pi_{round}"), &numbers[round]);
            assert_eq!(quiet.webhook(&event).await.status, 200);
        }
    }
    let gateway = TestGateway::start_on(quiet.platform, Arc::new(AllowAll), true).await;
    gateway.until_applied().await;
    for (number, order) in numbers.iter().zip(orders) {
        gateway.until_status(number, "success").await;
        let cancelled_first = order.iter().position(|place| *place == 2) < order.iter().position(|place| *place == 0);
        let expected: &[&str] = if cancelled_first {
            &["1 payment.created", "2 payment.processing", "3 payment.cancelled", "4 payment.success"]
        } else {
            &["1 payment.created", "2 payment.processing", "3 payment.success"]
        };
        assert_eq!(gateway.events(number).await, expected, "{order:?}");
    }
    assert_eq!(gateway.count("reviews WHERE kind = 'late_success'").await, 3);
}

#[tokio::test]
async fn money_that_is_not_what_was_asked_for_goes_to_review() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    let mut cases: Vec<(&str, Value)> = Vec::new();
    let mut short = intent_event("evt_amount", SUCCEEDED, "pi_1", &number);
    short["data"]["object"]["amount_received"] = json!(9_999);
    cases.push(("amount_mismatch", short));
    let mut euros = intent_event("evt_currency", SUCCEEDED, "pi_1", &number);
    euros["data"]["object"]["currency"] = json!("eur");
    cases.push(("currency_mismatch", euros));
    let mut silent = intent_event("evt_silent", SUCCEEDED, "pi_1", &number);
    silent["data"]["object"].as_object_mut().unwrap().remove("amount_received");
    cases.push(("unreadable", silent));
    for (kind, event) in cases {
        assert_eq!(gateway.webhook(&event).await.status, 200);
        gateway.until_applied().await;
        let evt_id = event["id"].as_str().unwrap();
        assert_eq!(gateway.text(&format!("SELECT state FROM webhook_in WHERE evt_id = '{evt_id}'")).await, "review");
        assert_eq!(gateway.text(&format!("SELECT kind FROM reviews WHERE source_id = '{evt_id}'")).await, kind);
    }
    gateway.until_status(&number, "processing").await;
    assert_eq!(gateway.count("events WHERE topic = 'audit.logs' AND event_type = 'audit.recorded'").await, 2);
    gateway.webhook(&intent_event("evt_right", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_status(&number, "success").await;
}

#[tokio::test]
async fn amounts_come_back_through_stripes_own_table() {
    let gateway = TestGateway::start().await;
    let mut body = payment("ORD-1");
    body["amount"] = json!(500);
    body["currency"] = json!("ISK");
    let number = gateway.create(&body).await.data("payment_no").to_owned();
    gateway.post_intent(&number, "pi_1").await;
    let mut event = intent_event("evt_1", SUCCEEDED, "pi_1", &number);
    event["data"]["object"]["amount_received"] = json!(50_000);
    event["data"]["object"]["currency"] = json!("isk");
    gateway.webhook(&event).await;
    gateway.until_status(&number, "success").await;
}

#[tokio::test]
async fn test_money_is_not_booked_in_production() {
    let mut platform = TestPlatform::new();
    let mut config = (*platform.context.config).clone();
    config.profile = Profile::Production;
    platform.context.config = Arc::new(config);
    let gateway = TestGateway::start_on(platform, Arc::new(AllowAll), true).await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    gateway.webhook(&intent_event("evt_1", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_applied().await;
    assert_eq!(gateway.text("SELECT kind FROM reviews").await, "test_mode");
    let mut live = intent_event("evt_2", SUCCEEDED, "pi_1", &number);
    live["livemode"] = json!(true);
    gateway.webhook(&live).await;
    gateway.until_status(&number, "success").await;
}

#[tokio::test]
async fn a_late_success_is_booked_flagged_and_reviewed() {
    let gateway = TestGateway::start().await;
    let first = gateway.processing("ORD-1", "pi_1").await;
    gateway.cancel(&first).await;
    let second = gateway.pay("ORD-1").await;
    let lonely = gateway.processing("ORD-2", "pi_2").await;
    gateway.cancel(&lonely).await;
    for (index, (number, intent)) in [(&first, "pi_1"), (&lonely, "pi_2")].into_iter().enumerate() {
        gateway.webhook(&intent_event(&format!("evt_{index}"), SUCCEEDED, intent, number)).await;
        gateway.until_status(number, "success").await;
        assert_eq!(gateway.events(number).await.last().unwrap(), "4 payment.success");
        let shown = gateway.get(&format!("/api/v1/payments/{number}")).await;
        assert_eq!(shown.json["data"]["extra"]["late"], true);
        assert_eq!(gateway.text(&format!("SELECT kind FROM reviews WHERE payment_no = '{number}'")).await, "late_success");
    }
    assert_eq!(gateway.count("webhook_in WHERE state = 'applied'").await, 2);
    assert_eq!(gateway.count("events WHERE event_type = 'audit.recorded'").await, 2);
    gateway.until_status(&second, "pending").await;
    let taken: Vec<(String, bool)> = gateway
        .rows("SELECT payment_no, occupies_order FROM payments ORDER BY created_at, payment_no")
        .await
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect();
    for (number, occupies) in taken {
        assert_eq!(occupies, number != first, "only the order that another payment took stays with it");
    }
}

#[tokio::test]
async fn a_second_intent_of_a_paid_payment_goes_to_review() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_1").await;
    gateway.webhook(&intent_event("evt_1", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_status(&number, "success").await;
    gateway.webhook(&intent_event("evt_2", SUCCEEDED, "pi_2", &number)).await;
    gateway.until_applied().await;
    assert_eq!(gateway.text("SELECT kind FROM reviews").await, "second_success");
    assert_eq!(gateway.events(&number).await.len(), 3);
}

#[tokio::test]
async fn a_success_before_the_intent_was_stored_is_found_by_its_number() {
    let gateway = TestGateway::start().await;
    let number = gateway.pay("ORD-1").await;
    gateway.webhook(&intent_event("evt_1", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_status(&number, "success").await;
    assert_eq!(gateway.text("SELECT intent_id FROM payments").await, "pi_1");
    let again = gateway.post_intent(&number, "pi_1").await;
    assert_eq!((again.status, again.data("status")), (200, "success"));
}

#[tokio::test]
async fn an_unknown_payment_is_stored_and_ignored() {
    let gateway = TestGateway::start().await;
    gateway.webhook(&intent_event("evt_1", SUCCEEDED, "pi_1", "PY20260102030405ABCDEFGHJK")).await;
    gateway.until_applied().await;
    assert_eq!(gateway.text("SELECT state || ': ' || note FROM webhook_in").await, "ignored: no payment has this intent");
}

#[tokio::test]
async fn a_decline_closes_the_intent_before_the_payment_fails() {
    let gateway = TestGateway::start().await;
    *gateway.channel.answer.lock().unwrap() = Ok(ChannelState::Closed);
    let number = gateway.processing("ORD-1", "pi_1").await;
    gateway.webhook(&intent_event("evt_1", FAILED, "pi_1", &number)).await;
    gateway.until_status(&number, "failed").await;
    assert_eq!(*gateway.channel.asked.lock().unwrap(), std::slice::from_ref(&number));
    assert_eq!(gateway.events(&number).await, ["1 payment.created", "2 payment.processing", "3 payment.failed"]);
    // The channel tells of closing the intent as well.
    gateway.webhook(&intent_event("evt_2", CANCELED, "pi_1", &number)).await;
    gateway.until_applied().await;
    gateway.until_status(&number, "failed").await;
}

#[tokio::test]
async fn a_decline_after_which_the_payer_paid_is_left_to_that_notice() {
    let gateway = TestGateway::start().await;
    *gateway.channel.answer.lock().unwrap() = Ok(ChannelState::Succeeded);
    let number = gateway.processing("ORD-1", "pi_1").await;
    gateway.webhook(&intent_event("evt_1", FAILED, "pi_1", &number)).await;
    gateway.until_applied().await;
    gateway.until_status(&number, "processing").await;
    gateway.webhook(&intent_event("evt_2", SUCCEEDED, "pi_1", &number)).await;
    gateway.until_status(&number, "success").await;
    assert_eq!(gateway.count("reviews").await, 0);
}

#[tokio::test]
async fn a_decline_of_an_older_intent_closes_nothing() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_new").await;
    gateway.webhook(&intent_event("evt_1", FAILED, "pi_old", &number)).await;
    gateway.until_applied().await;
    gateway.until_status(&number, "processing").await;
    assert!(gateway.channel.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_older_intent_that_was_closed_cancels_nothing() {
    let gateway = TestGateway::start().await;
    let number = gateway.processing("ORD-1", "pi_new").await;
    gateway.webhook(&intent_event("evt_1", CANCELED, "pi_old", &number)).await;
    gateway.until_applied().await;
    assert_eq!(gateway.events(&number).await.len(), 2);
    assert_eq!(gateway.text("SELECT state FROM webhook_in").await, "ignored");
}

#[tokio::test]
async fn a_decline_waits_for_the_channel_and_nothing_waits_behind_it() {
    let gateway = TestGateway::start().await;
    *gateway.channel.answer.lock().unwrap() = Err(ChannelUnreachable("refused".to_owned()));
    let declined = gateway.processing("ORD-1", "pi_1").await;
    let paid = gateway.processing("ORD-2", "pi_2").await;
    gateway.webhook(&intent_event("evt_1", FAILED, "pi_1", &declined)).await;
    gateway.until("SELECT 1 FROM webhook_in WHERE evt_id = 'evt_1' AND attempts = 1 AND due_at > received_at").await;
    gateway.webhook(&intent_event("evt_2", SUCCEEDED, "pi_2", &paid)).await;
    gateway.until_status(&paid, "success").await;
    gateway.until_status(&declined, "processing").await;
    *gateway.channel.answer.lock().unwrap() = Ok(ChannelState::Closed);
    gateway.platform.context.ambient.advance(Duration::from_secs(1));
    gateway.until_status(&declined, "failed").await;
}

#[tokio::test]
async fn a_webhook_that_cannot_be_applied_is_set_aside_and_the_others_go_on() {
    let platform = TestPlatform::new();
    let gateway = TestGateway::start_on(platform, Arc::new(AllowAll), true).await;
    let mut numbers = Vec::new();
    for index in 0..9 {
        numbers.push(gateway.processing(&format!("ORD-{index}"), &format!("pi_{index}")).await);
    }
    // A version that the log has already: whatever publishes it next is refused by the database.
    let seen = format!(
        "INSERT INTO events (event_id, aggregate_type, aggregate_id, aggregate_version, event_type, topic, partition, key, headers, value, created_at) \
         SELECT '00000000-0000-4000-8000-000000000001', 'payment', '{}', 3, 'x', 'payment.events', 0, '', '', value, created_at FROM events LIMIT 1",
        numbers[4]
    );
    gateway.execute(&seen).await;
    let quiet = TestGateway::start_on(gateway.platform, Arc::new(AllowAll), false).await;
    for (index, number) in numbers.iter().enumerate() {
        quiet.webhook(&intent_event(&format!("evt_{index}"), SUCCEEDED, &format!("pi_{index}"), number)).await;
    }
    let gateway = TestGateway::start_on(quiet.platform, Arc::new(AllowAll), true).await;
    gateway.until_applied().await;
    for (index, number) in numbers.iter().enumerate() {
        gateway.until_status(number, if index == 4 { "processing" } else { "success" }).await;
    }
    assert_eq!(gateway.text("SELECT evt_id FROM webhook_in WHERE state = 'review'").await, "evt_4");
    assert_eq!(
        gateway.text("SELECT kind || ' ' || source_id || ' ' || payment_no FROM reviews").await,
        format!("failed evt_4 {}", numbers[4])
    );
}

#[tokio::test]
async fn what_was_received_before_a_restart_is_applied_after_it() {
    let quiet = TestGateway::start_on(TestPlatform::new(), Arc::new(AllowAll), true).await;
    let number = quiet.processing("ORD-1", "pi_1").await;
    let quiet = TestGateway::start_on(quiet.platform, Arc::new(AllowAll), false).await;
    quiet.webhook(&intent_event("evt_1", SUCCEEDED, "pi_1", &number)).await;
    assert_eq!(quiet.text("SELECT state FROM webhook_in").await, "received");
    let gateway = TestGateway::start_on(quiet.platform, Arc::new(AllowAll), true).await;
    gateway.until_status(&number, "success").await;
}
