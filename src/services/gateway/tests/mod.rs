//! The service as its neighbours meet it: over its routes, with its workers running and a channel that does as it is told.

mod create;
mod idempotent;
mod lifecycle;
mod listing;
mod races;
mod webhook;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

use crate::domain::MerchantId;
use crate::event::sha256_hex;
use crate::http::Router;
use crate::services::Service;
use crate::store::{ApiKey, Class, Row, StoreError, Tx};
use crate::testing::TestPlatform;

use super::assembly::build_with;
use super::client::{ChannelClient, ChannelState, ChannelUnreachable};
use super::risk::{AllowAll, RiskCheck};

pub(super) const MERCHANT: &str = "2e42829e-b6aa-4e63-964d-a45a49af106c";
pub(super) const OTHER_MERCHANT: &str = "11111111-2222-4333-8444-555555555555";
pub(super) const KEY: &str = "test-api-key-123";
pub(super) const OTHER_KEY: &str = "key-of-the-other-merchant";

/// A channel that answers what the test says, and remembers what it was asked.
pub(super) struct StubChannel {
    pub(super) answer: Mutex<Result<ChannelState, ChannelUnreachable>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl ChannelClient for StubChannel {
    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<ChannelState, ChannelUnreachable>> {
        self.asked.lock().unwrap().push(payment_no.to_owned());
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(std::future::ready(answer))
    }
}

/// The service, running.
pub(super) struct TestGateway {
    pub(super) platform: TestPlatform,
    pub(super) channel: Arc<StubChannel>,
    router: Router,
    _stop: DropGuard,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn error(&self) -> &str {
        self.json["error"].as_str().unwrap_or("no error")
    }

    pub(super) fn data(&self, name: &str) -> &str {
        self.json["data"][name].as_str().unwrap_or_default()
    }
}

impl TestGateway {
    pub(super) async fn start() -> Self {
        Self::start_on(TestPlatform::new(), Arc::new(AllowAll), true).await
    }

    pub(super) async fn start_with(risk: Arc<dyn RiskCheck>) -> Self {
        Self::start_on(TestPlatform::new(), risk, true).await
    }

    #[expect(clippy::disallowed_methods, reason = "in tests the runtime is the supervisor")]
    pub(super) async fn start_on(platform: TestPlatform, risk: Arc<dyn RiskCheck>, with_workers: bool) -> Self {
        platform
            .context
            .store
            .write(Class::Background, async |tx: &mut Tx| {
                super::seed_development(tx, 200).await?;
                let other = ApiKey { key_id: "other".to_owned(), merchant_id: merchant(OTHER_MERCHANT) };
                tx.add_api_key(&other, &sha256_hex(OTHER_KEY.as_bytes()), "other").await?;
                let now = tx.now();
                tx.execute(
                    "INSERT INTO gateway_merchants VALUES ($1, 'Other', 'other@example.com', 'active', 100, $2) ON CONFLICT DO NOTHING",
                    &[OTHER_MERCHANT.into(), now.into()],
                )
                .await
            })
            .await
            .unwrap();
        let channel = Arc::new(StubChannel { answer: Mutex::new(Ok(ChannelState::None)), asked: Mutex::default() });
        let as_client: Arc<dyn ChannelClient> = Arc::clone(&channel) as _;
        let running = build_with(&platform.context, &as_client, risk);
        let stop = CancellationToken::new();
        for worker in running.workers {
            // What comes in is stored all the same.
            if with_workers || worker.name == "gateway-arrivals" {
                tokio::spawn((worker.run)(stop.clone()));
            }
        }
        let router = platform.served(Service::Gateway, running.routes);
        Self { platform, channel, router, _stop: stop.drop_guard() }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes, json }
    }

    /// POSTs a create as the development merchant.
    pub(super) async fn create(&self, body: &Value) -> Answer {
        self.send(create_request(body.to_string(), None)).await
    }

    pub(super) async fn create_keyed(&self, body: &Value, key: &str) -> Answer {
        self.send(create_request(body.to_string(), Some(key))).await
    }

    /// A new payment for `order_no`; its number.
    pub(super) async fn pay(&self, order_no: &str) -> String {
        let answer = self.create(&payment(order_no)).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.data("payment_no").to_owned()
    }

    /// A new payment with an intent at the channel; its number.
    pub(super) async fn processing(&self, order_no: &str, intent_id: &str) -> String {
        let payment_no = self.pay(order_no).await;
        let answer = self.post_intent(&payment_no, intent_id).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        payment_no
    }

