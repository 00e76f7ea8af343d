use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::{Currency, MerchantId, Timestamp, parse_timestamp};
use crate::event::{Decoded, EntryType, Envelope, Payload, Record, UndecodableRecord, decode, decode_value};
use crate::ops::span::clock;
use crate::ops::{Amount, DeadLetter, dead_letter::money_of};

use super::headers::Headers;
use super::masked::Masked;

/// The columns of a line; marked as [`Table::new`](crate::ops::Table::new) reads them.
pub const TAIL_HEADERS: &[&str] = &["TIME", "TOPIC", ">P", "?>OFFSET", "??KEY", "TYPE", "PAYMENT", "?>AMOUNT", "?SUMMARY"];

/// How many bytes of an undecodable value are shown.
const PREVIEW_BYTES: usize = 16;

/// One record of the log as people and programs see it: addresses masked, free text left out.
#[derive(Debug, Clone, Serialize)]
pub struct TailRecord {
    /// Where it lies.
    pub topic: &'static str,
    /// Where it lies.
    pub partition: u16,
    /// Where it lies.
    pub offset: i64,
    /// When the log took it.
    pub time: Option<Timestamp>,
    /// The record's key.
    pub key: String,
    /// Unknown where the value cannot be read.
    pub event_id: Option<Uuid>,
    /// `payment.success` and the like.
    pub event_type: Option<String>,
    /// The aggregate it happened to.
    pub aggregate_id: Option<String>,
    /// Counts the aggregate's events.
    pub aggregate_version: Option<i64>,
    /// Whose event it is.
    pub merchant_id: Option<MerchantId>,
    /// The payment that it speaks of.
    pub payment_no: Option<String>,
    /// Minor units.
    pub amount: Option<i64>,
    /// Their currency.
    pub currency: Option<Currency>,
    /// Ties everything that one request set off together.
    pub trace_id: Option<String>,
    /// In a few words.
    pub summary: String,
    /// What it says, with addresses masked and free text left out.
    pub payload: Option<Masked>,
    /// Why it cannot be read.
    pub undecodable: Option<Undecodable>,
    /// Its headers; the values of those that are not the platform's own are left out.
    pub headers: Option<Headers>,
    /// The record as it lies there, unmasked; only where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawRecord>,
}

/// A record's own bytes, in the form in which `topics produce` takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRecord {
    /// Every header, as text.
    pub headers: serde_json::Map<String, Json>,
    /// The value where it is text; `None` with no hex either is a tombstone.
    pub value: Option<String>,
    /// The value in hex where it is no text.
    pub value_hex: Option<String>,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, Serialize)]
pub struct Undecodable {
    /// The code under which groups park it.
    pub code: &'static str,
    /// What is wrong, without any value.
    pub reason: String,
    /// The first bytes, in hex.
    pub preview: String,
}

impl TailRecord {
    /// `with_raw` takes the record's own bytes along.
    pub(in crate::ops) fn of_record(record: &Record, with_raw: bool) -> Self {
        let mut line =
            Self::blank(record.at.topic.name(), record.at.partition, record.offset, parse_timestamp(&record.created_at), &record.key);
        line.read(decode(record), &record.value);
        // What is nothing, what is nothing but a word for it, and what has no bytes are three things.
        if record.is_tombstone {
            line.without_value("TOMBSTONE: no value at all");
        } else if record.value.is_empty() {
            line.without_value("EMPTY: a value of 0 bytes");
        } else if record.value == b"null" {
            line.without_value("the JSON word null");
        }
        line.headers = Some(Headers::of(record));
        line.raw = with_raw.then(|| RawRecord::new(record));
        line
    }

    fn without_value(&mut self, what: &str) {
        what.clone_into(&mut self.summary);
        if let Some(undecodable) = &mut self.undecodable {
            what.clone_into(&mut undecodable.reason);
        }
    }

    /// A parked event as its dead-letter topic shows it.
    pub(super) fn of_dead_letter(topic: &'static str, letter: &DeadLetter) -> Self {
        let mut line = Self::blank(topic, 0, letter.id, Some(letter.last_failed_at), &letter.key);
        let at = crate::event::Topic::parse(&letter.topic)
            .zip(u16::try_from(letter.partition).ok())
            .map(|(topic, partition)| crate::event::TopicPartition { topic, partition });
        if let Some(at) = at {
            line.read(decode_value(at, letter.offset, &letter.value), &letter.value);
        }
        line.event_id = line.event_id.or(letter.event_id);
        line.event_type = line.event_type.or_else(|| letter.event_type.clone());
        line.aggregate_id = line.aggregate_id.or_else(|| letter.aggregate_id.clone());
        line.aggregate_version = line.aggregate_version.or(letter.version);
        line.payment_no = line.payment_no.or_else(|| letter.payment_no.clone());
        line.summary = format!(
            "{} parked {} after {} attempts: {} {}",
            letter.group,
            letter.place(),
            letter.attempts,
            letter.error_code,
            letter.error_message
        );
        line
    }

    fn blank(topic: &'static str, partition: u16, offset: i64, time: Option<Timestamp>, key: &str) -> Self {
        Self {
            topic,
            partition,
            offset,
            time,
            key: key.to_owned(),
            event_id: None,
            event_type: None,
            aggregate_id: None,
            aggregate_version: None,
            merchant_id: None,
            payment_no: None,
            amount: None,
            currency: None,
            trace_id: None,
            summary: String::new(),
            payload: None,
            undecodable: None,
            headers: None,
            raw: None,
        }
    }

