//! The statements that write whole platforms, in the words of both engines: `$1` is the first payment's number, `$2` the end.

use payctl::domain::{MerchantId, Timestamp, format_timestamp};
use payctl::event::{EncodeError, Topic, partition_of};
use payctl::services::Service;
use uuid::Uuid;

use super::life::{self, AMOUNT, EMAIL, FEE_BPS, MAILS, MERCHANT, MOST, NUMBER, ORDER_NO, PAYMENT_NO, Pattern, SUCCESS, TRANSACTION_ID};

/// Enough merchants that every partition has its share.
const MERCHANTS: u128 = 24;
/// Of so many payments one is never paid.
const UNPAID: i64 = 5;
/// Longer than anybody measures.
const OPEN_FOR: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// What all statements share.
pub(crate) struct Rows {
    patterns: Vec<Pattern>,
    now: String,
    expires: String,
    day: String,
    is_server: bool,
    uuid: &'static str,
    bytes: &'static str,
}

impl Rows {
    /// Rows of this moment, for a server or for the embedded engine.
    pub(crate) fn new(now: Timestamp, is_server: bool) -> Result<Self, EncodeError> {
        let (uuid, bytes, time) = if is_server { ("UUID", "BYTEA", "TIMESTAMPTZ") } else { ("TEXT", "BLOB", "TEXT") };
        let moment = |at: Timestamp| format!("CAST('{}' AS {time})", format_timestamp(at));
        let day = format_timestamp(now).chars().take(10).collect();
        Ok(Self { patterns: life::patterns(now)?, now: moment(now), expires: moment(now + OPEN_FOR), day, is_server, uuid, bytes })
    }

