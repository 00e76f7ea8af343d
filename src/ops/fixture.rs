//! A healthy platform as its services leave it behind, for planting faults into.

use serde_json::json;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, NumberKind, OrderStatus, PaymentStatus};
use crate::event::{
    AccountingExtra, AccountingPayload, Cause, EntryType, EventKind, Extra, LedgerEntry, NewEvent, NotificationPayload, OrderPayload,
    Payload, PaymentPayload, Topic, order_aggregate_id,
};
use crate::services::Service;
use crate::store::{Class, StoreError, Tx};
use crate::testing::TestPlatform;

use super::Reader;

pub(super) const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0x2e42_829e_b6aa_4e63_964d_a45a_49af_106c));
pub(super) const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const AMOUNT: i64 = 10_000;
const FEE: i64 = 200;

/// A platform with no process around it.
pub(super) struct Fixture {
    platform: TestPlatform,
    pub(super) reader: Reader,
}

/// A payment that went all the way.
#[derive(Debug, Clone)]
pub(super) struct Paid {
    pub(super) payment_no: String,
    pub(super) order_no: String,
    pub(super) created: Uuid,
    pub(super) success: Uuid,
    pub(super) transaction_id: String,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let platform = TestPlatform::new();
        let reader = Reader::embedded(platform.context.store.clone(), platform.context.ambient.clone());
        Self { platform, reader }
    }

    /// The fixture's clock.
    pub(super) fn now(&self) -> crate::domain::Timestamp {
        self.platform.context.ambient.now()
    }

    /// Moves the clock on.
    pub(super) fn wait(&self, millis: u64) {
        self.platform.context.ambient.advance(std::time::Duration::from_millis(millis));
    }

    /// Runs one statement; the tables' own guards are taken away by `unguarded`.
    pub(super) async fn run(&self, sql: impl Into<String>) {
        let sql = sql.into();
        let store = &self.platform.context.store;
        store.write(Class::Background, async move |tx| tx.execute(&sql, &[]).await.map(drop)).await.unwrap();
    }

    /// Takes away the triggers that keep events and transfers as they are.
    pub(super) async fn unguarded(&self) {
        for sql in TestPlatform::without_guards() {
            self.run(*sql).await;
        }
    }

    pub(super) async fn publish(&self, events: Vec<NewEvent>) {
        let store = &self.platform.context.store;
        store.write(Class::Background, async move |tx| tx.publish(&events).await).await.unwrap();
    }

    fn event(&self, kind: EventKind, aggregate_id: &str, version: i64, producer: &'static str, payload: Payload) -> NewEvent {
        NewEvent {
            event_id: self.platform.context.ambient.uuid(),
            kind,
            topic: kind.topic(),
            aggregate_id: aggregate_id.to_owned(),
            aggregate_version: version,
            merchant_id: Some(MERCHANT),
            key: MERCHANT.to_string(),
            timestamp: self.platform.context.ambient.now(),
            cause: Cause { trace_id: TRACE_ID.to_owned(), ..Cause::default() },
            producer,
            payload,
        }
    }

    pub(super) fn payment_event(&self, kind: EventKind, payment_no: &str, order_no: &str, version: i64) -> NewEvent {
        let status = match kind {
            EventKind::PaymentCreated => PaymentStatus::Pending,
            other => PaymentStatus::parse(other.as_str().trim_start_matches("payment.")).unwrap(),
        };
        let now = self.platform.context.ambient.now();
        let payload = PaymentPayload {
            payment_no: payment_no.to_owned(),
            merchant_id: MERCHANT,
            order_no: order_no.to_owned(),
            amount: AMOUNT,
            currency: Currency::USD,
            channel: "stripe".to_owned(),
            status,
            customer_email: Email::stored("test@example.com"),
            created_at: now,
            paid_at: (status == PaymentStatus::Success).then_some(now),
            fee_bps: 200,
            fee_amount: FEE,
            extra: Extra::new(),
        };
        self.event(kind, payment_no, version, "gateway", Payload::Payment(Box::new(payload)))
    }

    fn order_event(&self, kind: EventKind, paid: &Paid, version: i64, status: OrderStatus) -> NewEvent {
        let payload = OrderPayload {
            order_no: paid.order_no.clone(),
            merchant_id: MERCHANT,
            payment_no: paid.payment_no.clone(),
            total_amount: AMOUNT,
            fee_amount: None,
            currency: Currency::USD,
            status,
            customer_email: Email::stored("test@example.com"),
            paid_at: (status == OrderStatus::Paid).then(|| self.platform.context.ambient.now()),
            extra: Extra::new(),
        };
        let aggregate = order_aggregate_id(MERCHANT, &paid.order_no);
        self.event(kind, &aggregate, version, "order", Payload::Order(Box::new(payload)))
    }

    fn booking_event(&self, paid: &Paid) -> NewEvent {
        let pending = format!("merchant_pending:{MERCHANT}");
        let entries = vec![
            LedgerEntry {
                kind: "payment_gross".to_owned(),
                debit: "channel_clearing:stripe".to_owned(),
                credit: pending.clone(),
                amount: AMOUNT,
            },
            LedgerEntry { kind: "payment_fee".to_owned(), debit: pending.clone(), credit: "fee_income".to_owned(), amount: FEE },
        ];
        let payload = AccountingPayload {
            transaction_id: paid.transaction_id.clone(),
            account_id: pending,
            merchant_id: MERCHANT,
            entry_type: EntryType::Credit,
            amount: AMOUNT - FEE,
            balance: AMOUNT - FEE,
            currency: Currency::USD,
            description: "payment".to_owned(),
            related_id: paid.payment_no.clone(),
            created_at: self.platform.context.ambient.now(),
            extra: AccountingExtra { entries },
        };
        self.event(EventKind::TransactionCreated, &paid.transaction_id, 1, "accounting", Payload::Accounting(Box::new(payload)))
    }

    fn mail_event(&self, notification_id: &str, source: &NewEvent, template: &str, payment_no: &str) -> NewEvent {
        let payload = NotificationPayload {
            source_event_id: source.event_id,
            source_event_type: source.kind.as_str().to_owned(),
            channel: "email".to_owned(),
            template: template.to_owned(),
            merchant_id: MERCHANT,
            recipient: Email::stored("test@example.com"),
            subject_id: payment_no.to_owned(),
            payment_no: payment_no.to_owned(),
            variables: Extra::from_iter([("payment_no".to_owned(), json!(payment_no))]),
        };
        let mut event =
            self.event(EventKind::NotificationRequested, notification_id, 1, "notification", Payload::Notification(Box::new(payload)));
        event.topic = Topic::NotificationsEmail;
        event
    }

    /// The row of a payment whose events are `payment.created` and whatever the caller adds.
    pub(super) async fn payment_row(&self, payment_no: &str, order_no: &str, status: PaymentStatus, version: i64) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let (paid_at, captured) = if status == PaymentStatus::Success { (format!("'{now}'"), AMOUNT) } else { ("NULL".to_owned(), 0) };
        let bytes = TestPlatform::bytes_type();
        let occupies = i64::from(status.occupies_order());
        self.run(format!(
            "INSERT INTO gateway_merchants (merchant_id, name, email, status, fee_bps, created_at) \
             VALUES ('{MERCHANT}', 'Merchant', 'merchant@example.com', 'active', 200, '{now}') ON CONFLICT (merchant_id) DO NOTHING"
        ))
        .await;
        self.run(format!(
            "INSERT INTO payments (payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, \
             customer_email, extra, fee_bps, fee_amount, captured, intent_id, idempotency_key, trace_id, expires_at, created_at, updated_at, paid_at) \
             VALUES ('{payment_no}', '{MERCHANT}', '{order_no}', {AMOUNT}, 'USD', 'stripe', '{status}', {version}, {occupies}, \
             'test@example.com', '{{}}', 200, {FEE}, {captured}, 'pi_{payment_no}', 'key-{order_no}', '{TRACE_ID}', '{now}', '{now}', '{now}', {paid_at})"
        ))
        .await;
        self.run(format!(
            "INSERT INTO idempotency (merchant_id, key, fingerprint, payment_no, status, body, created_at) \
             VALUES ('{MERCHANT}', 'key-{order_no}', 'f', '{payment_no}', 201, CAST('{{}}' AS {bytes}), '{now}')"
        ))
        .await;
    }

    /// A payment that nobody has paid yet, and that no group has seen.
    pub(super) async fn created(&self, order_no: &str) -> String {
        let payment_no = self.platform.context.ambient.number(NumberKind::Payment);
        self.payment_row(&payment_no, order_no, PaymentStatus::Pending, 1).await;
        self.publish(vec![self.payment_event(EventKind::PaymentCreated, &payment_no, order_no, 1)]).await;
        payment_no
    }

    /// The same, and its mail has gone out.
    pub(super) async fn created_and_told(&self, order_no: &str) -> String {
        let payment_no = self.platform.context.ambient.number(NumberKind::Payment);
        self.payment_row(&payment_no, order_no, PaymentStatus::Pending, 1).await;
        let created = self.payment_event(EventKind::PaymentCreated, &payment_no, order_no, 1);
        self.publish(vec![created.clone()]).await;
        self.mail(&created, &payment_no).await;
        payment_no
    }

    /// A payment that went all the way; the groups are not moved on, see [`Self::consume`].
    pub(super) async fn paid(&self, order_no: &str) -> Paid {
        let ambient = &self.platform.context.ambient;
        let mut paid = Paid {
            payment_no: ambient.number(NumberKind::Payment),
            order_no: order_no.to_owned(),
            created: Uuid::nil(),
            success: Uuid::nil(),
            transaction_id: ambient.number(NumberKind::Transaction),
        };
        let created = self.payment_event(EventKind::PaymentCreated, &paid.payment_no, order_no, 1);
        let processing = self.payment_event(EventKind::PaymentProcessing, &paid.payment_no, order_no, 2);
        let success = self.payment_event(EventKind::PaymentSuccess, &paid.payment_no, order_no, 3);
        (paid.created, paid.success) = (created.event_id, success.event_id);
        let order_created = self.order_event(EventKind::OrderCreated, &paid, 1, OrderStatus::Pending);
        let order_paid = self.order_event(EventKind::OrderPaid, &paid, 2, OrderStatus::Paid);
        let sources = [created.clone(), success.clone(), order_created.clone(), order_paid.clone()];
        self.payment_row(&paid.payment_no, order_no, PaymentStatus::Success, 3).await;
        self.publish(vec![created, processing, success, order_created, order_paid, self.booking_event(&paid)]).await;
        self.effects(&paid).await;
        for source in sources {
            self.mail(&source, &paid.payment_no).await;
        }
        paid
    }

    /// The mail that an event asks for, sent.
    async fn mail(&self, source: &NewEvent, payment_no: &str) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let id = self.platform.context.ambient.uuid().to_string();
        let template = source.kind.as_str().replace('.', "_");
        self.publish(vec![self.mail_event(&id, source, &template, payment_no)]).await;
        self.run(format!(
            "INSERT INTO notifications (notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, \
             subject_id, payment_no, variables, status, next_attempt_at, message_id, trace_id, created_at, sent_at) VALUES \
             ('{id}', '{}', '{}', 'email', '{template}', '{MERCHANT}', 'test@example.com', \
             '{payment_no}', '{payment_no}', '{{}}', 'sent', '{now}', '<{}@test>', '{TRACE_ID}', '{now}', '{now}')",
            source.event_id, source.kind, source.event_id
        ))
        .await;
    }

    async fn effects(&self, paid: &Paid) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let day = now.get(..10).unwrap();
        let bytes = TestPlatform::bytes_type();
        let Paid { payment_no, order_no, success, transaction_id, .. } = paid;
        let pending = format!("merchant_pending:{MERCHANT}");
        let account = |account: &str, kind: &str, debits: i64, credits: i64| {
            format!(
                "INSERT INTO accounts (account, currency, kind, debits_posted, credits_posted, version, created_at, updated_at) \
                 VALUES ('{account}', 'USD', '{kind}', {debits}, {credits}, 1, '{now}', '{now}') \
                 ON CONFLICT (account, currency) DO UPDATE SET debits_posted = accounts.debits_posted + {debits}, \
                 credits_posted = accounts.credits_posted + {credits}"
            )
        };
        let transfer = |leg: &str, debit: &str, credit: &str, amount: i64| {
            format!(
                "INSERT INTO transfers (transaction_id, source_event_id, leg, debit, credit, amount, currency, created_at) \
                 VALUES ('{transaction_id}', '{success}', '{leg}', '{debit}', '{credit}', {amount}, 'USD', '{now}')"
            )
        };
        for sql in [
            format!(
                "INSERT INTO orders (merchant_id, order_no, payment_no, total_amount, currency, status, version, customer_email, extra, \
                 trace_id, created_at, updated_at, paid_at) VALUES ('{MERCHANT}', '{order_no}', '{payment_no}', {AMOUNT}, 'USD', 'paid', 2, \
                 'test@example.com', '{{}}', '{TRACE_ID}', '{now}', '{now}', '{now}')"
            ),
            format!(
                "INSERT INTO transactions (transaction_id, source_event_id, source_event_type, merchant_id, currency, description, \
                 related_id, occurred_at, created_at) VALUES ('{transaction_id}', '{success}', 'payment.success', '{MERCHANT}', 'USD', \
                 'payment', '{payment_no}', '{now}', '{now}')"
            ),
            transfer("payment_gross", "channel_clearing:stripe", &pending, AMOUNT),
            transfer("payment_fee", &pending, "fee_income", FEE),
            account("channel_clearing:stripe", "asset", AMOUNT, 0),
            account(&pending, "liability", FEE, AMOUNT),
            account("fee_income", "income", 0, FEE),
            format!(
                "INSERT INTO payment_metrics (merchant_id, date, currency, total_payments, success_payments, total_amount, success_amount) \
                 VALUES ('{MERCHANT}', '{day}', 'USD', 1, 1, {AMOUNT}, {AMOUNT}) \
                 ON CONFLICT (merchant_id, date, currency) DO UPDATE SET total_payments = payment_metrics.total_payments + 1, \
                 success_payments = payment_metrics.success_payments + 1, \
                 total_amount = payment_metrics.total_amount + {AMOUNT}, success_amount = payment_metrics.success_amount + {AMOUNT}"
            ),
            format!(
                "INSERT INTO webhook_in (evt_id, provider, event_type, raw, state, payment_no, received_at, due_at, applied_at) \
                 VALUES ('evt_{payment_no}', 'stripe', 'payment_intent.succeeded', CAST('{{}}' AS {bytes}), 'applied', '{payment_no}', '{now}', '{now}', '{now}')"
            ),
        ] {
            self.run(sql).await;
        }
    }

    /// The rows of counters that two payments leave behind beside those of [`Self::paid`].
    pub(super) async fn counted(&self) {
        let now = crate::domain::format_timestamp(self.now());
        let day = now.get(..10).unwrap();
        let amount = 2 * AMOUNT;
        for sql in [
            format!(
                "INSERT INTO channel_metrics (channel, date, currency, total_transactions, success_transactions, total_amount, success_amount) \
                 VALUES ('stripe', '{day}', 'USD', 2, 2, {amount}, {amount})"
            ),
            format!(
                "INSERT INTO merchant_metrics (merchant_id, date, currency, total_orders, completed_orders, total_revenue, net_revenue, \
                 new_customers, returning_customers) VALUES ('{MERCHANT}', '{day}', 'USD', 2, 2, {amount}, {amount}, 1, 1)"
            ),
        ] {
            self.run(sql).await;
        }
    }

    /// Where there is an outbox, the relay has carried everything to the brokers.
    pub(super) async fn relay(&self) {
        let waiting = self.reader.store.read::<_, StoreError, _>(async |tx: &mut Tx| tx.unpublished().await).await.unwrap();
        if waiting > 0 {
            self.run("DELETE FROM outbox").await;
        }
    }

    /// Every group takes everything that lies on its topics, and is alive.
    pub(super) async fn consume(&self) {
        for service in Service::ALL.iter().copied().filter(|service| service.group().is_some()) {
            self.consume_by(service).await;
        }
    }

    /// One group takes everything that lies on its topics, and is alive.
    pub(super) async fn consume_by(&self, service: Service) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let group = service.group().unwrap();
        let topics = service.topics().iter().map(|topic| format!("'{topic}'")).collect::<Vec<_>>().join(", ");
        let unseen = format!(
            "FROM events e LEFT JOIN consumer_offsets o ON o.grp = '{group}' AND o.topic = e.topic AND o.partition = e.partition \
             WHERE e.topic IN ({topics}) AND e.seq >= coalesce(o.next_offset, 0)"
        );
        let marks = if service.is_ordered() {
            format!(
                "INSERT INTO applied_version (aggregate_id, grp, version) SELECT e.aggregate_id, '{group}', max(e.aggregate_version) {unseen} \
                 GROUP BY e.aggregate_id ON CONFLICT (aggregate_id, grp) DO UPDATE SET version = excluded.version"
            )
        } else {
            format!("INSERT INTO inbox (grp, event_day, event_id) SELECT '{group}', substr(e.created_at, 1, 10), e.event_id {unseen}")
        };
        for sql in [
            marks,
            format!(
                "INSERT INTO consumer_batches (grp, topic, partition, from_offset, to_offset, events, applied, skipped, parked, attempts, \
                 started_at, ended_at) SELECT '{group}', e.topic, e.partition, min(e.seq), max(e.seq), count(*), count(*), 0, 0, 1, \
                 '{now}', '{now}' {unseen} GROUP BY e.topic, e.partition"
            ),
            format!(
                "INSERT INTO consumer_offsets (grp, topic, partition, next_offset, epoch, updated_at) \
                 SELECT '{group}', e.topic, e.partition, max(e.seq) + 1, 1, '{now}' {unseen} GROUP BY e.topic, e.partition \
                 ON CONFLICT (grp, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, updated_at = excluded.updated_at"
            ),
        ] {
            self.run(sql).await;
        }
        self.member(service).await;
    }

    /// A member of the group has just been seen.
    pub(super) async fn member(&self, service: Service) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let group = service.group().unwrap();
        self.run(format!(
            "INSERT INTO group_members (grp, member, state, started_at, seen_at) VALUES ('{group}', 'm1', 'running', '{now}', '{now}') \
             ON CONFLICT (grp, member) DO UPDATE SET seen_at = excluded.seen_at"
        ))
        .await;
    }

    /// The group parks this event and is past it.
    pub(super) async fn park(&self, service: Service, event_id: Uuid, state: &str) {
        let now = crate::domain::format_timestamp(self.platform.context.ambient.now());
        let group = service.group().unwrap();
        self.run(format!(
            "INSERT INTO dlq (grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state, \
             attempts, error_code, error_message, retryable, key, headers, value, first_failed_at, last_failed_at) \
             SELECT '{group}', topic, partition, seq, event_id, event_type, aggregate_id, aggregate_id, aggregate_version, merchant_id, \
             '{state}', 4, 'ACCOUNT_NOT_FOUND', 'no such account', 0, key, headers, value, '{now}', '{now}' FROM events WHERE event_id = '{event_id}'"
        ))
        .await;
    }
}
