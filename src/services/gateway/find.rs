use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{MerchantId, NumberKind};
use crate::event::{Decoded, Topic, TopicPartition, decode_value};
use crate::store::{Row, StoreError, Tx, Value};
use crate::telemetry;

/// How long after its trace began a payment is looked for: first near it, then as long as a request may take.
const WINDOWS: [TimeDelta; 2] = [TimeDelta::seconds(1), TimeDelta::seconds(60)];

/// A payment that an id leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundSubject {
    /// `PY…`
    pub payment_no: String,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// For which order.
    pub order_no: String,
}

/// Look-ups by $1, each answered by an index. Most indexes begin with the merchant, and merchants are few; a condition that
/// repeats an index's own is how the planner knows that it may use it.
const LOOKUPS: &[&str] = &[
    "intent_id = $1",
    "occupies_order = 1 AND order_no = $1 AND merchant_id IN (SELECT merchant_id FROM gateway_merchants)",
    "occupies_order = 0 AND order_no = $1",
    "payment_no = (SELECT max(payment_no) FROM idempotency WHERE key = $1 AND merchant_id IN (SELECT merchant_id FROM gateway_merchants))",
    "substr(trace_id, 13, 4) <> '70c7' AND trace_id = $1",
];

/// The payment that `id` leads to: a payment number, an order number (alone or behind its merchant and a slash), an idempotency
/// key that is still kept, a trace id, an intent or an event.
///
/// Where several fit (an order that was paid for twice), the newest.
pub async fn find_subject(tx: &mut Tx, id: &str) -> Result<Option<FoundSubject>, StoreError> {
    if NumberKind::Payment.matches(id) {
        return find_where(tx, "payment_no = $1", &[id.into()]).await;
    }
    if let Ok(event_id) = Uuid::parse_str(id)
        && let Some(payment_no) = payment_of_event(tx, event_id).await?
    {
        return find_where(tx, "payment_no = $1", &[(&payment_no).into()]).await;
    }
    if let Some((merchant, order_no)) = id.split_once('/')
        && let Ok(merchant) = merchant.parse::<MerchantId>()
    {
        return of_order(tx, merchant, order_no).await;
    }
    if let Some(found) = of_own_trace(tx, id).await? {
        return Ok(Some(found));
    }
    for condition in LOOKUPS {
        if let Some(found) = find_where(tx, condition, &[id.into()]).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn of_order(tx: &mut Tx, merchant: MerchantId, order_no: &str) -> Result<Option<FoundSubject>, StoreError> {
    for occupies in ["occupies_order = 1", "occupies_order = 0"] {
        let condition = format!("{occupies} AND order_no = $1 AND merchant_id = $2");
        if let Some(found) = find_where(tx, &condition, &[order_no.into(), merchant.into()]).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A trace id that was made here says when its request came; the payment was made within it.
async fn of_own_trace(tx: &mut Tx, id: &str) -> Result<Option<FoundSubject>, StoreError> {
    let Some(began_at) = telemetry::began_at(id) else { return Ok(None) };
    for window in WINDOWS {
        let condition =
            "trace_id = $1 AND merchant_id IN (SELECT merchant_id FROM gateway_merchants) AND created_at >= $2 AND created_at <= $3";
        if let Some(found) = find_where(tx, condition, &[id.into(), began_at.into(), (began_at + window).into()]).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn find_where(tx: &mut Tx, condition: &str, values: &[Value<'_>]) -> Result<Option<FoundSubject>, StoreError> {
    let row = tx.query_one(&statement(condition), values).await?;
    row.map(|row| Ok(FoundSubject { payment_no: row.get(0)?, merchant_id: row.get(1)?, order_no: row.get(2)? })).transpose()
}

fn statement(condition: &str) -> String {
    format!("SELECT payment_no, merchant_id, order_no FROM payments WHERE {condition} ORDER BY created_at DESC LIMIT 1")
}

/// The payment that an event of any service speaks of.
async fn payment_of_event(tx: &mut Tx, event_id: Uuid) -> Result<Option<String>, StoreError> {
    let row = tx.query_one("SELECT topic, partition, seq, value FROM events WHERE event_id = $1", &[event_id.into()]).await?;
    row.map_or(Ok(None), |row| spoken_of(&row))
}

fn spoken_of(row: &Row) -> Result<Option<String>, StoreError> {
    let Some(topic) = Topic::parse(&row.get::<String>(0)?) else { return Ok(None) };
    let at = TopicPartition { topic, partition: u16::try_from(row.get::<i64>(1)?).unwrap_or_default() };
    Ok(match decode_value(at, row.get(2)?, &row.get::<Vec<u8>>(3)?) {
        Ok(Decoded::Event(event)) => event.payload.payment_no().map(str::to_owned),
        Ok(Decoded::UnknownType(_)) | Err(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPlatform;

    #[tokio::test]
    async fn no_look_up_reads_the_whole_table_of_payments() {
        if TestPlatform::is_on_server() {
            println!("skip: plans of a server depend on how many rows it has; those of SQLite show which index is meant");
            return;
        }
        let platform = TestPlatform::new();
        for condition in LOOKUPS {
            let sql = format!("EXPLAIN QUERY PLAN {}", statement(condition));
            let plan: Result<Vec<Row>, StoreError> =
                platform.context.store.read(async move |tx: &mut Tx| tx.query(&sql, &["x".into()]).await).await;
            let steps: Vec<String> = plan.unwrap().iter().map(|row| row.get(3).unwrap()).collect();
            assert!(
                !steps.iter().any(|step| step.starts_with("SCAN payments") || step.starts_with("SCAN idempotency")),
                "{condition}: {steps:?}"
            );
        }
    }
}
