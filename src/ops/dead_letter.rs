use serde::Serialize;
use uuid::Uuid;

use crate::domain::{MerchantId, Timestamp};
use crate::event::{Decoded, Payload, Topic, TopicPartition, decode_value};
use crate::store::{Row, StoreError, Tx, Value};

use super::Amount;

const COLUMNS: &str = "id, grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, state, \
                       attempts, error_code, error_message, first_failed_at, last_failed_at, reason, value, key";

/// An event that a group could not apply, or holds behind one that it could not.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLetter {
    /// Its number in the table of dead letters.
    pub id: i64,
    /// The group's short name.
    pub group: String,
    /// Where it was read.
    pub topic: String,
    /// Where it was read.
    pub partition: i64,
    /// Where it was read.
    pub offset: i64,
    /// Unknown where the record could not be read at all.
    pub event_id: Option<Uuid>,
    /// `payment.success` and the like.
    pub event_type: Option<String>,
    /// The aggregate it happened to.
    pub aggregate_id: Option<String>,
    /// Under what later events are held.
    pub hold_key: Option<String>,
    /// The aggregate's version.
    pub version: Option<i64>,
    /// failed, blocked, replaying, resolved or discarded.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// A stable name.
    pub error_code: String,
    /// What is wrong.
    pub error_message: String,
    /// When it failed first.
    pub first_failed_at: Timestamp,
    /// When it failed last.
    pub last_failed_at: Timestamp,
    /// Why it was discarded.
    pub reason: Option<String>,
    /// The payment that it speaks of.
    pub payment_no: Option<String>,
    /// The money that it carries.
    pub money: Option<Amount>,
    /// The record's key.
    #[serde(skip)]
    pub key: String,
    #[serde(skip)]
    pub(super) value: Vec<u8>,
}

impl DeadLetter {
    /// Whether somebody still has to do something about it.
    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "blocked" | "replaying")
    }

    /// What `trace` takes to show more of it.
    pub fn trace_id(&self) -> Option<String> {
        self.payment_no.clone().or_else(|| self.event_id.map(|id| id.to_string()))
    }

    /// Topic, partition and offset in one word.
    pub fn place(&self) -> String {
        format!("{}/{}@{}", self.topic, self.partition, self.offset)
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (topic, partition, offset): (String, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let value: Vec<u8> = row.get(17)?;
        let aggregate_id: Option<String> = row.get(7)?;
        let (payment_no, money) = subject(&topic, partition, offset, &value);
        Ok(Self {
            id: row.get(0)?,
            group: super::short_group(&row.get::<String>(1)?).to_owned(),
            payment_no: payment_no.or_else(|| aggregate_id.clone().filter(|id| crate::domain::NumberKind::Payment.matches(id))),
            money,
            topic,
            partition,
            offset,
            event_id: row.get(5)?,
            event_type: row.get(6)?,
            aggregate_id,
            hold_key: row.get(8)?,
            version: row.get(9)?,
            state: row.get(10)?,
            attempts: row.get(11)?,
            error_code: row.get(12)?,
            error_message: row.get(13)?,
            first_failed_at: row.get(14)?,
            last_failed_at: row.get(15)?,
            reason: row.get(16)?,
            value,
            key: row.get(18)?,
        })
    }
}

/// The payment and the money that a parked record speaks of, where this version can read it.
fn subject(topic: &str, partition: i64, offset: i64, value: &[u8]) -> (Option<String>, Option<Amount>) {
    let Some(topic) = Topic::parse(topic) else { return (None, None) };
    let Ok(partition) = u16::try_from(partition) else { return (None, None) };
    match decode_value(TopicPartition { topic, partition }, offset, value) {
        Ok(Decoded::Event(event)) => (event.payload.payment_no().map(str::to_owned), money_of(&event.payload)),
        _ => (None, None),
    }
}

/// The money that a payload speaks of.
pub(super) fn money_of(payload: &Payload) -> Option<Amount> {
    payload.money().map(|money| Amount { amount: money.minor, currency: money.currency })
}

/// What is parked, held or being replayed, oldest first.
pub(super) async fn open(tx: &mut Tx) -> Result<Vec<DeadLetter>, StoreError> {
    select(tx, "state IN ('failed', 'blocked', 'replaying') ORDER BY id", &[]).await
}

/// The same of one merchant, at most `limit`.
pub(super) async fn open_of_merchant(tx: &mut Tx, merchant: MerchantId, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
    let filter = "merchant_id = $1 AND state IN ('failed', 'blocked', 'replaying') ORDER BY id LIMIT $2";
    select(tx, filter, &[merchant.into(), limit.into()]).await
}

/// Everything that was ever parked of a payment: under its number, or as an event of its own or of its order.
pub(super) async fn of_payment(tx: &mut Tx, payment_no: &str, order: &str) -> Result<Vec<DeadLetter>, StoreError> {
    let filter = "payment_no = $1 OR aggregate_id = $1 OR aggregate_id = $2 ORDER BY id";
    select(tx, filter, &[payment_no.into(), order.into()]).await
}

/// What a group, named in full, has parked of one event.
pub(super) async fn of_event(tx: &mut Tx, group: &str, event_id: Uuid) -> Result<Option<DeadLetter>, StoreError> {
    Ok(select(tx, "grp = $1 AND event_id = $2", &[group.into(), event_id.into()]).await?.into_iter().next())
}

/// The failed rows that the dead-letter topic shows, from row `from` on.
pub(super) async fn on_topic(tx: &mut Tx, topic: Topic, from: i64, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
    let filter = match topic {
        Topic::DlqNotification => "grp = 'payctl.notification' AND state = 'failed' AND id >= $1 ORDER BY id LIMIT $2",
        _ => "grp <> 'payctl.notification' AND state = 'failed' AND id >= $1 ORDER BY id LIMIT $2",
    };
    select(tx, filter, &[from.into(), limit.into()]).await
}

async fn select(tx: &mut Tx, filter: &str, params: &[Value<'_>]) -> Result<Vec<DeadLetter>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM dlq WHERE {filter}");
    tx.query(&sql, params).await?.iter().map(DeadLetter::from_row).collect()
}
