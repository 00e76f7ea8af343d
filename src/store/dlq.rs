use std::collections::{HashMap, HashSet};

use crate::domain::Timestamp;
use crate::event::{Decoded, Payload, Record, decode};

use super::desk::cause_of;
use super::{Row, Set, StoreError, Tx, Type, Value, outbox};

const PARK: Set = Set {
    sql: "INSERT INTO dlq (grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state, attempts, \
          error_code, error_message, retryable, key, headers, value, first_failed_at, last_failed_at, cause, payment_no, amount, currency) \
          SELECT grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state, attempts, \
          error_code, error_message, retryable, key, headers, value, failed_at, failed_at, cause, payment_no, amount, currency \
          FROM {rows} WHERE true ON CONFLICT DO NOTHING \
          RETURNING id, state",
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
        ("cause", Type::Text),
        ("payment_no", Type::Text),
        ("amount", Type::Int),
        ("currency", Type::Text),
    ],
};

const HELD_KEYS: Set = Set {
    sql: "SELECT d.hold_key, max(CASE WHEN d.state = 'blocked' THEN 0 ELSE 1 END) \
          FROM {rows} AS r JOIN dlq AS d ON d.grp = r.grp AND d.hold_key = r.hold_key \
          WHERE d.state IN ('failed', 'blocked', 'replaying') GROUP BY d.hold_key",
    columns: &[("grp", Type::Text), ("hold_key", Type::Text)],
};

/// Where nothing of the key has failed; what is not next yet finds that out when it is tried, and waits again.
const RELEASE: Set = Set {
    sql: "UPDATE dlq SET state = 'replaying' WHERE state = 'blocked' AND (grp, hold_key) IN (SELECT r.grp, r.hold_key FROM {rows} AS r) \
          AND NOT EXISTS (SELECT 1 FROM dlq AS f WHERE f.grp = dlq.grp AND f.hold_key = dlq.hold_key AND f.state = 'failed')",
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

/// Why a group holds back events under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// One of them failed, or is being tried again.
    Failed,
    /// They only wait for a version that has not come.
    Waiting,
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
    pub(crate) aggregate_id: Option<String>,
    pub(crate) version: Option<i64>,
    pub(crate) record: Record,
}

