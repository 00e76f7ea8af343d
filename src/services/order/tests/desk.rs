use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use crate::config::Ambient;
use crate::domain::{Currency, Email, MerchantId, OrderStatus, PaymentStatus};
use crate::event::{Cause, Decoded, Event, EventKind, Extra, NewEvent, Payload, PaymentPayload, Topic, decode};
use crate::http::{ApiError, ErrorCode};
use crate::services::order::client::{GatewayClient, GatewayPayment, OnBehalf};
use crate::services::order::consumer::OrderConsumer;
use crate::services::order::orders::{Orders, find_one};
use crate::services::order::query::OrderView;
use crate::services::{Consumer as _, HandleError};
use crate::store::{Class, StoreError, Tx};
use crate::testing::TestPlatform;

pub(super) const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0x2e42));
pub(super) const OTHER: MerchantId = MerchantId(Uuid::from_u128(0x77));

/// A platform whose only reader is order, with a gateway that does as it is told.
pub(super) struct Desk {
    pub(super) platform: TestPlatform,
    pub(super) gateway: Arc<StubGateway>,
    consumer: Arc<OrderConsumer>,
}

/// A payment event to come.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) kind: EventKind,
    pub(super) number: String,
    pub(super) order_no: String,
    pub(super) merchant: MerchantId,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) late: bool,
}

impl Payment {
    pub(super) fn new(kind: EventKind, payment_no: &str, order_no: &str) -> Self {
        let (number, order_no) = (payment_no.to_owned(), order_no.to_owned());
        Self { kind, number, order_no, merchant: MERCHANT, amount: 10_000, currency: Currency::USD, late: false }
    }

    pub(super) fn created(payment_no: &str, order_no: &str) -> Self {
        Self::new(EventKind::PaymentCreated, payment_no, order_no)
    }

    pub(super) fn success(payment_no: &str, order_no: &str) -> Self {
        Self::new(EventKind::PaymentSuccess, payment_no, order_no)
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let platform = TestPlatform::new();
        let consumer = Arc::new(OrderConsumer::new(platform.context.ambient.clone()));
        Self { platform, gateway: Arc::default(), consumer }
    }

    pub(super) fn orders(&self) -> Arc<Orders> {
        let gateway = Arc::clone(&self.gateway) as Arc<dyn GatewayClient>;
        Arc::new(Orders { store: self.platform.context.store.clone(), ambient: self.platform.context.ambient.clone(), gateway })
    }

    /// Publishes events, and reads them back as the group's loop would.
    pub(super) async fn published(&self, payments: Vec<Payment>) -> Vec<Event> {
        let ambient = self.platform.context.ambient.clone();
        let before = self.events(Topic::PaymentEvents).await;
        let mut versions: HashMap<String, i64> = HashMap::new();
        for event in before {
            versions.insert(event.aggregate_id, event.metadata.aggregate_version);
        }
        let mut new = Vec::new();
        for payment in payments {
            let version = versions.entry(payment.number.clone()).or_default();
            *version += 1;
            new.push(new_event(payment, *version, &ambient));
        }
        let places: HashMap<Uuid, usize> = new.iter().enumerate().map(|(place, event)| (event.event_id, place)).collect();
        self.write(async move |tx| tx.publish(&new).await).await.unwrap();
        let events = self.events(Topic::PaymentEvents).await;
        let mut events: Vec<Event> = events.into_iter().filter(|event| places.contains_key(&event.event_id)).collect();
        events.sort_by_key(|event| places[&event.event_id]);
        events
    }

    pub(super) async fn apply(&self, events: &[Event]) -> Result<(), HandleError> {
        let (consumer, events) = (Arc::clone(&self.consumer), events.to_vec());
        self.platform.context.store.write(Class::Consumer, async move |tx| consumer.apply(tx, &events).await).await
    }

    pub(super) async fn follow(&self, payments: Vec<Payment>) -> Vec<Event> {
        let events = self.published(payments).await;
        self.apply(&events).await.unwrap();
        events
    }

    pub(super) async fn order(&self, merchant: MerchantId, order_no: &str) -> Option<OrderView> {
        let order_no = order_no.to_owned();
        self.read(async move |tx| find_one(tx, merchant, &order_no).await).await
    }

    /// Status, version and payment of an order of [`MERCHANT`].
    pub(super) async fn stands(&self, order_no: &str) -> (OrderStatus, i64, String) {
        let order = self.order(MERCHANT, order_no).await.expect("the order exists");
        (order.status, order.version, order.payment_no)
    }

