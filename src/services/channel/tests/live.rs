use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use serde_json::{Value, json};

use crate::domain::PaymentStatus;
use crate::http::Router;
use crate::services::Service;
use crate::services::channel::checkout::Checkout;
use crate::services::channel::client::GatewayClient;
use crate::services::channel::http::{Site, routes};
use crate::services::channel::live::Live;
use crate::services::channel::page::Pages;
use crate::services::channel::provider::{Closing, IntentStatus, Provider as _, ProviderError};
use crate::services::channel::store;
use crate::services::channel::stripe::StripeApi;
use crate::store::Class;
use crate::testing::TestPlatform;

use super::fake::{Answer, FakeGateway, NO, call};
use super::stripe::wanted;
use super::stub::{Mishap, StubStripe, with_stripe};

const CREATE: &str = "POST /v1/payment_intents";
const LIST: &str = "GET /v1/payment_intents";
const CANCEL: &str = "POST /v1/payment_intents/pi_0/cancel";

/// A platform with Stripe's stub behind it.
async fn with_live<T>(stub: &Arc<StubStripe>, test: impl AsyncFnOnce(&TestPlatform, Live) -> T) -> T {
    let platform = TestPlatform::new();
    with_stripe(stub, async |api| test(&platform, Live::new(platform.context.store.clone(), api)).await).await
}

fn server_error() -> Value {
    json!({ "error": { "type": "api_error" } })
}

#[tokio::test]
async fn a_create_that_timed_out_after_it_succeeded_is_sent_again_and_charges_once() {
    let stub = Arc::new(StubStripe::default());
    stub.fail("create", &[Mishap::Silent]);
    with_live(&stub, async |platform, live| {
        let lost = live.create(&wanted(10_000, "USD")).await;
        assert!(matches!(lost, Err(ProviderError::UnknownOutcome(_))), "{lost:?}");
        assert!(live.retrieve(NO).await.unwrap().is_none());
        // Not at once: a page that refreshes itself must not hammer.
        assert!(matches!(live.create(&wanted(10_000, "USD")).await, Err(ProviderError::InProgress)));
        platform.context.ambient.advance(Duration::from_secs(5));
        // Whatever is asked for now, Stripe is sent what it was sent before.
        assert_eq!(live.create(&wanted(20_000, "EUR")).await.unwrap().intent_id, "pi_0");
    })
    .await;
    assert_eq!((stub.count(CREATE), stub.intents.lock().unwrap().len()), (2, 1));
    let calls = stub.calls.lock().unwrap();
    assert_eq!((&calls[0].1["idempotency-key"], &calls[0].2), (&calls[1].1["idempotency-key"], &calls[1].2));
}

#[tokio::test]
async fn after_23_hours_a_lost_create_is_only_looked_for() {
    let stub = Arc::new(StubStripe::default());
    stub.fail("create", &[Mishap::Silent]);
    with_live(&stub, async |platform, live| {
        live.create(&wanted(10_000, "USD")).await.unwrap_err();
        platform.context.ambient.advance(Duration::from_hours(23));
        assert_eq!(live.create(&wanted(10_000, "USD")).await.unwrap().intent_id, "pi_0");
    })
    .await;
    assert_eq!((stub.count(CREATE), stub.count(LIST)), (1, 1));
}

#[tokio::test]
async fn an_error_that_stripe_repeats_is_never_asked_for_again() {
    let stub = Arc::new(StubStripe::default());
    stub.fail("create", &[Mishap::Status(500, server_error()), Mishap::Replay(500, server_error())]);
    with_live(&stub, async |platform, live| {
        for _ in 0..4 {
            live.create(&wanted(10_000, "USD")).await.unwrap_err();
            platform.context.ambient.advance(Duration::from_secs(5));
        }
        // Nothing was ever made, so closing finds nothing to close.
        let write = platform.context.store.write(Class::Ingress, async |tx| store::close(tx, NO).await);
        write.await.unwrap();
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::None);
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::None);
    })
    .await;
    assert_eq!((stub.count(CREATE), stub.count(LIST)), (2, 3));
}

#[tokio::test]
async fn a_refused_or_unsent_create_leaves_nothing_behind() {
    let stub = Arc::new(StubStripe::default());
    let declined = json!({ "error": { "type": "invalid_request_error", "code": "amount_too_small" } });
    stub.fail("create", &[Mishap::Status(400, declined), Mishap::Status(429, json!({}))]);
    with_live(&stub, async |_, live| {
        let refused = live.create(&wanted(1, "USD")).await;
        assert!(matches!(&refused, Err(ProviderError::Refused(code)) if code == "amount_too_small"), "{refused:?}");
        assert!(matches!(live.create(&wanted(1, "USD")).await, Err(ProviderError::Unavailable(_))));
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::None);
        assert_eq!(live.create(&wanted(1, "USD")).await.unwrap().intent_id, "pi_0");
    })
    .await;
}

#[tokio::test]
async fn two_callers_at_once_send_one_create() {
    let stub = Arc::new(StubStripe::default());
    with_live(&stub, async |_, live| {
        let wanted = wanted(10_000, "USD");
        let made = futures_util::future::join_all((0..6).map(|_| live.create(&wanted))).await;
        assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(ProviderError::InProgress))));
        assert!(made.iter().any(Result::is_ok));
    })
    .await;
    assert_eq!(stub.count(CREATE), 1);
}

