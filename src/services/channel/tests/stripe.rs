use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::Money;
use crate::services::channel::provider::{IntentStatus, NewIntent};
use crate::services::channel::stripe::{STRIPE_VERSION, StripeError, create_request};

use super::fake::NO;
use super::stub::{Mishap, StubStripe, api, with_stripe};

pub(super) fn wanted(minor: i64, currency: &str) -> NewIntent {
    NewIntent {
        payment_no: NO.to_owned(),
        merchant_id: "2e42829e-b6aa-4e63-964d-a45a49af106c".parse().unwrap(),
        order_no: "ORD-7".to_owned(),
        amount: Money::new(minor, currency.parse().unwrap()),
    }
}

fn error(kind: &str, code: &str) -> Value {
    json!({ "error": { "type": kind, "code": code, "message": "not for logs" } })
}

#[test]
fn a_create_is_form_encoded_in_stripes_units() {
    assert_eq!(
        create_request(&wanted(500, "ISK")).unwrap(),
        "amount=50000&currency=isk&automatic_payment_methods%5Benabled%5D=true&metadata%5Bpayment_no%5D=PY202601020304050000000001\
         &metadata%5Border_no%5D=ORD-7&metadata%5Bmerchant_id%5D=2e42829e-b6aa-4e63-964d-a45a49af106c"
    );
    assert!(create_request(&wanted(1_234, "KWD")).is_err());
}

#[tokio::test]
async fn a_create_carries_key_version_and_idempotency_key() {
    let stub = Arc::new(StubStripe::default());
    let request = create_request(&wanted(10_000, "USD")).unwrap();
    let made = with_stripe(&stub, async |api| api.create(NO, request.clone()).await).await.unwrap();
    assert_eq!((made.intent_id.as_str(), made.status), ("pi_0", IntentStatus::RequiresPaymentMethod));
    let calls = stub.calls.lock().unwrap();
    let (call, headers, body) = &calls[0];
    assert_eq!((call.as_str(), body.as_str()), ("POST /v1/payment_intents", request.as_str()));
    for (name, value) in [
        ("authorization", "Bearer sk_test_x"),
        ("stripe-version", STRIPE_VERSION),
        ("idempotency-key", NO),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
}

#[tokio::test]
async fn each_answer_is_a_refusal_a_transient_fault_or_an_unknown_outcome() {
    let refused = |code: &str| StripeError::Refused { code: code.to_owned(), is_replayed: false };
    let unknown = |reason: &str, is_replayed| StripeError::UnknownOutcome { reason: reason.to_owned(), is_replayed };
    let cases = [
        (Mishap::Status(402, error("card_error", "card_declined")), refused("card_declined")),
        (Mishap::Status(400, error("invalid_request_error", "amount_too_small")), refused("amount_too_small")),
        (Mishap::Status(404, error("invalid_request_error", "resource_missing")), refused("resource_missing")),
        (Mishap::Status(422, json!("nonsense")), refused("status 422")),
        (Mishap::Status(409, error("idempotency_error", "idempotency_key_in_use")), unknown("idempotency_key_in_use", false)),
        (Mishap::Status(400, error("idempotency_error", "mismatch")), unknown("mismatch", true)),
        (Mishap::Status(500, error("api_error", "x")), unknown("status 500", false)),
        (Mishap::Replay(500, error("api_error", "x")), unknown("status 500", true)),
        (Mishap::Status(200, json!({ "id": 7 })), unknown("status 200 with a body that cannot be read", false)),
        (Mishap::Status(200, json!({ "id": "pi_1", "status": "new_word" })), unknown("an intent of a form that is not known here", false)),
        (Mishap::Status(401, error("x", "y")), StripeError::Transient("stripe does not accept the API key".to_owned())),
        (Mishap::Status(429, error("x", "rate_limit")), StripeError::Transient("stripe asks for fewer calls".to_owned())),
        (Mishap::Silent, unknown("timed out", false)),
    ];
    let stub = Arc::new(StubStripe::default());
    with_stripe(&stub, async |api| {
        for (mishap, expected) in cases {
            stub.fail("create", &[mishap]);
            assert_eq!(api.create(NO, String::new()).await.unwrap_err(), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failed = api(&format!("http://127.0.0.1:{port}")).create(NO, String::new()).await;
    assert!(matches!(failed, Err(StripeError::Transient(_))), "{failed:?}");
}

#[tokio::test]
async fn a_lost_intent_is_found_on_any_page_and_its_absence_is_certain() {
    let stub = Arc::new(StubStripe::default());
    let at = crate::domain::parse_timestamp("2026-01-02T03:04:05Z").unwrap();
    with_stripe(&stub, async |api| {
        for number in 0..5 {
            api.create(&format!("other-{number}"), String::new()).await.unwrap();
        }
        assert!(api.search(NO, at, at).await.unwrap().is_none());
        api.create(NO, create_request(&wanted(10_000, "USD")).unwrap()).await.unwrap();
        assert_eq!(api.search(NO, at, at).await.unwrap().unwrap().intent_id, "pi_5");
    })
    .await;
    assert_eq!(stub.count("GET /v1/payment_intents"), 6);
}