    /// What was published of an order of [`MERCHANT`], in order.
    pub(super) async fn told(&self, order_no: &str) -> Vec<&'static str> {
        let aggregate = format!("{MERCHANT}/{order_no}");
        let events = self.events(Topic::OrderEvents).await;
        let own: Vec<Event> = events.into_iter().filter(|event| event.aggregate_id == aggregate).collect();
        let versions: Vec<i64> = own.iter().map(|event| event.metadata.aggregate_version).collect();
        assert_eq!(versions, (1..).take(own.len()).collect::<Vec<i64>>(), "versions count from 1 without a gap");
        own.iter().map(|event| event.kind.as_str()).collect()
    }

    /// Kinds of the reviews, by payment.
    pub(super) async fn reviews(&self) -> Vec<(String, String)> {
        let rows = self.read(async |tx| tx.query("SELECT payment_no, kind FROM order_reviews ORDER BY payment_no, kind", &[]).await).await;
        rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect()
    }

    /// Everything on a topic, partition by partition.
    pub(super) async fn events(&self, topic: Topic) -> Vec<Event> {
        let records = self
            .read(async move |tx| {
                let mut records = Vec::new();
                for at in topic.all_partitions() {
                    records.extend(tx.read_partition(at, 0, 100_000).await?);
                }
                Ok(records)
            })
            .await;
        let event = |record| match decode(record).unwrap() {
            Decoded::Event(event) => *event,
            Decoded::UnknownType(envelope) => panic!("{}", envelope.event_type),
        };
        records.iter().map(event).collect()
    }

    pub(super) async fn read<T: Send + 'static>(&self, work: impl AsyncFn(&mut Tx) -> Result<T, StoreError> + Send + 'static) -> T {
        self.platform.context.store.read(work).await.unwrap()
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl AsyncFn(&mut Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.platform.context.store.write(Class::Background, work).await
    }
}

fn new_event(payment: Payment, version: i64, ambient: &Ambient) -> NewEvent {
    let mut extra = Extra::new();
    if payment.late {
        extra.insert("late".to_owned(), Value::Bool(true));
    }
    let now = ambient.now();
    NewEvent {
        event_id: ambient.uuid(),
        kind: payment.kind,
        topic: payment.kind.topic(),
        aggregate_id: payment.number.clone(),
        aggregate_version: version,
        merchant_id: Some(payment.merchant),
        key: payment.merchant.to_string(),
        timestamp: now,
        cause: Cause {
            correlation_id: payment.number.clone(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            ..Cause::default()
        },
        producer: "gateway",
        payload: Payload::Payment(Box::new(PaymentPayload {
            payment_no: payment.number,
            merchant_id: payment.merchant,
            order_no: payment.order_no,
            amount: payment.amount,
            currency: payment.currency,
            channel: "stripe".to_owned(),
            status: PaymentStatus::Pending,
            customer_email: Email::stored("payer@example.com"),
            created_at: now,
            paid_at: (payment.kind == EventKind::PaymentSuccess).then_some(now),
            fee_bps: 200,
            fee_amount: payment.amount / 50,
            extra,
        })),
    }
}

/// A gateway in memory.
#[derive(Default)]
pub(super) struct StubGateway {
    pub(super) payments: Mutex<Vec<GatewayPayment>>,
    /// What was asked of it: verb and what followed.
    pub(super) calls: Mutex<Vec<(&'static str, Value)>>,
    /// Its answer to the next create.
    pub(super) refusal: Mutex<Option<ApiError>>,
    /// A payment that appears while the next create is refused: another request was faster.
    pub(super) rival: Mutex<Option<GatewayPayment>>,
}

impl StubGateway {
    pub(super) fn has(&self, payment_no: &str, status: PaymentStatus) {
        self.payments.lock().unwrap().insert(0, stub_payment(payment_no, status));
    }

    pub(super) fn verbs(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().iter().map(|(verb, _)| *verb).collect()
    }

    fn called(&self, verb: &'static str, caller: &OnBehalf, what: Value) {
        assert_eq!(caller.api_key.expose(), "own", "the caller's own key goes along");
        self.calls.lock().unwrap().push((verb, what));
    }
}

pub(super) fn stub_payment(payment_no: &str, status: PaymentStatus) -> GatewayPayment {
    GatewayPayment { payment_no: payment_no.to_owned(), status, payment_url: format!("http://pay.example/checkout/{payment_no}") }
}

impl GatewayClient for StubGateway {
    fn payments_of<'a>(&'a self, caller: &'a OnBehalf, order_no: &'a str) -> BoxFuture<'a, Result<Vec<GatewayPayment>, ApiError>> {
        self.called("list", caller, order_no.into());
        let payments = self.payments.lock().unwrap().clone();
        Box::pin(async move { Ok(payments) })
    }

    fn create<'a>(&'a self, caller: &'a OnBehalf, body: &'a Value) -> BoxFuture<'a, Result<GatewayPayment, ApiError>> {
        self.called("create", caller, body.clone());
        let refusal = self.refusal.lock().unwrap().take();
        self.payments.lock().unwrap().extend(self.rival.lock().unwrap().take());
        let made = refusal.map_or_else(|| Ok(stub_payment("PY-new", PaymentStatus::Pending)), Err);
        Box::pin(async move { made })
    }

    fn cancel<'a>(&'a self, caller: &'a OnBehalf, payment_no: &'a str) -> BoxFuture<'a, Result<GatewayPayment, ApiError>> {
        self.called("cancel", caller, payment_no.into());
        let refused = self.payments.lock().unwrap().iter().any(|payment| payment.status == PaymentStatus::Processing);
        let answer = if refused {
            Err(ApiError::new(ErrorCode::PaymentStatusInvalid, "the payer is about to pay").with("status", "processing"))
        } else {
            Ok(stub_payment(payment_no, PaymentStatus::Cancelled))
        };
        Box::pin(async move { answer })
    }
}