    fn read(&mut self, decoded: Result<Decoded, UndecodableRecord>, value: &[u8]) {
        match decoded {
            Ok(Decoded::Event(event)) => {
                let money = money_of(&event.payload);
                self.event_id = Some(event.event_id);
                self.event_type = Some(event.kind.as_str().to_owned());
                self.merchant_id = event.metadata.merchant_id;
                self.aggregate_version = Some(event.metadata.aggregate_version);
                self.trace_id = Some(event.metadata.trace_id).filter(|id| !id.is_empty());
                self.payment_no = event.payload.payment_no().map(str::to_owned);
                self.amount = money.map(|money| money.amount);
                self.currency = money.map(|money| money.currency);
                self.summary = summary(&event.payload);
                self.payload = Some(Masked::of(event.payload));
                self.aggregate_id = Some(event.aggregate_id);
            }
            Ok(Decoded::UnknownType(envelope)) => self.read_unknown(*envelope),
            Err(error) => {
                let preview = hex::encode(value.get(..PREVIEW_BYTES).unwrap_or(value));
                self.summary = format!("UNDECODABLE {error} · {preview}…");
                self.undecodable = Some(Undecodable { code: error.code(), reason: error.to_string(), preview });
            }
        }
    }

    fn read_unknown(&mut self, envelope: Envelope) {
        self.event_id = Some(envelope.event_id);
        self.event_type = Some(envelope.event_type);
        self.aggregate_id = Some(envelope.aggregate_id);
        self.aggregate_version = Some(envelope.metadata.aggregate_version);
        self.merchant_id = envelope.metadata.merchant_id;
        self.trace_id = Some(envelope.metadata.trace_id).filter(|id| !id.is_empty());
        "of a type that this version does not know: groups skip it".clone_into(&mut self.summary);
    }

    /// The cells of a line, in the order of [`TAIL_HEADERS`]; `today` leaves its own date out.
    pub fn cells(&self, today: Timestamp) -> Vec<String> {
        let dash = || "-".to_owned();
        let money = self.amount.zip(self.currency).map(|(amount, currency)| Amount { amount, currency });
        vec![
            self.time.map_or_else(dash, |time| clock(time, today)),
            self.topic.to_owned(),
            self.partition.to_string(),
            self.offset.to_string(),
            self.key.clone(),
            self.event_type.clone().unwrap_or_else(dash),
            self.payment_no.clone().unwrap_or_else(dash),
            money.map_or_else(dash, |money| money.to_string()),
            self.summary.clone(),
        ]
    }
}

impl RawRecord {
    fn new(record: &Record) -> Self {
        let text = std::str::from_utf8(&record.value).ok().filter(|_| !record.is_tombstone);
        let hex = (text.is_none() && !record.is_tombstone).then(|| hex::encode(&record.value));
        let headers = serde_json::from_str(&record.headers).unwrap_or_default();
        Self { headers, value: text.map(str::to_owned), value_hex: hex }
    }

    /// The value's bytes: `Ok(None)` for a tombstone, `Err` where the hex is none.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>, hex::FromHexError> {
        match (&self.value, &self.value_hex) {
            (Some(text), _) => Ok(Some(text.clone().into_bytes())),
            (None, Some(text)) => hex::decode(text).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// What a payload says in a few words; the payment, the amount and the type have columns of their own.
fn summary(payload: &Payload) -> String {
    match payload {
        Payload::Payment(p) => payment_words(&p.order_no, &p.channel, p.status.as_str(), &p.fee_amount.to_string()).concat(),
        Payload::Refund(p) => format!("refund={} order={} status={} fee_returned={}", p.refund_no, p.order_no, p.status, p.fee_returned),
        Payload::Order(p) => order_words(&p.order_no, p.status.as_str()).concat(),
        Payload::Accounting(p) => {
            let side = if p.entry_type == EntryType::Credit { "credit" } else { "debit" };
            format!("{side} {} balance={} legs={}", p.account_id, p.balance, p.extra.entries.len())
        }
        Payload::Payout(p) => format!("payout={} channel={} fee={}", p.payout_no, p.channel, p.fee),
        Payload::Settlement(p) => format!("settlement={} status={} payments={}", p.settlement_no, p.status, p.total_count),
        Payload::Withdrawal(p) => format!("withdrawal={} status={} fee={}", p.withdrawal_no, p.status, p.fee),
        Payload::Merchant(p) => format!("merchant={} status={}", p.merchant_id, p.status),
        Payload::SagaStarted(p) => format!("{} of {} steps={}", p.saga_type, p.business_id, p.steps.join(">")),
        Payload::SagaCompensating(p) => format!("compensating from {}", p.step),
        Payload::Analytics(p) => format!("{} metrics of {} {} {}", p.metrics, p.key, p.date, p.currency),
        Payload::Notification(p) => format!("{} {} to {}", p.channel, p.template, p.recipient),
        Payload::Audit(p) => format!("{} {} {}", p.actor, p.action, p.target),
    }
}

pub(super) const fn payment_words<'a>(order: &'a str, channel: &'a str, status: &'a str, fee: &'a str) -> [&'a str; 8] {
    ["order=", order, " channel=", channel, " status=", status, " fee=", fee]
}

pub(super) const fn order_words<'a>(order: &'a str, status: &'a str) -> [&'a str; 4] {
    ["order=", order, " status=", status]
}
