use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::domain::Timestamp;
use crate::event::{Record, Topic, TopicPartition};

use super::{Fresh, Row, SHARDS, Set, StoreError, Tx, Type, Value};

/// Takes the rows out and notes where their records lie, as far as that is known: of a record that had to be sent twice the
/// client may learn that it is there, and not where. Its place is NULL then.
const SETTLE: Set = Set {
    sql: "WITH settled AS (DELETE FROM outbox WHERE seq IN (SELECT seq FROM {rows})) \
          INSERT INTO published (seq, topic, partition, log_offset, published_at) \
          SELECT seq, topic, partition, CASE WHEN log_offset >= 0 THEN log_offset END, published_at FROM {rows} WHERE true",
    columns: &[
        ("seq", Type::Int),
        ("topic", Type::Text),
        ("partition", Type::Int),
        ("log_offset", Type::Int),
        ("published_at", Type::Time),
    ],
};

/// Holds shards for longer, those that are still the owner's, in a transaction that a crash may forget. Settling may: rows are then
/// published again, as after every crash just before it. So nobody waits for the disk.
const KEEP: Set = Set {
    sql: "UPDATE leases SET expires_at = clock_timestamp() + r.term * interval '1 millisecond' FROM {rows} AS r \
          WHERE leases.name = r.wanted AND leases.owner = r.holder AND leases.epoch = r.since \
          RETURNING set_config('synchronous_commit', 'off', true)",
    columns: &[("wanted", Type::Text), ("holder", Type::Text), ("since", Type::Int), ("term", Type::Int)],
};

macro_rules! records {
    ($wanted:literal) => {
        concat!(
            "SELECT o.seq, o.topic, coalesce(e.partition, 0), coalesce(e.key, d.key), coalesce(e.headers, d.headers), \
             coalesce(e.value, d.value), coalesce(e.created_at, o.created_at), o.kind, d.topic, d.partition, d.log_offset, d.grp, \
             d.error_message, d.attempts, d.event_id, d.error_code, d.retryable, d.first_failed_at, d.last_failed_at FROM {rows} AS s \
             CROSS JOIN LATERAL (SELECT * FROM outbox WHERE ",
            $wanted,
            ") AS o LEFT JOIN LATERAL (SELECT * FROM events WHERE o.kind = 'event' AND events.seq = o.seq LIMIT 1) AS e ON true \
             LEFT JOIN LATERAL (SELECT * FROM dlq WHERE o.kind = 'dead_letter' AND dlq.id = o.dlq_id LIMIT 1) AS d ON true"
        )
    };
}

const OLDEST: &[(&str, Type)] = &[("wanted", Type::Int), ("most", Type::Int)];

/// The oldest rows of some shards as records; each is looked up by its number, however long the tables are.
const BATCH: Set = Set { sql: records!("outbox.shard = s.wanted ORDER BY outbox.shard, outbox.seq LIMIT s.most"), columns: OLDEST };

/// The numbers of those rows alone …
const NUMBERS: Set = Set {
    sql: "SELECT o.seq FROM {rows} AS s CROSS JOIN LATERAL \
          (SELECT seq FROM outbox WHERE outbox.shard = s.wanted ORDER BY outbox.shard, outbox.seq LIMIT s.most) AS o",
    columns: OLDEST,
};

/// … and the records of some numbers.
const NUMBERED: Set = Set { sql: records!("outbox.seq = s.wanted LIMIT 1"), columns: &[("wanted", Type::Int)] };

/// Why rows were not settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    /// One of the shards is somebody else's.
    #[error("a shard has been taken by another relay")]
    Taken,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was noted before cannot be true any more: an event that was published again lies where its new copy does, and a place
/// that was given again, in a topic that was made anew, is no longer that of the event that lay there once.
const DISPLACE: Set = Set {
    sql: "DELETE FROM published AS p USING {rows} AS r \
          WHERE p.seq = r.seq OR (p.topic = r.topic AND p.partition = r.partition AND p.log_offset = r.log_offset)",
    columns: SETTLE.columns,
};

/// The right to publish one shard. Whoever takes it next has a higher epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShardLease {
    /// Which shard.
    pub shard: u16,
    /// How often it has changed hands.
    pub epoch: i64,
}

/// A row of the outbox that is in the log now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The row.
    pub seq: i64,
    /// On which partition it lies.
    pub at: TopicPartition,
    /// And where there.
    pub offset: i64,
}

