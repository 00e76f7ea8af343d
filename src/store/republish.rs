use std::collections::HashMap;

use crate::domain::Timestamp;
use crate::event::{Topic, partition_of};

use super::{SHARDS, Set, StoreError, Tx, Type, Value};

/// Rows already in the outbox stay: they will be published anyway.
const PUT: Set = Set {
    sql: "INSERT INTO outbox (seq, shard, topic, created_at) SELECT seq, shard, topic, created_at FROM {rows} WHERE true \
          ON CONFLICT (seq) DO NOTHING",
    columns: &[("seq", Type::Int), ("shard", Type::Int), ("topic", Type::Text), ("created_at", Type::Time)],
};

/// The old place is a lie from now on, and the new one is not known yet.
const FORGET: Set = Set { sql: "DELETE FROM published WHERE seq IN (SELECT seq FROM {rows})", columns: &[("seq", Type::Int)] };

const WAITING: Set =
    Set { sql: "SELECT o.seq, o.created_at FROM {rows} AS r JOIN outbox AS o ON o.seq = r.seq", columns: &[("seq", Type::Int)] };

/// Which events of the permanent store are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    pub(crate) topic: Topic,
    /// Only this partition.
    pub(crate) partition: Option<u16>,
    /// Only events that were stored at this time or later.
    pub(crate) from: Option<Timestamp>,
}

/// What of a selection lies in one partition.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(crate) partition: u16,
    pub(crate) events: i64,
    /// Those among them that the outbox holds already.
    pub(crate) waiting: i64,
    pub(crate) first_at: Timestamp,
    pub(crate) last_at: Timestamp,
}

/// An event that is to be published again.
#[derive(Debug, Clone)]
pub(crate) struct Again {
    pub(crate) seq: i64,
    pub(crate) aggregate_id: String,
}

impl Selection {
    fn partitions(&self) -> (i64, i64) {
        self.partition.map_or((0, i64::from(u16::MAX)), |partition| (partition.into(), partition.into()))
    }

    fn since(&self) -> Timestamp {
        self.from.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Tx {
    /// Since when each of these events has waited in the outbox; those that are published are not named.
    pub(crate) async fn outbox_waiting(&mut self, seqs: &[i64]) -> Result<HashMap<i64, Timestamp>, StoreError> {
        if self.engine.server().is_none() || seqs.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<Vec<Value<'_>>> = seqs.iter().map(|seq| vec![(*seq).into()]).collect();
        self.query_set(&WAITING, &rows).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// The last event's number and how many events of a selection each partition has.
    pub(crate) async fn selected(&mut self, wanted: Selection) -> Result<(i64, Vec<Selected>), StoreError> {
        let last = self.query_one("SELECT coalesce(max(seq), 0) FROM events", &[]).await?.map_or(Ok(0), |row| row.get(0))?;
        let (low, high) = wanted.partitions();
        let rows = self
            .query(
                "SELECT e.partition, count(*), count(o.seq), min(e.created_at), max(e.created_at) FROM events e \
                 LEFT JOIN outbox o ON o.seq = e.seq WHERE e.topic = $1 AND e.partition BETWEEN $2 AND $3 AND e.created_at >= $4 \
                 GROUP BY e.partition ORDER BY e.partition",
                &[wanted.topic.name().into(), low.into(), high.into(), wanted.since().into()],
            )
            .await?;
        let selected = rows.iter().map(|row| {
            let partition = u16::try_from(row.get::<i64>(0)?).map_err(|_| StoreError::Column(0))?;
            Ok(Selected { partition, events: row.get(1)?, waiting: row.get(2)?, first_at: row.get(3)?, last_at: row.get(4)? })
        });
        Ok((last, selected.collect::<Result<_, StoreError>>()?))
    }

    /// Events of a selection in their order, behind `after` and not behind `until`.
    pub(crate) async fn selected_page(&mut self, wanted: Selection, after: i64, until: i64, limit: i64) -> Result<Vec<Again>, StoreError> {
        let (low, high) = wanted.partitions();
        let rows = self
            .query(
                "SELECT seq, aggregate_id FROM events WHERE topic = $1 AND partition BETWEEN $2 AND $3 AND created_at >= $4 \
                 AND seq > $5 AND seq <= $6 ORDER BY seq LIMIT $7",
                &[wanted.topic.name().into(), low.into(), high.into(), wanted.since().into(), after.into(), until.into(), limit.into()],
            )
            .await?;
        rows.iter().map(|row| Ok(Again { seq: row.get(0)?, aggregate_id: row.get(1)? })).collect()
    }

    /// Puts events back into the outbox and forgets where they lay; how many were not waiting there already.
    pub(crate) async fn put_back(&mut self, topic: Topic, events: &[Again]) -> Result<u64, StoreError> {
        let now = self.now();
        let rows: Vec<Vec<Value<'_>>> = events
            .iter()
            .map(|event| {
                let shard = partition_of(event.aggregate_id.as_bytes(), SHARDS);
                vec![event.seq.into(), shard.into(), topic.name().into(), now.into()]
            })
            .collect();
        let seqs: Vec<Vec<Value<'_>>> = events.iter().map(|event| vec![event.seq.into()]).collect();
        self.execute_set(&FORGET, &seqs).await?;
        self.execute_set(&PUT, &rows).await
    }
}