#[tokio::test]
async fn closing_a_lost_create_finds_out_what_was_made_and_closes_it() {
    let stub = Arc::new(StubStripe::default());
    stub.fail("create", &[Mishap::Silent]);
    with_live(&stub, async |platform, live| {
        live.create(&wanted(10_000, "USD")).await.unwrap_err();
        platform.context.ambient.advance(Duration::from_secs(5));
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::Closed("pi_0".to_owned()));
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::Closed("pi_0".to_owned()));
    })
    .await;
    assert_eq!((stub.intents.lock().unwrap().len(), stub.count(CANCEL)), (1, 1));
    let calls = stub.calls.lock().unwrap();
    let (_, headers, _) = calls.iter().find(|(call, ..)| call == CANCEL).unwrap();
    assert_eq!(headers["idempotency-key"], format!("{NO}:cancel"));
}

#[tokio::test]
async fn what_is_being_paid_or_was_paid_is_not_closed() {
    for (status, expected) in [("succeeded", Closing::Succeeded("pi_0".to_owned())), ("processing", Closing::Processing("pi_0".to_owned()))]
    {
        let stub = Arc::new(StubStripe::default());
        with_live(&stub, async |_, live| {
            live.create(&wanted(10_000, "USD")).await.unwrap();
            stub.set_status(0, status);
            assert_eq!(live.cancel(NO).await.unwrap(), expected);
        })
        .await;
    }
}

#[tokio::test]
async fn an_intent_whose_money_came_back_can_still_be_closed() {
    let stub = Arc::new(StubStripe::default());
    with_live(&stub, async |_, live| {
        live.create(&wanted(10_000, "USD")).await.unwrap();
        stub.set_status(0, "processing");
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::Processing("pi_0".to_owned()));
        stub.set_status(0, "requires_payment_method");
        // Stripe repeats its first answer to the same key, so the next try goes without one.
        let unexpected = json!({ "error": { "type": "invalid_request_error", "code": "payment_intent_unexpected_state" } });
        stub.fail("cancel", &[Mishap::Replay(400, unexpected)]);
        assert_eq!(live.cancel(NO).await.unwrap(), Closing::Closed("pi_0".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_page_is_told_how_the_intent_stands_now() {
    let stub = Arc::new(StubStripe::default());
    with_live(&stub, async |_, live| {
        live.create(&wanted(10_000, "USD")).await.unwrap();
        stub.set_status(0, "succeeded");
        assert_eq!(live.retrieve(NO).await.unwrap().unwrap().status, IntentStatus::Succeeded);
        // A word that never changes again is not asked for twice.
        live.retrieve(NO).await.unwrap();
    })
    .await;
    assert_eq!(stub.count("GET /v1/payment_intents/pi_0"), 1);
}

fn live_router(platform: &TestPlatform, gateway: &Arc<FakeGateway>, api: StripeApi) -> Router {
    let context = &platform.context;
    let checkout = Checkout {
        store: context.store.clone(),
        ambient: context.ambient.clone(),
        gateway: Arc::clone(gateway) as Arc<dyn GatewayClient>,
        provider: Arc::new(Live::new(context.store.clone(), api)),
        sandbox: None,
    };
    platform.served(Service::Channel, routes(Site { checkout, pages: Pages::new(Some("pk_test_x".to_owned())).unwrap() }))
}

async fn get(router: &Router, path: &str) -> Answer {
    call(router, Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn with_a_real_key_the_page_mounts_stripes_own_form() {
    let (stub, gateway, platform) = (Arc::new(StubStripe::default()), FakeGateway::pending(), TestPlatform::new());
    with_stripe(&stub, async |api| {
        let router = live_router(&platform, &gateway, api);
        let page = get(&router, &format!("/checkout/{NO}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("data-client-secret=\"pi_0_secret_x\"") && page.body.contains("data-publishable-key=\"pk_test_x\""));
        assert!(page.body.contains("https://js.stripe.com/v3/") && !page.body.contains("/pay\""));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self' https://js.stripe.com") && !policy.contains("unsafe"), "{policy}");
        let script = get(&router, "/checkout/element.js").await;
        assert!(script.status == 200 && script.body.contains("confirmPayment"));
        let pay = call(&router, Request::post(format!("/checkout/{NO}/pay")).body(Body::empty()).unwrap()).await;
        assert_eq!(pay.status, 404);
        // Back from Stripe, before the webhook has come.
        stub.set_status(0, "succeeded");
        let page = get(&router, &format!("/checkout/{NO}?redirect_status=succeeded")).await;
        assert!(page.body.contains("Processing") && !page.body.contains("secret_x"));
        gateway.set_status(PaymentStatus::Success);
        assert!(get(&router, &format!("/checkout/{NO}")).await.body.contains("Paid"));
    })
    .await;
}

#[tokio::test]
async fn while_stripe_owes_an_answer_the_page_waits() {
    let (stub, gateway, platform) = (Arc::new(StubStripe::default()), FakeGateway::pending(), TestPlatform::new());
    stub.fail("create", &[Mishap::Silent]);
    with_stripe(&stub, async |api| {
        let router = live_router(&platform, &gateway, api);
        let page = get(&router, &format!("/checkout/{NO}")).await;
        assert!(page.status == 200 && page.body.contains("http-equiv=\"refresh\""));
        assert_eq!(gateway.status(), PaymentStatus::Pending);
        platform.context.ambient.advance(Duration::from_secs(5));
        assert!(get(&router, &format!("/checkout/{NO}")).await.body.contains("data-client-secret"));
        assert_eq!(*gateway.told.lock().unwrap(), ["pi_0"]);
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_stripe_refuses_says_so() {
    let (stub, gateway, platform) = (Arc::new(StubStripe::default()), FakeGateway::pending(), TestPlatform::new());
    stub.fail("create", &[Mishap::Status(400, json!({ "error": { "code": "amount_too_small" } }))]);
    with_stripe(&stub, async |api| {
        let page = get(&live_router(&platform, &gateway, api), &format!("/checkout/{NO}")).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("This payment cannot be taken"));
    })
    .await;
}