impl Tx {
    /// Parks events for a group; one that is parked already stays as it is. The answer holds the numbers of the others.
    pub(crate) async fn park(&mut self, group: &str, parked: &[Parked<'_>]) -> Result<Vec<i64>, StoreError> {
        let now = self.now();
        let rows: Vec<Vec<Value<'_>>> = parked.iter().map(|one| park_row(group, one, now)).collect();
        let parked = self.query_set(&PARK, &rows).await?;
        if self.engine.server().is_some() {
            let is_failed = |row: &&Row| row.get::<String>(1).is_ok_and(|state| state == ParkedState::Failed.as_str());
            let failed = parked.iter().filter(is_failed).map(|row| row.get(0)).collect::<Result<Vec<i64>, _>>()?;
            outbox::append_dead_letters(self, group, &failed).await?;
        }
        parked.iter().map(|row| row.get(0)).collect()
    }

    /// Those of `keys` under which the group holds events back.
    pub(crate) async fn held_keys(&mut self, group: &str, keys: &HashSet<&str>) -> Result<HashMap<String, Hold>, StoreError> {
        let any =
            self.query("SELECT 1 FROM dlq WHERE grp = $1 AND state IN ('failed', 'blocked', 'replaying') LIMIT 1", &[group.into()]).await?;
        if any.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<Vec<Value<'_>>> = keys.iter().map(|key| vec![group.into(), (*key).into()]).collect();
        let held = self.query_set(&HELD_KEYS, &rows).await?;
        held.iter().map(|row| Ok((row.get(0)?, if row.get::<i64>(1)? == 0 { Hold::Waiting } else { Hold::Failed }))).collect()
    }

    /// Lets what waits under these keys be tried again, where nothing of a key has failed.
    pub(crate) async fn release(&mut self, group: &str, keys: &HashSet<&str>) -> Result<(), StoreError> {
        let rows: Vec<Vec<Value<'_>>> = keys.iter().map(|key| vec![group.into(), (*key).into()]).collect();
        if !rows.is_empty() {
            self.execute_set(&RELEASE, &rows).await?;
        }
        Ok(())
    }

    /// Dead letters that the group is asked to try again, at most `limit`, in the order in which they may take effect: under
    /// one key, aggregates by the first of them that was parked, and each in the order of its versions.
    pub(crate) async fn replays(&mut self, group: &str, limit: i64) -> Result<Vec<Replay>, StoreError> {
        let rows = self
            .query(
                "SELECT d.log_offset, d.topic, d.partition, d.key, d.headers, d.value, d.first_failed_at, d.id, d.hold_key, d.aggregate_id, d.version \
                 FROM dlq AS d WHERE d.grp = $1 AND d.state = 'replaying' \
                 ORDER BY d.hold_key, \
                   (SELECT min(e.id) FROM dlq AS e WHERE e.grp = d.grp AND e.hold_key = d.hold_key AND e.aggregate_id = d.aggregate_id \
                    AND e.state IN ('failed', 'blocked', 'replaying')), d.version, d.id LIMIT $2",
                &[group.into(), limit.into()],
            )
            .await?;
        rows.iter().map(replay_from).collect()
    }

    /// Whether an event of the key failed that was parked before this one.
    pub(crate) async fn is_behind_failed(&mut self, group: &str, replay: &Replay) -> Result<bool, StoreError> {
        let before = "SELECT 1 FROM dlq WHERE grp = $1 AND hold_key = $2 AND state = 'failed' AND (id < $3 OR (aggregate_id = $4 AND version < $5)) LIMIT 1";
        let params = [
            group.into(),
            replay.hold_key.as_deref().into(),
            replay.id.into(),
            replay.aggregate_id.as_deref().into(),
            replay.version.into(),
        ];
        Ok(!self.query(before, &params).await?.is_empty())
    }

    /// It is not this event's turn: it waits again, and nothing counts as a try.
    pub(crate) async fn wait_again(&mut self, replay: &Replay) -> Result<(), StoreError> {
        self.execute("UPDATE dlq SET state = 'blocked' WHERE id = $1", &[replay.id.into()]).await?;
        Ok(())
    }

    /// A replayed event took effect (or had it already): it is resolved, and those behind it are tried.
    pub(crate) async fn resolve(&mut self, group: &str, replay: &Replay) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "UPDATE dlq SET state = 'resolved', attempts = attempts + 1, last_failed_at = $1 WHERE id = $2",
            &[now.into(), replay.id.into()],
        )
        .await?;
        self.release(group, &replay.hold_key.as_deref().into_iter().collect()).await
    }

    /// A replayed event failed again.
    pub(crate) async fn failed_again(&mut self, group: &str, id: i64, code: &str, message: &str) -> Result<(), StoreError> {
        let (now, cause) = (self.now(), cause_of(group, code, message));
        self.execute(
            "UPDATE dlq SET state = 'failed', attempts = attempts + 1, error_code = $1, error_message = $2, last_failed_at = $3, cause = $4 \
             WHERE id = $5",
            &[code.into(), message.into(), now.into(), cause.into(), id.into()],
        )
        .await?;
        Ok(())
    }
}

fn park_row<'a>(group: &'a str, one: &'a Parked<'a>, now: Timestamp) -> Vec<Value<'a>> {
    // Read once more: few events are parked, and none of the others should pay for what operators see of these.
    let payload = match decode(one.record) {
        Ok(Decoded::Event(event)) => Some(event.payload),
        _ => None,
    };
    let money = payload.as_ref().and_then(Payload::money);
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
        cause_of(group, &one.code, &one.message).into(),
        payload.as_ref().and_then(Payload::payment_no).map(str::to_owned).into(),
        money.map(|money| money.minor).into(),
        money.map(|money| money.currency).into(),
    ]
}

fn replay_from(row: &Row) -> Result<Replay, StoreError> {
    Ok(Replay {
        id: row.get(7)?,
        hold_key: row.get(8)?,
        aggregate_id: row.get(9)?,
        version: row.get(10)?,
        record: super::events::record_from(row)?,
    })
}
