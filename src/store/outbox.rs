use crate::domain::{Timestamp, format_timestamp};
use crate::event::{Encoded, NewEvent, Record, Topic, partition_of};

use super::{Set, SetRows, StoreError, Tx, Type, Value};

/// Relays at most; an aggregate's events always go through the same one, so that they keep their order.
pub(crate) const SHARDS: u16 = 8;

/// The number is taken first, so that event and outbox row get the same one without being joined.
const APPEND: Set = Set {
    sql: "WITH numbered AS (SELECT nextval('events_seq_seq') AS seq, r.* FROM {rows} AS r), \
          appended AS (INSERT INTO events (seq, event_id, aggregate_type, aggregate_id, aggregate_version, event_type, merchant_id, topic, \
          partition, key, headers, value, created_at) SELECT seq, event_id, aggregate_type, aggregate_id, aggregate_version, event_type, \
          merchant_id, topic, partition, key, headers, value, created_at FROM numbered) \
          INSERT INTO outbox (seq, shard, topic, created_at) SELECT seq, shard, topic, created_at FROM numbered RETURNING seq",
    columns: &[
        ("event_id", Type::Uuid),
        ("aggregate_type", Type::Text),
        ("aggregate_id", Type::Text),
        ("aggregate_version", Type::Int),
        ("event_type", Type::Text),
        ("merchant_id", Type::Uuid),
        ("topic", Type::Text),
        ("partition", Type::Int),
        ("key", Type::Text),
        ("headers", Type::Text),
        ("value", Type::Blob),
        ("created_at", Type::Time),
        ("shard", Type::Int),
    ],
};

const APPEND_DEAD_LETTERS: Set = Set {
    sql: "INSERT INTO outbox (seq, shard, topic, kind, dlq_id, created_at) \
          SELECT nextval('events_seq_seq'), shard, topic, 'dead_letter', dlq_id, created_at FROM {rows} WHERE true",
    columns: &[("shard", Type::Int), ("topic", Type::Text), ("dlq_id", Type::Int), ("created_at", Type::Time)],
};

/// Appends events, and hands them to the relay in the same breath, behind what is to be written before; `rows` are those of the
/// embedded engine.
pub(super) async fn append<'a>(
    tx: &mut Tx,
    mut before: Vec<SetRows<'a>>,
    events: &[(&'a NewEvent, &'a Encoded)],
    mut rows: Vec<Vec<Value<'a>>>,
) -> Result<(), StoreError> {
    let shards: Vec<u16> = events.iter().map(|(event, _)| partition_of(event.aggregate_id.as_bytes(), SHARDS)).collect();
    for (row, shard) in rows.iter_mut().zip(&shards) {
        row.push((*shard).into());
    }
    before.push((&APPEND, rows));
    let numbers = tx.query_sets(&before).await?.pop().unwrap_or_default();
    let numbers = numbers.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, _>>()?;
    // Numbers are taken in the order of the rows, and the answer is in that order too as long as they rise. Nothing promises it.
    let is_in_order = numbers.len() == events.len() && numbers.is_sorted();
    for ((&(event, encoded), seq), shard) in events.iter().zip(numbers).zip(shards) {
        tx.appended.push((encoded.at, seq));
        if is_in_order && tx.relayed >> shard & 1 == 1 {
            tx.written.push(record(event, encoded, seq, tx.now));
        }
    }
    Ok(())
}

/// The event as it would be read back.
fn record(event: &NewEvent, encoded: &Encoded, seq: i64, now: Timestamp) -> Record {
    Record {
        at: encoded.at,
        offset: seq,
        key: event.key.clone(),
        headers: encoded.headers.clone(),
        value: encoded.value.clone(),
        is_tombstone: false,
        created_at: format_timestamp(now),
    }
}

/// Hands copies of failed records to the relay, for those who watch the dead letters on the brokers.
pub(super) async fn append_dead_letters(tx: &mut Tx, group: &str, failed: &[i64]) -> Result<(), StoreError> {
    if failed.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let topic = if group.ends_with(".notification") { Topic::DlqNotification } else { Topic::DlqPayment };
    let rows: Vec<Vec<Value<'_>>> = failed
        .iter()
        .map(|id| vec![partition_of(&id.to_be_bytes(), SHARDS).into(), topic.name().into(), (*id).into(), now.into()])
        .collect();
    tx.execute_set(&APPEND_DEAD_LETTERS, &rows).await?;
    Ok(())
}