    /// What is there before any payment.
    pub(crate) fn first(&self) -> Vec<String> {
        let now = &self.now;
        let rows = merchants().map(|merchant| {
            format!("(CAST('{merchant}' AS {}), 'Merchant', 'merchant@example.com', 'active', {FEE_BPS}, {now})", self.uuid)
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        vec![format!("INSERT INTO gateway_merchants (merchant_id, name, email, status, fee_bps, created_at) VALUES {rows}")]
    }

    /// What each payment leaves behind.
    pub(crate) fn each(&self) -> Vec<String> {
        let mut statements = vec![self.events()];
        statements.extend(self.of_gateway());
        statements.push(self.orders());
        statements.extend(self.books());
        statements.push(self.mails());
        if self.is_server {
            statements.push(self.published());
        }
        statements.extend(Service::ALL.iter().filter_map(|service| self.marks(*service)));
        statements
    }

    /// The lives from `$1` up to `$2`: number, its digits, whether it was paid, merchant and partitions.
    fn lives(&self) -> String {
        let merchants = merchants().enumerate().map(|(nth, merchant)| {
            let of = |topic: Topic| partition_of(merchant.to_string().as_bytes(), topic.partitions());
            format!("({nth}, '{merchant}', {}, {})", of(Topic::PaymentEvents), of(Topic::OrderEvents))
        });
        format!(
            "WITH RECURSIVE number (n) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT n + 1 FROM number WHERE n + 1 < CAST($2 AS BIGINT)), \
             merchant (nth, id, six, three) AS (VALUES {}), \
             life (n, digits, paid, merchant, merchant_id, six, three) AS ( \
               SELECT n, substr(CAST(100000000 + n AS TEXT), 2), CASE WHEN n % {UNPAID} = {UNPAID} - 1 THEN 0 ELSE 1 END, m.id, \
                 CAST(m.id AS {}), m.six, m.three FROM number JOIN merchant m ON m.nth = n % {MERCHANTS}) ",
            merchants.collect::<Vec<_>>().join(", "),
            self.uuid
        )
    }

    fn events(&self) -> String {
        let Self { now, uuid, bytes, .. } = self;
        let patterns = self.patterns.iter().map(|pattern| {
            let (event, encoded) = (&pattern.encoded.event, &pattern.encoded.encoded);
            let texts = [
                event.event_id.to_string(),
                event.kind.aggregate_type().as_str().to_owned(),
                event.aggregate_id.clone(),
                event.kind.as_str().to_owned(),
                event.topic.name().to_owned(),
                encoded.headers.clone(),
                payctl::event::sha256_hex(&encoded.value),
                String::from_utf8_lossy(&encoded.value).into_owned(),
            ];
            let texts = texts.map(|text| format!("'{}'", text.replace('\'', "''"))).join(", ");
            let (always, partitions) = (i64::from(pattern.is_always), event.topic.partitions());
            format!("({}, {always}, {}, {partitions}, {texts})", pattern.nth, event.aggregate_version)
        });
        format!(
            "INSERT INTO events (seq, event_id, aggregate_type, aggregate_id, aggregate_version, event_type, merchant_id, topic, partition, \
             key, headers, value, created_at) {}, \
             pattern (nth, always, version, partitions, event_id, aggregate_type, aggregate_id, event_type, topic, headers, digest, value) \
               AS (VALUES {}), \
             said AS (SELECT l.*, p.*, CAST({value} AS {bytes}) AS said FROM life l JOIN pattern p ON p.always >= 1 - l.paid) \
             SELECT n * {MOST} + nth, CAST({id} AS {uuid}), aggregate_type, {aggregate}, version, event_type, merchant_id, topic, \
               CASE partitions WHEN 6 THEN six ELSE three END, merchant, replace({headers}, digest, encode(sha256(said), 'hex')), said, {now} \
             FROM said ORDER BY n, nth",
            self.lives(),
            patterns.collect::<Vec<_>>().join(", "),
            value = opened("p.value", "l.digits", "l.merchant"),
            id = numbered("event_id"),
            aggregate = opened("aggregate_id", "digits", "merchant"),
            headers = opened("headers", "digits", "merchant"),
        )
    }

    fn of_gateway(&self) -> [String; 3] {
        let Self { now, expires, bytes, .. } = self;
        let (lives, payment, order) = (self.lives(), numbered_text(PAYMENT_NO), numbered_text(ORDER_NO));
        let key = format!("'key-' || {order}");
        [
            format!(
                "INSERT INTO payments (payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, \
                 customer_email, extra, fee_bps, fee_amount, captured, intent_id, idempotency_key, trace_id, expires_at, created_at, \
                 updated_at, paid_at) {lives} SELECT {payment}, merchant_id, {order}, {AMOUNT}, 'USD', 'stripe', \
                 CASE paid WHEN 1 THEN 'success' ELSE 'pending' END, CASE paid WHEN 1 THEN 3 ELSE 1 END, 1, {email}, '{{}}', {FEE_BPS}, \
                 {fee}, CASE paid WHEN 1 THEN {AMOUNT} ELSE 0 END, 'pi_' || digits, {key}, '4bf92f3577b34da6a3ce929d0e0e4736', {expires}, \
                 {now}, {now}, CASE paid WHEN 1 THEN {now} END FROM life",
                email = numbered_text(EMAIL),
                fee = life::fee(),
            ),
            format!(
                "INSERT INTO idempotency (merchant_id, key, fingerprint, payment_no, status, body, created_at) {lives} \
                 SELECT merchant_id, {key}, 'f', {payment}, 201, CAST('{{}}' AS {bytes}), {now} FROM life"
            ),
            format!(
                "INSERT INTO webhook_in (evt_id, provider, event_type, raw, state, payment_no, received_at, due_at, applied_at) {lives} \
                 SELECT 'evt_' || digits, 'stripe', 'payment_intent.succeeded', CAST('{{}}' AS {bytes}), 'applied', {payment}, {now}, {now}, \
                 {now} FROM life WHERE paid = 1"
            ),
        ]
    }

    fn orders(&self) -> String {
        let now = &self.now;
        format!(
            "INSERT INTO orders (merchant_id, order_no, payment_no, total_amount, currency, status, version, customer_email, extra, trace_id, \
             created_at, updated_at, paid_at) {} SELECT merchant_id, {}, {}, {AMOUNT}, 'USD', CASE paid WHEN 1 THEN 'paid' ELSE 'pending' END, \
             1 + paid, {}, '{{}}', '4bf92f3577b34da6a3ce929d0e0e4736', {now}, {now}, CASE paid WHEN 1 THEN {now} END FROM life",
            self.lives(),
            numbered_text(ORDER_NO),
            numbered_text(PAYMENT_NO),
            numbered_text(EMAIL),
        )
    }

    fn books(&self) -> [String; 2] {
        let Self { now, uuid, .. } = self;
        let (lives, transaction) = (self.lives(), numbered_text(TRANSACTION_ID));
        let source = format!("CAST({} AS {uuid})", numbered_text(&life::event_id(SUCCESS).to_string()));
        [
            format!(
                "INSERT INTO transactions (transaction_id, source_event_id, source_event_type, merchant_id, currency, description, related_id, \
                 occurred_at, created_at) {lives} SELECT {transaction}, {source}, 'payment.success', merchant_id, 'USD', 'payment', {}, {now}, \
                 {now} FROM life WHERE paid = 1",
                numbered_text(PAYMENT_NO)
            ),
            format!(
                "INSERT INTO transfers (transaction_id, source_event_id, leg, debit, credit, amount, currency, created_at) {lives}, \
                 leg (name, amount) AS (VALUES ('payment_gross', {AMOUNT}), ('payment_fee', {})) \
                 SELECT {transaction}, {source}, name, \
                 CASE name WHEN 'payment_gross' THEN 'channel_clearing:stripe' ELSE 'merchant_pending:' || merchant END, \
                 CASE name WHEN 'payment_gross' THEN 'merchant_pending:' || merchant ELSE 'fee_income' END, amount, 'USD', {now} \
                 FROM life JOIN leg ON paid = 1",
                life::fee()
            ),
        ]
    }

    fn mails(&self) -> String {
        let Self { now, uuid, .. } = self;
        let mails = MAILS.iter().map(|mail| {
            let always = i64::from(self.patterns.iter().any(|pattern| pattern.nth == mail.request && pattern.is_always));
            let (id, source, kind) = (life::mail_id(mail.request), life::event_id(mail.source), mail.kind);
            format!("({always}, '{id}', '{source}', '{kind}', '{}')", life::template(mail.kind))
        });
        format!(
            "INSERT INTO notifications (notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, \
             subject_id, payment_no, variables, status, attempts, next_attempt_at, message_id, trace_id, created_at, sent_at) {}, \
             mail (always, id, source, kind, template) AS (VALUES {}) \
             SELECT CAST({id} AS {uuid}), CAST({source} AS {uuid}), kind, 'email', template, merchant_id, {email}, {payment}, {payment}, '{{}}', \
             'sent', 1, {now}, '<' || {source} || '@example.com>', '4bf92f3577b34da6a3ce929d0e0e4736', {now}, {now} \
             FROM life JOIN mail ON always >= 1 - paid",
            self.lives(),
            mails.collect::<Vec<_>>().join(", "),
            id = numbered("id"),
            source = numbered("source"),
            email = numbered_text(EMAIL),
            payment = numbered_text(PAYMENT_NO),
        )
    }

    fn published(&self) -> String {
        format!(
            "INSERT INTO published (seq, topic, partition, log_offset, published_at) WITH made AS (SELECT seq, topic, partition FROM events \
             WHERE {MADE}), ends AS MATERIALIZED (SELECT t.topic, t.partition, coalesce((SELECT max(p.log_offset) + 1 FROM published p \
             WHERE p.topic = t.topic AND p.partition = t.partition), 0) AS free FROM (SELECT DISTINCT topic, partition FROM made) t) \
             SELECT m.seq, m.topic, m.partition, e.free - 1 + row_number() OVER (PARTITION BY m.topic, m.partition ORDER BY m.seq), {} \
             FROM made m JOIN ends e ON e.topic = m.topic AND e.partition = m.partition",
            self.now
        )
    }

    /// That a group is done with every event of its topics.
    fn marks(&self, service: Service) -> Option<String> {
        let group = service.group()?;
        let topics = service.topics().iter().map(|topic| format!("'{topic}'")).collect::<Vec<_>>().join(", ");
        let made = format!("FROM events WHERE {MADE} AND topic IN ({topics})");
        Some(if service.is_ordered() {
            format!(
                "INSERT INTO applied_version (aggregate_id, grp, version) SELECT aggregate_id, '{group}', max(aggregate_version) {made} \
                 GROUP BY aggregate_id"
            )
        } else {
            format!("INSERT INTO inbox (grp, event_day, event_id) SELECT '{group}', '{}', event_id {made}", self.day)
        })
    }

    /// What adds up over all payments.
    pub(crate) fn last(&self) -> Vec<String> {
        let Self { now, uuid, day, .. } = self;
        let prefix = "merchant_pending:".len();
        let mut statements = vec![
            format!(
                "INSERT INTO accounts (account, currency, kind, merchant_id, debits_posted, credits_posted, version, created_at, updated_at) \
                 WITH side (account, debits, credits) AS (SELECT debit, sum(amount), 0 FROM transfers GROUP BY debit \
                 UNION ALL SELECT credit, 0, sum(amount) FROM transfers GROUP BY credit) \
                 SELECT account, 'USD', CASE WHEN account LIKE 'channel%' THEN 'asset' WHEN account = 'fee_income' THEN 'income' \
                 ELSE 'liability' END, CASE WHEN account LIKE 'merchant_pending:%' THEN CAST(substr(account, {prefix} + 1) AS {uuid}) END, \
                 sum(debits), sum(credits), 1, {now}, {now} FROM side GROUP BY account"
            ),
            format!(
                "INSERT INTO payment_metrics (merchant_id, date, currency, total_payments, success_payments, total_amount, success_amount) \
                 SELECT merchant_id, '{day}', currency, count(*), count(paid_at), sum(amount), sum(captured) FROM payments \
                 GROUP BY merchant_id, currency"
            ),
            format!(
                "INSERT INTO channel_metrics (channel, date, currency, total_transactions, success_transactions, total_amount, success_amount) \
                 SELECT channel, '{day}', currency, count(*), count(paid_at), sum(amount), sum(captured) FROM payments GROUP BY channel, currency"
            ),
            format!(
                "INSERT INTO merchant_metrics (merchant_id, date, currency, total_orders, completed_orders, total_revenue, total_fees, \
                 net_revenue, new_customers) SELECT merchant_id, '{day}', currency, count(*), count(paid_at), sum(captured), \
                 sum(CASE WHEN captured > 0 THEN fee_amount ELSE 0 END), sum(CASE WHEN captured > 0 THEN captured - fee_amount ELSE 0 END), \
                 count(paid_at) FROM payments GROUP BY merchant_id, currency"
            ),
        ];
        statements.extend(Service::ALL.iter().filter_map(|service| self.offsets(*service)));
        if self.is_server {
            statements.push("SELECT setval('events_seq_seq', (SELECT max(seq) FROM events))".to_owned());
            // What the server knows of a table of this size on a platform that has run for a while.
            statements.push("ANALYZE".to_owned());
        }
        statements
    }

    fn offsets(&self, service: Service) -> Option<String> {
        let group = service.group()?;
        let topics = service.topics().iter().map(|topic| format!("'{topic}'")).collect::<Vec<_>>().join(", ");
        let (places, offset, cluster) = if self.is_server { ("published", "log_offset", "'healthy'") } else { ("events", "seq", "NULL") };
        let now = &self.now;
        Some(format!(
            "INSERT INTO consumer_offsets (grp, topic, partition, next_offset, epoch, cluster_id, last_event_id, updated_at) \
             SELECT '{group}', t.topic, t.partition, t.next_offset, 1, {cluster}, (SELECT e.event_id FROM events e WHERE e.seq = t.last), {now} \
             FROM (SELECT p.topic, p.partition, max(p.{offset}) + 1 AS next_offset, max(p.seq) AS last FROM {places} p \
             WHERE p.topic IN ({topics}) GROUP BY p.topic, p.partition) AS t"
        ))
    }
}

/// The events of these payments, by their numbers in the log, of which each has ten.
const MADE: &str = "seq > CAST($1 AS BIGINT) * 10 AND seq <= CAST($2 AS BIGINT) * 10";

fn merchants() -> impl Iterator<Item = MerchantId> {
    (0..MERCHANTS).map(|nth| MerchantId(Uuid::from_u128(0x0bac_1060_0000_4000_8000_0000_0000_0000 + nth)))
}

/// The column with the payment's number in it.
fn numbered(column: &str) -> String {
    format!("replace({column}, '{NUMBER}', digits)")
}

/// The same, for a constant.
fn numbered_text(text: &str) -> String {
    numbered(&format!("'{text}'"))
}

/// The column with the payment's number and merchant in it.
fn opened(column: &str, digits: &str, merchant: &str) -> String {
    format!("replace(replace({column}, '{NUMBER}', {digits}), '{MERCHANT}', {merchant})")
}
