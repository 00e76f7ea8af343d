use std::time::Duration;

use crate::domain::Timestamp;
use crate::event::Topic;

use super::{Row, StoreError, Tx};

/// The one lease on the way past the brokers.
const LEASE: &str = "fallback";

/// An event that is not known to be on the brokers.
#[derive(Debug, Clone)]
pub(crate) struct Unpublished {
    /// Its number in the event store; an aggregate's events have rising ones.
    pub(crate) seq: i64,
    pub(crate) topic: Topic,
    pub(crate) aggregate_type: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: i64,
    /// The exact bytes of the record.
    pub(crate) value: Vec<u8>,
    pub(crate) created_at: Timestamp,
}

const COLUMNS: &str = "e.seq, e.topic, e.aggregate_type, e.aggregate_id, e.aggregate_version, e.value, e.created_at";

impl Tx {
    /// Takes or keeps the lease on posting past the brokers; `false` where another process has it.
    pub(crate) async fn hold_fallback(&mut self, owner: &str, term: Duration) -> Result<bool, StoreError> {
        let term_ms = i64::try_from(term.as_millis()).unwrap_or(i64::MAX);
        let held = self
            .execute(
                "INSERT INTO leases (name, owner, epoch, expires_at) VALUES ($1, $2, 1, clock_timestamp() + $3::bigint * interval '1 millisecond') \
                 ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = leases.epoch + 1, expires_at = excluded.expires_at \
                 WHERE leases.owner = excluded.owner OR leases.expires_at < clock_timestamp()",
                &[LEASE.into(), owner.into(), term_ms.into()],
            )
            .await?;
        Ok(held == 1)
    }

    /// Events that wait in the outbox behind `after`, oldest first, at most `limit`.
    pub(crate) async fn unpublished_after(&mut self, after: i64, limit: i64) -> Result<Vec<Unpublished>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM outbox o JOIN events e ON e.seq = o.seq WHERE o.kind = 'event' AND o.seq > $1 ORDER BY o.seq LIMIT $2"
        );
        self.query(&sql, &[after.into(), limit.into()]).await?.iter().map(unpublished).collect()
    }

    /// The events of an aggregate from one version up to, but without, another; at most `limit`.
    pub(crate) async fn versions_before(&mut self, event: &Unpublished, from: i64, limit: i64) -> Result<Vec<Unpublished>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events e WHERE e.aggregate_id = $1 AND e.aggregate_type = $2 AND e.aggregate_version >= $3 \
             AND e.aggregate_version < $4 ORDER BY e.aggregate_version LIMIT $5"
        );
        let params = [(&event.aggregate_id).into(), (&event.aggregate_type).into(), from.into(), event.version.into(), limit.into()];
        self.query(&sql, &params).await?.iter().map(unpublished).collect()
    }
}

fn unpublished(row: &Row) -> Result<Unpublished, StoreError> {
    Ok(Unpublished {
        seq: row.get(0)?,
        topic: Topic::parse(&row.get::<String>(1)?).ok_or(StoreError::Column(1))?,
        aggregate_type: row.get(2)?,
        aggregate_id: row.get(3)?,
        version: row.get(4)?,
        value: row.get(5)?,
        created_at: row.get(6)?,
    })
}