impl Tx {
    /// Says that this relay lives; the number of those that do.
    pub(crate) async fn attend_relay(&mut self, owner: &str, term: Duration) -> Result<i64, StoreError> {
        let name = presence(owner);
        self.execute(
            "INSERT INTO leases (name, owner, epoch, expires_at) VALUES ($1, $2, 1, clock_timestamp() + $3::bigint * interval '1 millisecond') \
             ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at",
            &[(&name).into(), owner.into(), millis(term)],
        )
        .await?;
        self.execute("DELETE FROM leases WHERE name LIKE 'relay/%' AND expires_at < clock_timestamp() - interval '1 minute'", &[]).await?;
        let alive = self.query_one("SELECT count(*) FROM leases WHERE name LIKE 'relay/%' AND expires_at > clock_timestamp()", &[]).await?;
        alive.map_or(Ok(1), |row| row.get(0))
    }

    /// Takes a shard that nobody holds; `None` where somebody does.
    pub(crate) async fn take_shard(&mut self, owner: &str, shard: u16, term: Duration) -> Result<Option<ShardLease>, StoreError> {
        let taken = self
            .query_one(
                "INSERT INTO leases (name, owner, epoch, expires_at) VALUES ($1, $2, 1, clock_timestamp() + $3::bigint * interval '1 millisecond') \
                 ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = leases.epoch + 1, expires_at = excluded.expires_at \
                 WHERE leases.expires_at < clock_timestamp() RETURNING epoch",
                &[(&lease_name(shard)).into(), owner.into(), millis(term)],
            )
            .await?;
        taken.map(|row| Ok(ShardLease { shard, epoch: row.get(0)? })).transpose()
    }

    /// Holds a shard for longer; `false` where somebody else has taken it.
    pub(crate) async fn keep_shard(&mut self, owner: &str, lease: ShardLease, term: Duration) -> Result<bool, StoreError> {
        let kept = self
            .execute(
                "UPDATE leases SET expires_at = clock_timestamp() + $4::bigint * interval '1 millisecond' \
                 WHERE name = $1 AND owner = $2 AND epoch = $3",
                &[(&lease_name(lease.shard)).into(), owner.into(), lease.epoch.into(), millis(term)],
            )
            .await?;
        Ok(kept == 1)
    }

    /// Lets a shard go at once; the epoch stays, so that the next holder's is higher.
    pub(crate) async fn drop_shard(&mut self, owner: &str, lease: ShardLease) -> Result<(), StoreError> {
        self.execute(
            "UPDATE leases SET expires_at = clock_timestamp() - interval '1 millisecond' WHERE name = $1 AND owner = $2 AND epoch = $3",
            &[(&lease_name(lease.shard)).into(), owner.into(), lease.epoch.into()],
        )
        .await?;
        Ok(())
    }

    /// Says that this relay has ended.
    pub(crate) async fn leave_relay(&mut self, owner: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM leases WHERE name = $1", &[(&presence(owner)).into()]).await?;
        Ok(())
    }

    /// Whether events go to the log by way of an outbox.
    pub(crate) fn has_outbox(&mut self) -> bool {
        self.engine.server().is_some()
    }

    /// Rows that wait to be published; none on the embedded engine, where committing is publishing.
    pub async fn unpublished(&mut self) -> Result<i64, StoreError> {
        if self.engine.server().is_none() {
            return Ok(0);
        }
        let waiting = self.query_one("SELECT count(*) FROM outbox", &[]).await?;
        waiting.map_or(Ok(0), |row| row.get(0))
    }

    /// The shards that have something to publish.
    pub(crate) async fn shards_waiting(&mut self) -> Result<Vec<u16>, StoreError> {
        // One index look-up a shard, where a DISTINCT would read every row of a backlog.
        let waiting = self
            .query(
                "SELECT s.shard FROM generate_series(0, $1::bigint - 1) AS s (shard) \
                 CROSS JOIN LATERAL (SELECT 1 FROM outbox o WHERE o.shard = s.shard ORDER BY o.shard, o.seq LIMIT 1) AS oldest",
                &[SHARDS.into()],
            )
            .await?;
        waiting.iter().map(|row| u16::try_from(row.get::<i64>(0)?).map_err(|_| StoreError::Column(0))).collect()
    }

