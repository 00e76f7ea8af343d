use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::fake::{FakeGateway, NO, TestSite};

/// Runs the worker until `done`, or fails after some seconds.
async fn deliver_until(site: &TestSite, done: impl AsyncFn() -> bool) {
    let stop = CancellationToken::new();
    let worker = site.delivery().run(stop.clone());
    let watch = async {
        while !done().await {
            let _ = tokio::time::timeout(Duration::from_millis(20), site.gateway.delivered.notified()).await;
        }
        stop.cancel();
    };
    tokio::time::timeout(Duration::from_secs(10), async { tokio::join!(worker, watch) }).await.expect("not delivered");
}

async fn none_waits(site: &TestSite) -> bool {
    site.texts("SELECT evt_id FROM sandbox_webhooks WHERE state = 'waiting'").await.is_empty()
}

fn only_webhook(gateway: &FakeGateway) -> (Value, String, String) {
    let webhooks = gateway.webhooks.lock().unwrap();
    let [(body, signature, true)] = webhooks.as_slice() else { panic!("{webhooks:?}") };
    (serde_json::from_str(body).unwrap(), body.clone(), signature.clone())
}

#[tokio::test]
async fn a_payment_is_told_as_stripe_would_tell_it() {
    let site = TestSite::new(FakeGateway::with_payment(|payment| {
        (payment.amount, payment.currency) = (500, "ISK".parse().unwrap());
    }));
    site.post(&format!("/checkout/{NO}/pay")).await;
    deliver_until(&site, async || none_waits(&site).await).await;
    let (event, body, signature) = only_webhook(&site.gateway);
    assert!(event["id"].as_str().unwrap().starts_with("evt_"));
    assert_eq!(
        (&event["object"], &event["type"], &event["livemode"]),
        (&"event".into(), &"payment_intent.succeeded".into(), &false.into())
    );
    let intent = &event["data"]["object"];
    // Stripe counts hundredths of a króna.
    assert_eq!((&intent["amount"], &intent["amount_received"], &intent["currency"]), (&50_000.into(), &50_000.into(), &"isk".into()));
    assert_eq!((&intent["id"], &intent["status"]), (&format!("pi_{NO}").into(), &"succeeded".into()));
    assert_eq!(intent["metadata"]["payment_no"], NO);
    assert_eq!(intent["metadata"]["order_no"], "ORD-7");
    assert_eq!(intent["metadata"]["merchant_id"], "2e42829e-b6aa-4e63-964d-a45a49af106c");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_of_tests").unwrap();
    mac.update(format!("1767323045.{body}").as_bytes());
    assert_eq!(signature, format!("t=1767323045,v1={}", hex::encode(mac.finalize().into_bytes())));
}

#[tokio::test]
async fn a_decline_says_why_and_moves_nothing() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/decline")).await;
    deliver_until(&site, async || none_waits(&site).await).await;
    let (event, ..) = only_webhook(&site.gateway);
    let intent = &event["data"]["object"];
    assert_eq!(event["type"], "payment_intent.payment_failed");
    assert_eq!((&intent["status"], &intent["amount_received"]), (&"requires_payment_method".into(), &0.into()));
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
}

#[tokio::test]
async fn a_webhook_is_tried_until_the_gateway_takes_it_and_signed_anew_each_time() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/pay")).await;
    *site.gateway.failures.lock().unwrap() = 3;
    deliver_until(&site, async || {
        // The clock of tests stands still; the worker is woken as by a new webhook.
        site.platform.context.ambient.advance(Duration::from_mins(1));
        site.announced.notify_one();
        none_waits(&site).await
    })
    .await;
    let webhooks = site.gateway.webhooks.lock().unwrap();
    assert_eq!(webhooks.iter().map(|(.., taken)| *taken).collect::<Vec<_>>(), [false, false, false, true]);
    assert!(webhooks.iter().all(|(body, ..)| *body == webhooks[0].0));
    assert_ne!(webhooks[0].1, webhooks[3].1);
}

#[tokio::test]
async fn a_refused_webhook_waits_before_it_is_tried_again() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/pay")).await;
    *site.gateway.failures.lock().unwrap() = 1;
    let tried = async || site.texts("SELECT evt_id FROM sandbox_webhooks WHERE attempts = 1").await.len() == 1;
    deliver_until(&site, tried).await;
    assert_eq!(site.texts("SELECT state FROM sandbox_webhooks WHERE next_attempt_at > created_at").await, ["waiting"]);
}

#[tokio::test]
async fn a_worker_that_starts_finds_what_was_left_and_sends_each_once() {
    const MANY: usize = 300;
    let gateway = FakeGateway::pending();
    let site = &TestSite::new(Arc::clone(&gateway));
    let numbers: Vec<String> = (0..MANY).map(|index| format!("PY20260102030405{index:010}")).collect();
    for number in &numbers {
        let mut payment = gateway.payments.lock().unwrap()[NO].clone();
        payment.payment_no.clone_from(number);
        gateway.payments.lock().unwrap().insert(number.clone(), payment);
    }
    futures_util::future::join_all(numbers.iter().map(|number| async move { site.post(&format!("/checkout/{number}/pay")).await })).await;
    deliver_until(site, async || none_waits(site).await).await;
    let webhooks = gateway.webhooks.lock().unwrap();
    let unique: std::collections::HashSet<&String> = webhooks.iter().map(|(body, ..)| body).collect();
    assert_eq!((webhooks.len(), unique.len()), (MANY, MANY));
}
