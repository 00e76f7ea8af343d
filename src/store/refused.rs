use std::time::Duration;

use uuid::Uuid;

use crate::domain::Timestamp;

use super::{SHARDS, Set, SettleError, ShardLease, StoreError, Tx, Type, Value};

/// A row that nobody may publish yet has another shard than its own: so far behind it lie those that wait behind a refused row …
const HELD: u16 = 1000;
/// … and so far the refused ones.
const REFUSED: u16 = 2000;
/// Refused rows that are looked at, at most; the relay stops long before there are so many.
const MOST: i64 = 1000;

const _: () = assert!(SHARDS < HELD);

const SET_ASIDE: Set = Set {
    sql: "UPDATE outbox SET shard = outbox.shard % 1000 + r.aside, refusal = r.refusal, refused_at = r.refused_at \
          FROM {rows} AS r WHERE outbox.seq = r.seq",
    columns: &[("seq", Type::Int), ("aside", Type::Int), ("refusal", Type::Text), ("refused_at", Type::Time)],
};

/// A row of the outbox that is kept out of what is published next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its number.
    pub seq: i64,
    /// Why the brokers refuse it; `None` where it only waits behind one that they refuse.
    pub refusal: Option<String>,
}

/// A row that the brokers refuse for its own sake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number.
    pub seq: i64,
    /// The shard that it belongs to.
    pub shard: u16,
    /// Whose later rows wait behind it; none where it stands for itself, as copies of dead letters do.
    pub aggregate_id: Option<String>,
    /// Its event.
    pub event_id: Option<Uuid>,
    /// Where it should lie.
    pub topic: String,
    /// What the brokers say.
    pub reason: String,
    /// When they last said so.
    pub refused_at: Timestamp,
}

/// Where the refused rows of a shard are read.
pub(crate) const fn refused_shard(shard: u16) -> u16 {
    shard + REFUSED
}

impl Tx {
    /// The rows that the brokers refuse, oldest first; none on the embedded engine.
    pub(crate) async fn refusals(&mut self) -> Result<Vec<Refusal>, StoreError> {
        if self.engine.server().is_none() {
            return Ok(Vec::new());
        }
        let rows = self
            .query(
                "SELECT o.seq, o.shard % 1000, e.aggregate_id, coalesce(CAST(e.event_id AS TEXT), CAST(d.event_id AS TEXT)), o.topic, \
                 o.refusal, o.refused_at FROM outbox o LEFT JOIN events e ON o.kind = 'event' AND e.seq = o.seq \
                 LEFT JOIN dlq d ON o.kind = 'dead_letter' AND d.id = o.dlq_id WHERE o.refusal IS NOT NULL ORDER BY o.seq LIMIT $1::bigint",
                &[MOST.into()],
            )
            .await?;
        let refusal = |row: &super::Row| {
            Ok(Refusal {
                seq: row.get(0)?,
                shard: u16::try_from(row.get::<i64>(1)?).map_err(|_| StoreError::Column(1))?,
                aggregate_id: row.get(2)?,
                event_id: row.get::<Option<String>>(3)?.and_then(|id| Uuid::parse_str(&id).ok()),
                topic: row.get(4)?,
                reason: row.get(5)?,
                refused_at: row.get(6)?,
            })
        };
        rows.iter().map(refusal).collect()
    }

    /// How many rows wait behind refused ones.
    pub(crate) async fn held_behind_refusals(&mut self) -> Result<i64, StoreError> {
        if self.engine.server().is_none() {
            return Ok(0);
        }
        let sql = "SELECT count(*) FROM outbox WHERE shard BETWEEN $1::bigint AND $2::bigint";
        let held = self.query_one(sql, &[HELD.into(), (REFUSED - 1).into()]).await?;
        held.map_or(Ok(0), |row| row.get(0))
    }

    /// Keeps rows out of what is published next; nothing is done where one of the shards is somebody else's.
    pub(crate) async fn set_aside(
        &mut self,
        (owner, term): (&str, Duration),
        leases: &[ShardLease],
        rows: &[Aside],
    ) -> Result<(), SettleError> {
        self.keep_all(owner, leases, term).await?;
        let now = self.now();
        let aside: Vec<Vec<Value<'_>>> = rows
            .iter()
            .map(|row| {
                let (behind, at) = if row.refusal.is_some() { (REFUSED, Some(now)) } else { (HELD, None) };
                vec![row.seq.into(), behind.into(), row.refusal.as_deref().into(), at.into()]
            })
            .collect();
        self.execute_set(&SET_ASIDE, &aside).await?;
        Ok(())
    }

    /// Lets what waits behind a refused row of this aggregate be published again, in its order.
    pub(crate) async fn bring_back(
        &mut self,
        (owner, term): (&str, Duration),
        leases: &[ShardLease],
        aggregate_id: &str,
    ) -> Result<(), SettleError> {
        self.keep_all(owner, leases, term).await?;
        self.execute(
            "UPDATE outbox SET shard = shard % 1000 WHERE shard BETWEEN $1::bigint AND $2::bigint \
             AND seq IN (SELECT seq FROM events WHERE aggregate_id = $3)",
            &[HELD.into(), (REFUSED - 1).into(), aggregate_id.into()],
        )
        .await?;
        Ok(())
    }

    async fn keep_all(&mut self, owner: &str, leases: &[ShardLease], term: Duration) -> Result<(), SettleError> {
        for lease in leases {
            if !self.keep_shard(owner, *lease, term).await? {
                return Err(SettleError::Taken);
            }
        }
        Ok(())
    }
}