    pub(super) async fn post_intent(&self, payment_no: &str, intent_id: &str) -> Answer {
        let body = json!({"intent_id": intent_id, "provider": "sandbox"}).to_string();
        let request = Request::post(format!("/internal/payments/{payment_no}/intent"))
            .header("x-internal-token", "internal-token-of-tests")
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("x-api-key", KEY).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn cancel(&self, payment_no: &str) -> Answer {
        let request = Request::post(format!("/api/v1/payments/{payment_no}/cancel")).header("x-api-key", KEY);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// POSTs a webhook, signed now with the platform's secret.
    pub(super) async fn webhook(&self, event: &Value) -> Answer {
        let body = event.to_string();
        let signature = self.signature(body.as_bytes(), "whsec_of_tests", 0);
        self.webhook_raw(&signature, body.into_bytes()).await
    }

    pub(super) fn signature(&self, body: &[u8], secret: &str, offset_s: i64) -> String {
        let time = self.platform.context.ambient.now().timestamp() + offset_s;
        let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let mac = mac.chain_update(time.to_string()).chain_update(b".").chain_update(body);
        format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    pub(super) async fn webhook_raw(&self, signature: &str, body: Vec<u8>) -> Answer {
        let request = Request::post("/webhooks/stripe").header("stripe-signature", signature);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Waits until the payment stands so; fails the test when it does not within some seconds.
    pub(super) async fn until_status(&self, payment_no: &str, status: &str) {
        self.until(&format!("SELECT 1 FROM payments WHERE payment_no = '{payment_no}' AND status = '{status}'")).await;
    }

    /// Waits until every webhook has been applied.
    pub(super) async fn until_applied(&self) {
        self.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM webhook_in WHERE state = 'received')").await;
    }

    /// Waits until the query finds something.
    pub(super) async fn until(&self, sql: &str) {
        for _ in 0..1_000 {
            if !self.rows(sql).await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("never came true: {sql}");
    }

    pub(super) async fn rows(&self, sql: &str) -> Vec<Row> {
        let sql = sql.to_owned();
        self.platform.context.store.read(async move |tx: &mut Tx| tx.query(&sql, &[]).await).await.unwrap()
    }

    pub(super) async fn execute(&self, sql: &str) {
        let sql = sql.to_owned();
        let done: Result<u64, StoreError> =
            self.platform.context.store.write(Class::Background, async move |tx: &mut Tx| tx.execute(&sql, &[]).await).await;
        done.unwrap();
    }

    pub(super) async fn count(&self, sql: &str) -> i64 {
        self.rows(&format!("SELECT count(*) FROM {sql}")).await[0].get(0).unwrap()
    }

    /// The one text that the query finds.
    pub(super) async fn text(&self, sql: &str) -> String {
        let rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].get::<Option<String>>(0).unwrap().unwrap_or_default()
    }

    /// The payment's events, oldest first, as `version type`.
    pub(super) async fn events(&self, payment_no: &str) -> Vec<String> {
        let rows = self
            .rows(&format!("SELECT aggregate_version || ' ' || event_type FROM events WHERE aggregate_id = '{payment_no}' ORDER BY seq"))
            .await;
        rows.iter().map(|row| row.get(0).unwrap()).collect()
    }
}

pub(super) fn merchant(id: &str) -> MerchantId {
    id.parse().unwrap()
}

/// A sound create of 100.00 USD.
pub(super) fn payment(order_no: &str) -> Value {
    json!({
        "merchant_id": MERCHANT,
        "amount": 10_000,
        "currency": "USD",
        "channel": "stripe",
        "customer_email": "test@example.com",
        "order_no": order_no,
    })
}

pub(super) fn create_request(body: impl Into<Body>, key: Option<&str>) -> Request<Body> {
    let mut request = Request::post("/api/v1/payments").header("x-api-key", KEY).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.body(body.into()).unwrap()
}

/// A Stripe event about an intent, with 100.00 USD received.
pub(super) fn intent_event(evt_id: &str, event_type: &str, intent_id: &str, payment_no: &str) -> Value {
    json!({
        "id": evt_id,
        "object": "event",
        "type": event_type,
        "livemode": false,
        "created": 1_767_323_045,
        "data": {"object": {
            "id": intent_id,
            "object": "payment_intent",
            "amount": 10_000,
            "amount_received": 10_000,
            "currency": "usd",
            "metadata": {"payment_no": payment_no},
        }},
    })
}
