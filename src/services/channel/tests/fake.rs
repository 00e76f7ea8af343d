use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::domain::PaymentStatus;
use crate::http::Router;
use crate::services::Service;
use crate::services::channel::checkout::Checkout;
use crate::services::channel::client::{GatewayClient, GatewayError, GatewayPayment, IntentNews};
use crate::services::channel::delivery::Delivery;
use crate::services::channel::http::{Site, routes};
use crate::services::channel::page::Pages;
use crate::services::channel::sandbox::Sandbox;
use crate::testing::TestPlatform;

pub(super) const NO: &str = "PY202601020304050000000001";

/// A gateway in memory, that can be made to fail.
#[derive(Default)]
pub(super) struct FakeGateway {
    pub(super) payments: Mutex<HashMap<String, GatewayPayment>>,
    /// Every intent that it was told of, taken or not.
    pub(super) told: Mutex<Vec<String>>,
    /// Every webhook, body and signature, and whether it was taken.
    pub(super) webhooks: Mutex<Vec<(String, String, bool)>>,
    /// Calls that fail before it works again.
    pub(super) failures: Mutex<u32>,
    /// Answers 409 to every intent, known or not.
    pub(super) refuses_intents: Mutex<bool>,
    /// Reads that still show the payment as it was before its intent.
    pub(super) stale_reads: Mutex<u32>,
    pub(super) delivered: Notify,
}

impl FakeGateway {
    pub(super) fn with_payment(edit: impl FnOnce(&mut GatewayPayment)) -> Arc<Self> {
        let mut payment: GatewayPayment = serde_json::from_value(serde_json::json!({
            "payment_no": NO, "merchant_id": "2e42829e-b6aa-4e63-964d-a45a49af106c", "order_no": "ORD-7", "amount": 10000,
            "currency": "USD", "channel": "stripe", "status": "pending", "description": "Two books", "return_url": "https://shop.example/done",
            "customer_email": "test@example.com", "intent_id": null, "created_at": "2026-01-02T03:00:00Z", "expires_at": "2026-01-02T03:30:00Z"
        }))
        .unwrap();
        edit(&mut payment);
        let gateway = Self::default();
        gateway.payments.lock().unwrap().insert(NO.to_owned(), payment);
        Arc::new(gateway)
    }

    pub(super) fn pending() -> Arc<Self> {
        Self::with_payment(|_| {})
    }

    pub(super) fn set_status(&self, status: PaymentStatus) {
        self.payments.lock().unwrap().get_mut(NO).unwrap().status = status;
    }

    pub(super) fn status(&self) -> PaymentStatus {
        self.payments.lock().unwrap()[NO].status
    }

    fn fails(&self) -> Result<(), GatewayError> {
        let mut failures = self.failures.lock().unwrap();
        if *failures == 0 {
            return Ok(());
        }
        *failures -= 1;
        Err(GatewayError::Unreachable("connection refused".to_owned()))
    }

    fn take(&self, payment_no: &str, intent_id: &str) -> IntentNews {
        self.told.lock().unwrap().push(intent_id.to_owned());
        let mut payments = self.payments.lock().unwrap();
        let payment = payments.get_mut(payment_no).unwrap();
        let is_open = matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Processing);
        let fits = payment.intent_id.as_deref().is_none_or(|known| known == intent_id);
        if *self.refuses_intents.lock().unwrap() || !is_open || !fits {
            return IntentNews::Refused;
        }
        payment.status = PaymentStatus::Processing;
        payment.intent_id = Some(intent_id.to_owned());
        IntentNews::Taken
    }
}

impl GatewayClient for FakeGateway {
    fn payment<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<GatewayPayment>, GatewayError>> {
        Box::pin(async move {
            self.fails()?;
            let mut payment = self.payments.lock().unwrap().get(payment_no).cloned();
            let mut stale_reads = self.stale_reads.lock().unwrap();
            if let (Some(payment), 1..) = (&mut payment, *stale_reads) {
                *stale_reads -= 1;
                (payment.status, payment.intent_id) = (PaymentStatus::Pending, None);
            }
            Ok(payment)
        })
    }

    fn store_intent<'a>(
        &'a self,
        payment_no: &'a str,
        intent_id: &'a str,
        _provider: &'a str,
    ) -> BoxFuture<'a, Result<IntentNews, GatewayError>> {
        Box::pin(async move {
            self.fails()?;
            Ok(self.take(payment_no, intent_id))
        })
    }

    fn deliver(&self, body: String, signature: String) -> BoxFuture<'_, Result<(), GatewayError>> {
        Box::pin(async move {
            let outcome = self.fails();
            self.webhooks.lock().unwrap().push((body, signature, outcome.is_ok()));
            self.delivered.notify_one();
            outcome
        })
    }
}

/// The sandbox's checkout over a fake gateway, behind the real edge.
pub(super) struct TestSite {
    pub(super) platform: TestPlatform,
    pub(super) gateway: Arc<FakeGateway>,
    pub(super) announced: Arc<Notify>,
    pub(super) router: Router,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl TestSite {
    pub(super) fn new(gateway: Arc<FakeGateway>) -> Self {
        let platform = TestPlatform::new();
        let context = &platform.context;
        let announced = Arc::new(Notify::new());
        let sandbox = Sandbox::new(context.store.clone(), context.ambient.clone(), Arc::clone(&announced));
        let checkout = Checkout {
            store: context.store.clone(),
            ambient: context.ambient.clone(),
            gateway: Arc::clone(&gateway) as Arc<dyn GatewayClient>,
            provider: Arc::new(sandbox.clone()),
            sandbox: Some(sandbox),
        };
        let router = platform.served(Service::Channel, routes(Site { checkout, pages: Pages::new(None).unwrap() }));
        Self { platform, gateway, announced, router }
    }

    pub(super) fn delivery(&self) -> Delivery {
        Delivery {
            store: self.platform.context.store.clone(),
            ambient: self.platform.context.ambient.clone(),
            gateway: Arc::clone(&self.gateway) as Arc<dyn GatewayClient>,
            secret: self.platform.context.webhook_secrets[0].clone(),
            announced: Arc::clone(&self.announced),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        call(&self.router, Request::get(path).body(axum::body::Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str) -> Answer {
        call(&self.router, Request::post(path).body(axum::body::Body::empty()).unwrap()).await
    }

    pub(super) async fn page(&self) -> Answer {
        self.get(&format!("/checkout/{NO}")).await
    }

    /// The types of the webhooks written so far.
    pub(super) async fn announcements(&self) -> Vec<String> {
        self.texts("SELECT event_type FROM sandbox_webhooks ORDER BY event_type").await
    }

    pub(super) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let read = self.platform.context.store.read(async move |tx| {
            let rows = tx.query(sql, &[]).await?;
            rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, crate::store::StoreError>>()
        });
        read.await.unwrap()
    }
}

pub(super) async fn call(router: &Router, request: Request<axum::body::Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}
