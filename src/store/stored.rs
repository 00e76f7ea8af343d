use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{Topic, TopicPartition};

use super::{Set, StoreError, Tx, Type, Value};

/// The digest is made where the bytes are; only servers know how, and only where there is one is a log compared with its store.
const STORED: Set = Set {
    sql: "SELECT e.topic, e.partition, e.event_id, e.aggregate_type, e.aggregate_id, e.aggregate_version, encode(sha256(e.value), 'hex') \
          FROM {rows} AS r JOIN events AS e ON e.event_id = r.event_id",
    columns: &[("event_id", Type::Uuid)],
};

/// What the permanent store has of an event.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) at: TopicPartition,
    /// Type and id of its aggregate.
    pub(crate) aggregate: String,
    pub(crate) version: i64,
    /// Of its value, in lower-case hex.
    pub(crate) sha256: String,
}

/// An event that is no longer in the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Unseen {
    pub(crate) seq: i64,
    pub(crate) event_id: Uuid,
    pub(crate) partition: u16,
    /// Where it is said to lie.
    pub(crate) log_offset: Option<i64>,
    pub(crate) created_at: Timestamp,
}

impl Tx {
    /// Those of these events that the store has.
    pub(crate) async fn stored_events(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Stored>, StoreError> {
        let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| vec![(*id).into()]).collect();
        let found = self.query_set(&STORED, &rows).await?;
        let stored = |row: &super::Row| {
            let aggregate = format!("{}/{}", row.get::<String>(3)?, row.get::<String>(4)?);
            let at = super::events::partition_from(row, 0)?;
            Ok((row.get(2)?, Stored { at, aggregate, version: row.get(5)?, sha256: row.get(6)? }))
        };
        found.iter().map(stored).collect()
    }

    /// Events of a topic stored at `since` or later that the relay is done with, in their order.
    pub(crate) async fn out_of_outbox(
        &mut self,
        topic: Topic,
        since: Timestamp,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Unseen>, StoreError> {
        let rows = self
            .query(
                "SELECT e.seq, e.event_id, e.partition, p.log_offset, e.created_at FROM events e LEFT JOIN published p ON p.seq = e.seq \
                 WHERE e.topic = $1 AND e.created_at >= $2 AND e.seq > $3 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = e.seq) \
                 ORDER BY e.seq LIMIT $4",
                &[topic.name().into(), since.into(), after.into(), limit.into()],
            )
            .await?;
        let unseen = |row: &super::Row| {
            let partition = u16::try_from(row.get::<i64>(2)?).map_err(|_| StoreError::Column(2))?;
            Ok(Unseen { seq: row.get(0)?, event_id: row.get(1)?, partition, log_offset: row.get(3)?, created_at: row.get(4)? })
        };
        rows.iter().map(unseen).collect()
    }
}
