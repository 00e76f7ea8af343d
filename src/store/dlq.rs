use std::collections::HashSet;

use crate::domain::Timestamp;
use crate::event::Record;

use super::{Row, Set, StoreError, Tx, Type, Value};

const PARK: Set = Set {
    sql: "INSERT INTO dlq (grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state, attempts, \
          error_code, error_message, retryable, key, headers, value, first_failed_at, last_failed_at) \
          SELECT grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state, attempts, \
          error_code, error_message, retryable, key, headers, value, failed_at, failed_at FROM {rows} WHERE true ON CONFLICT DO NOTHING",
    columns: &[
        ("grp", Type::Text),
        ("topic", Type::Text),
        ("partition", Type::Int),
        ("log_offset", Type::Int),
        ("event_id", Type::Uuid),
        ("event_type", Type::Text),
        ("aggregate_id", Type::Text),
        ("hold_key", Type::Text),
        ("version", Type::Int),
        ("merchant_id", Type::Text),
        ("state", Type::Text),
        ("attempts", Type::Int),
        ("error_code", Type::Text),
        ("error_message", Type::Text),
        ("retryable", Type::Int),
        ("key", Type::Text),
        ("headers", Type::Text),
        ("value", Type::Blob),
        ("failed_at", Type::Time),
    ],
};

const BLOCKED_KEYS: Set = Set {
    sql: "SELECT DISTINCT d.hold_key FROM {rows} AS r JOIN dlq AS d ON d.grp = r.grp AND d.hold_key = r.hold_key \
          WHERE d.state IN ('failed', 'blocked', 'replaying')",
    columns: &[("grp", Type::Text), ("hold_key", Type::Text)],
};

/// Where a parked event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParkedState {
    /// It failed itself.
    Failed,
    /// It waits behind one of its aggregate.
    Blocked,
}

impl ParkedState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }
}

/// An event on its way into the dead letters.
#[derive(Debug, Clone)]
pub(crate) struct Parked<'a> {
    pub(crate) record: &'a Record,
    pub(crate) event_id: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) aggregate_id: Option<String>,
    pub(crate) hold_key: Option<String>,
    pub(crate) version: Option<i64>,
    pub(crate) merchant_id: Option<String>,
    pub(crate) state: ParkedState,
    pub(crate) attempts: i64,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retryable: bool,
}

/// A dead letter that an operator wants tried again.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    pub(crate) id: i64,
    pub(crate) hold_key: Option<String>,
    pub(crate) record: Record,
}

impl Tx {
    /// Parks events for a group; one that is parked already stays as it is.
    pub(crate) async fn park(&mut self, group: &str, parked: &[Parked<'_>]) -> Result<(), StoreError> {
        let now = self.now();
        let rows: Vec<Vec<Value<'_>>> = parked.iter().map(|one| park_row(group, one, now)).collect();
        self.execute_set(&PARK, &rows).await?;
        Ok(())
    }

    /// Those of `keys` behind which the group holds events back.
    pub(crate) async fn blocked_keys(&mut self, group: &str, keys: &HashSet<&str>) -> Result<HashSet<String>, StoreError> {
        let any =
            self.query("SELECT 1 FROM dlq WHERE grp = $1 AND state IN ('failed', 'blocked', 'replaying') LIMIT 1", &[group.into()]).await?;
        if any.is_empty() {
            return Ok(HashSet::new());
        }
        let rows: Vec<Vec<Value<'_>>> = keys.iter().map(|key| vec![group.into(), (*key).into()]).collect();
        self.query_set(&BLOCKED_KEYS, &rows).await?.iter().map(|row| row.get(0)).collect()
    }

    /// The first dead letters that the group is asked to try again: of each aggregate only its oldest open one.
    pub(crate) async fn replays(&mut self, group: &str, limit: i64) -> Result<Vec<Replay>, StoreError> {
        let rows = self
            .query(
                "SELECT log_offset, topic, partition, key, headers, value, first_failed_at, id, hold_key FROM dlq AS d \
                 WHERE grp = $1 AND state = 'replaying' AND (hold_key IS NULL OR NOT EXISTS \
                   (SELECT 1 FROM dlq AS e WHERE e.grp = d.grp AND e.hold_key = d.hold_key AND e.state IN ('failed', 'blocked', 'replaying') AND e.id < d.id)) \
                 ORDER BY id LIMIT $2",
                &[group.into(), limit.into()],
            )
            .await?;
        rows.iter().map(replay_from).collect()
    }

    /// A replayed event took effect (or had it already): it is resolved, and the next one behind it is tried.
    pub(crate) async fn resolve(&mut self, group: &str, replay: &Replay) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "UPDATE dlq SET state = 'resolved', attempts = attempts + 1, last_failed_at = $1 WHERE id = $2",
            &[now.into(), replay.id.into()],
        )
        .await?;
        self.execute(
            "UPDATE dlq SET state = 'replaying' WHERE id = \
             (SELECT min(id) FROM dlq WHERE grp = $1 AND hold_key = $2 AND state = 'blocked') \
             AND NOT EXISTS (SELECT 1 FROM dlq WHERE grp = $1 AND hold_key = $2 AND state = 'failed')",
            &[group.into(), replay.hold_key.as_deref().into()],
        )
        .await?;
        Ok(())
    }

    /// A replayed event failed again.
    pub(crate) async fn failed_again(&mut self, id: i64, code: &str, message: &str) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "UPDATE dlq SET state = 'failed', attempts = attempts + 1, error_code = $1, error_message = $2, last_failed_at = $3 WHERE id = $4",
            &[code.into(), message.into(), now.into(), id.into()],
        )
        .await?;
        Ok(())
    }
}

fn park_row<'a>(group: &'a str, one: &'a Parked<'a>, now: Timestamp) -> Vec<Value<'a>> {
    vec![
        group.into(),
        one.record.at.topic.name().into(),
        one.record.at.partition.into(),
        one.record.offset.into(),
        one.event_id.as_deref().into(),
        one.event_type.as_deref().into(),
        one.aggregate_id.as_deref().into(),
        one.hold_key.as_deref().into(),
        one.version.into(),
        one.merchant_id.as_deref().into(),
        one.state.as_str().into(),
        one.attempts.into(),
        (&one.code).into(),
        (&one.message).into(),
        one.retryable.into(),
        (&one.record.key).into(),
        (&one.record.headers).into(),
        (&one.record.value).into(),
        now.into(),
    ]
}

fn replay_from(row: &Row) -> Result<Replay, StoreError> {
    Ok(Replay { id: row.get(7)?, hold_key: row.get(8)?, record: super::events::record_from(row)? })
}