    /// How many rows wait, and since when the oldest.
    pub(crate) async fn outbox_depth(&mut self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let row = self.query_one("SELECT count(*), min(created_at) FROM outbox", &[]).await?;
        row.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The oldest rows of each of these shards in their order, as records for the log; the offset of each is its row's number.
    /// What this process has written itself a moment ago is not read again.
    ///
    /// Always the oldest, never those behind the last one seen: numbers are taken before the commit, so a row may come late.
    pub(crate) async fn outbox_batch(&mut self, shards: &[u16], limit: i64, fresh: &Fresh) -> Result<Vec<Record>, StoreError> {
        let wanted: Vec<Vec<Value<'_>>> = shards.iter().map(|shard| vec![(*shard).into(), limit.into()]).collect();
        let (mut records, rows) = if fresh.is_empty() {
            (Vec::new(), self.query_set(&BATCH, &wanted).await?)
        } else {
            let numbers = self.query_set(&NUMBERS, &wanted).await?;
            let numbers = numbers.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, _>>()?;
            let (found, missing) = fresh.take(&numbers);
            let missing: Vec<Vec<Value<'_>>> = missing.into_iter().map(|seq| vec![seq.into()]).collect();
            (found, self.query_set(&NUMBERED, &missing).await?)
        };
        records.reserve(rows.len());
        for row in &rows {
            records.push(record(row)?);
        }
        records.sort_by_key(|record| record.offset);
        Ok(records)
    }

    /// Takes rows out of the outbox and notes where they lie; nothing is kept where one of the shards is somebody else's.
    ///
    /// Almost always every place is new. Where one is not, the database refuses it as a constraint, and the caller asks again
    /// with `displaces`: what was noted before and cannot be true any more is then forgotten.
    pub(crate) async fn settle_outbox(
        &mut self,
        owner: &str,
        leases: &[ShardLease],
        term: Duration,
        placed: &[Placed],
        displaces: bool,
    ) -> Result<(), SettleError> {
        let names: Vec<String> = leases.iter().map(|lease| lease_name(lease.shard)).collect();
        let held: Vec<Vec<Value<'_>>> =
            leases.iter().zip(&names).map(|(lease, name)| vec![name.into(), owner.into(), lease.epoch.into(), millis(term)]).collect();
        let now = self.now();
        let lying: Vec<Vec<Value<'_>>> = placed
            .iter()
            .map(|placed| {
                vec![placed.seq.into(), placed.at.topic.name().into(), placed.at.partition.into(), placed.offset.into(), now.into()]
            })
            .collect();
        let mut sets = vec![(&KEEP, held)];
        if displaces {
            sets.push((&DISPLACE, lying.clone()));
        }
        sets.push((&SETTLE, lying));
        let kept = self.query_sets(&sets).await?;
        if kept.first().map_or(0, Vec::len) == leases.len() { Ok(()) } else { Err(SettleError::Taken) }
    }
}

fn lease_name(shard: u16) -> String {
    format!("outbox/{shard}")
}

fn presence(owner: &str) -> String {
    format!("relay/{owner}")
}

fn millis(term: Duration) -> Value<'static> {
    Value::Int(i64::try_from(term.as_millis()).unwrap_or(i64::MAX))
}

fn record(row: &Row) -> Result<Record, StoreError> {
    let topic = Topic::parse(&row.get::<String>(1)?).ok_or(StoreError::Column(1))?;
    let partition = u16::try_from(row.get::<i64>(2)?).map_err(|_| StoreError::Column(2))?;
    let headers: String = row.get(4)?;
    let is_dead_letter = row.get::<String>(7)? == "dead_letter";
    Ok(Record {
        at: TopicPartition { topic, partition },
        offset: row.get(0)?,
        key: row.get(3)?,
        headers: if is_dead_letter { dead_letter_headers(&headers, row)? } else { headers },
        value: row.get(5)?,
        is_tombstone: false,
        created_at: row.get(6)?,
    })
}

/// The original headers, and behind them why the record was parked (contract section 9), all text.
fn dead_letter_headers(original: &str, row: &Row) -> Result<String, StoreError> {
    let mut headers: Map<String, Json> = serde_json::from_str(original).unwrap_or_default();
    let text = |column: usize| row.get::<String>(column);
    let number = |column: usize| row.get::<i64>(column).map(|number| number.to_string());
    let group = text(11)?;
    let service = group.rsplit('.').next().unwrap_or_default().to_owned();
    let is_retryable = row.get::<bool>(16)?;
    for (name, value) in [
        ("__dlq.errors.topic", text(8)?),
        ("__dlq.errors.partition", number(9)?),
        ("__dlq.errors.offset", number(10)?),
        ("__dlq.errors.group", group),
        ("__dlq.errors.message", text(12)?),
        ("__dlq.errors.delivery.count", number(13)?),
        ("payctl-event-id", row.get::<Option<String>>(14)?.unwrap_or_default()),
        ("payctl-service", service),
        ("payctl-service-version", env!("CARGO_PKG_VERSION").to_owned()),
        ("payctl-error-code", text(15)?),
        ("payctl-retryable", is_retryable.to_string()),
        ("payctl-first-failed-at", text(17)?),
        ("payctl-last-failed-at", text(18)?),
    ] {
        headers.insert(name.to_owned(), Json::String(value));
    }
    Ok(Json::Object(headers).to_string())
}
