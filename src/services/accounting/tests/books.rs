use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, NumberKind, PaymentStatus, Timestamp};
use crate::event::{Cause, Decoded, Event, EventKind, Extra, NewEvent, Payload, PaymentPayload, Topic, decode};
use crate::services::accounting::consumer::AccountingConsumer;
use crate::services::accounting::facts;
use crate::services::accounting::query::{self, BalanceView};
use crate::services::{Consumer as _, Fact, HandleError, Subject, SubjectEvent};
use crate::store::{Class, StoreError, Tx};
use crate::testing::TestPlatform;

pub(super) const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0x2e42));
pub(super) const OTHER: MerchantId = MerchantId(Uuid::from_u128(0x77));

/// A platform whose only reader is accounting.
pub(super) struct Books {
    pub(super) platform: TestPlatform,
    consumer: Arc<AccountingConsumer>,
}

/// A payment event to come.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) kind: EventKind,
    pub(super) merchant: MerchantId,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) currency: Currency,
    pub(super) order_no: String,
}

impl Payment {
    pub(super) fn success(amount: i64, fee: i64) -> Self {
        Self { kind: EventKind::PaymentSuccess, merchant: MERCHANT, amount, fee, currency: Currency::USD, order_no: "ORD1".to_owned() }
    }
}

impl Books {
    pub(super) fn new() -> Self {
        let platform = TestPlatform::new();
        let consumer = Arc::new(AccountingConsumer::new(platform.context.ambient.clone()));
        Self { platform, consumer }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.platform.context.ambient.now()
    }

    /// Publishes events of payments of their own, and reads them back as the group's loop would.
    pub(super) async fn published(&self, payments: Vec<Payment>) -> Vec<Event> {
        let ambient = self.platform.context.ambient.clone();
        let now = self.now();
        let new: Vec<NewEvent> = payments
            .into_iter()
            .map(|payment| {
                let payment_no = ambient.number(NumberKind::Payment);
                let payload = PaymentPayload {
                    payment_no: payment_no.clone(),
                    merchant_id: payment.merchant,
                    order_no: payment.order_no,
                    amount: payment.amount,
                    currency: payment.currency,
                    channel: "stripe".to_owned(),
                    status: PaymentStatus::Success,
                    customer_email: Email::stored("payer@example.com"),
                    created_at: now,
                    paid_at: Some(now),
                    fee_bps: 200,
                    fee_amount: payment.fee,
                    extra: Extra::new(),
                };
                NewEvent {
                    event_id: ambient.uuid(),
                    kind: payment.kind,
                    topic: payment.kind.topic(),
                    aggregate_id: payment_no,
                    aggregate_version: 1,
                    merchant_id: Some(payment.merchant),
                    key: payment.merchant.to_string(),
                    timestamp: now,
                    cause: Cause { correlation_id: "request-1".to_owned(), ..Cause::default() },
                    producer: "gateway",
                    payload: Payload::Payment(Box::new(payload)),
                }
            })
            .collect();
        let ids: HashMap<Uuid, usize> = new.iter().enumerate().map(|(place, event)| (event.event_id, place)).collect();
        self.write(async move |tx| tx.publish(&new).await).await.unwrap();
        let mut events: Vec<Event> =
            self.events(Topic::PaymentEvents).await.into_iter().filter(|event| ids.contains_key(&event.event_id)).collect();
        events.sort_by_key(|event| ids[&event.event_id]);
        events
    }

    pub(super) async fn apply(&self, events: &[Event]) -> Result<(), HandleError> {
        let (consumer, events) = (Arc::clone(&self.consumer), events.to_vec());
        self.platform.context.store.write(Class::Consumer, async move |tx| consumer.apply(tx, &events).await).await
    }

    pub(super) async fn book(&self, payments: Vec<Payment>) -> Vec<Event> {
        let events = self.published(payments).await;
        self.apply(&events).await.unwrap();
        events
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

    pub(super) async fn balances(&self) -> BTreeMap<String, i64> {
        let all = self.read(async |tx| query::balances(tx).await).await;
        all.into_iter().map(|view: BalanceView| (format!("{}/{}", view.account, view.currency), view.balance)).collect()
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

    pub(super) async fn facts(&self, success: &Event) -> Vec<Fact> {
        let Payload::Payment(payment) = &success.payload else { panic!("no payment") };
        let event = SubjectEvent { event_id: success.event_id, kind: success.kind, at: success.timestamp };
        let subject = Subject {
            payment_no: payment.payment_no.clone(),
            merchant_id: payment.merchant_id,
            order_no: payment.order_no.clone(),
            events: vec![event],
        };
        self.read(async move |tx| facts(tx, &subject).await).await
    }
}
