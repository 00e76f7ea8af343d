use axum::body::Body;
use hyper::Request;
use serde_json::{Value, json};

use crate::config::Profile;
use crate::domain::PaymentStatus;
use crate::services::channel::{build, facts, store};
use crate::services::{FactState, Service, Subject};
use crate::store::Class;
use crate::testing::TestPlatform;

use super::fake::{Answer, FakeGateway, NO, TestSite, call};

async fn internal(site: &TestSite, request: hyper::http::request::Builder, body: Option<Value>) -> Answer {
    let request = request.header("x-internal-token", "internal-token-of-tests").header("content-type", "application/json");
    call(&site.router, request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

async fn close(site: &TestSite) -> Value {
    let answer = internal(site, Request::post(format!("/api/v1/channel/payments/{NO}/cancel")), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    data(&answer)
}

fn data(answer: &Answer) -> Value {
    serde_json::from_str::<Value>(&answer.body).unwrap()["data"].clone()
}

#[tokio::test]
async fn the_internal_routes_want_the_internal_token() {
    let site = TestSite::new(FakeGateway::pending());
    let base = format!("/api/v1/channel/payments/{NO}");
    for request in [Request::get(base.clone()), Request::post(format!("{base}/cancel")), Request::post("/api/v1/channel/payments")] {
        let request = request.header("x-internal-token", "wrong").body(Body::empty()).unwrap();
        assert_eq!(call(&site.router, request).await.status, 401);
    }
    assert!(site.texts("SELECT payment_no FROM channel_closed").await.is_empty());
}

#[tokio::test]
async fn a_caller_can_make_the_intent_as_the_page_would() {
    let site = TestSite::new(FakeGateway::pending());
    let answer = internal(&site, Request::post("/api/v1/channel/payments"), Some(json!({ "payment_no": NO }))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        data(&answer),
        json!({ "payment_no": NO, "provider": "sandbox", "intent_id": format!("pi_{NO}"), "intent_status": "requires_payment_method" })
    );
    site.gateway.set_status(PaymentStatus::Success);
    let answer = internal(&site, Request::post("/api/v1/channel/payments"), Some(json!({ "payment_no": NO }))).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("PAYMENT_STATUS_INVALID"));
}

#[tokio::test]
async fn a_closed_page_never_gets_an_intent() {
    let site = TestSite::new(FakeGateway::pending());
    for _ in 0..2 {
        assert_eq!(close(&site).await, json!({ "payment_no": NO, "state": "none", "intent_id": null }));
    }
    let page = site.page().await;
    assert!(page.body.contains("Processing") && !page.body.contains("/pay"));
    site.post(&format!("/checkout/{NO}/pay")).await;
    assert!(site.texts("SELECT intent_id FROM channel_intents").await.is_empty());
    assert!(site.gateway.told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn closing_cancels_the_intent_once_and_says_so_every_time() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    for _ in 0..2 {
        assert_eq!(close(&site).await, json!({ "payment_no": NO, "state": "closed", "intent_id": format!("pi_{NO}") }));
    }
    assert_eq!(site.announcements().await, ["payment_intent.canceled"]);
    site.post(&format!("/checkout/{NO}/pay")).await;
    assert_eq!(site.announcements().await, ["payment_intent.canceled"]);
}

#[tokio::test]
async fn closing_after_the_money_moved_says_succeeded() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/pay")).await;
    assert_eq!(close(&site).await["state"], "succeeded");
    assert_eq!(site.announcements().await, ["payment_intent.succeeded"]);
}

#[tokio::test]
async fn a_declined_intent_can_be_closed_by_the_gateway() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    site.post(&format!("/checkout/{NO}/decline")).await;
    assert_eq!(close(&site).await["state"], "closed");
    assert_eq!(site.announcements().await, ["payment_intent.canceled", "payment_intent.payment_failed"]);
}

/// As if whoever closed the page had looked for an intent just before this one was committed.
async fn close_only_the_page(site: &TestSite) {
    let write = site.platform.context.store.write(Class::Ingress, async move |tx| store::close(tx, NO).await);
    write.await.unwrap();
}

#[tokio::test]
async fn an_intent_made_while_the_page_closed_takes_no_money() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    close_only_the_page(&site).await;
    site.post(&format!("/checkout/{NO}/pay")).await;
    assert!(site.announcements().await.is_empty());
}

#[tokio::test]
async fn an_intent_made_while_the_page_closed_is_closed_before_the_gateway_hears_of_it() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    close_only_the_page(&site).await;
    *site.gateway.stale_reads.lock().unwrap() = 1;
    let page = site.page().await;
    assert!(page.body.contains("Processing") && !page.body.contains("/pay"));
    assert_eq!(site.gateway.told.lock().unwrap().len(), 1);
    assert_eq!(site.announcements().await, ["payment_intent.canceled"]);
}

#[tokio::test]
async fn the_intents_of_a_payment_can_be_read() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    let read = data(&internal(&site, Request::get(format!("/api/v1/channel/payments/{NO}")), None).await);
    assert_eq!((&read["closed"], &read["intents"][0]["status"]), (&json!(false), &json!("requires_payment_method")));
    assert_eq!(read["intents"][0]["intent_id"], format!("pi_{NO}"));
}

#[tokio::test]
async fn a_trace_tells_of_the_intent_and_misses_the_webhook_until_it_is_delivered() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/pay")).await;
    let subject = Subject {
        payment_no: NO.to_owned(),
        merchant_id: site.gateway.payments.lock().unwrap()[NO].merchant_id,
        order_no: "ORD-7".to_owned(),
        events: Vec::new(),
    };
    let store = &site.platform.context.store;
    let told = store.read(async move |tx| facts(tx, &subject).await).await.unwrap();
    let told: Vec<_> = told.iter().map(|fact| (fact.what.as_str(), fact.state)).collect();
    let made = format!("intent pi_{NO} made");
    assert_eq!(told, [(made.as_str(), FactState::Done), ("webhook payment_intent.succeeded not delivered", FactState::Missing)]);
}

#[tokio::test]
async fn production_without_a_key_is_unready_and_answers_503() {
    let platform = TestPlatform::new();
    let mut context = platform.context.clone();
    let mut config = (*context.config).clone();
    config.profile = Profile::Production;
    context.config = std::sync::Arc::new(config);
    let running = build(&context);
    let fault = (running.dependencies)().into_iter().find(|dependency| !dependency.optional).unwrap();
    assert_eq!(fault.fault.as_deref(), Some("STRIPE_API_KEY is not set"));
    let router = platform.served(Service::Channel, running.routes);
    let page = call(&router, Request::get(format!("/checkout/{NO}")).body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("Temporarily unavailable"));
    let answer = call(&router, Request::post("/api/v1/channel/payments").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("OVERLOADED"));
}
