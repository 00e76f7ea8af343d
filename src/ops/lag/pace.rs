use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::event::{Topic, TopicPartition};
use crate::ops::group::Commit;
use crate::ops::span::millis_between;
use crate::store::{StoreError, Tx};

use super::Rate;

/// Over how long rates are taken.
const WINDOW: Duration = Duration::from_secs(10);
/// At most so many of the last events are looked at; where they are younger than the window, the rate is over their time.
const EVENTS: i64 = 5000;
/// The same for what a group notes of its batches in one partition.
const BATCHES: i64 = 200;

/// How many records came to each partition of late, by what the database remembers: one look is enough.
pub(super) async fn arrivals(tx: &mut Tx, now: Timestamp) -> Result<BTreeMap<TopicPartition, Rate>, StoreError> {
    let since = now - WINDOW;
    let rows = tx
        .query(
            "SELECT topic, partition, count(CASE WHEN created_at > $1 THEN 1 END), count(*), min(created_at) FROM \
             (SELECT topic, partition, created_at FROM events ORDER BY seq DESC LIMIT $2) recent GROUP BY topic, partition",
            &[since.into(), EVENTS.into()],
        )
        .await?;
    let (mut found, mut seen, mut oldest) = (Vec::new(), 0, now);
    for row in rows {
        seen += row.get::<i64>(3)?;
        oldest = oldest.min(row.get(4)?);
        let (Some(topic), Ok(partition)) = (Topic::parse(&row.get::<String>(0)?), u16::try_from(row.get::<i64>(1)?)) else { continue };
        found.push((TopicPartition { topic, partition }, row.get::<i64>(2)?));
    }
    let millis = window(seen >= EVENTS, oldest, now);
    Ok(found.into_iter().map(|(at, records)| (at, Rate::of(records, millis))).collect())
}

/// What a group did in a partition of late.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) rate: Rate,
    /// How far its offset is behind the furthest one that it ever had.
    pub(super) rewound: i64,
}

/// What a group's notes of its batches say; they are written with the offset, in one transaction, so `commit` must be of the same
/// snapshot as they are.
pub(super) async fn progress(tx: &mut Tx, group: &str, at: TopicPartition, commit: Commit, now: Timestamp) -> Result<Progress, StoreError> {
    let (since, place) = (now - WINDOW, [group.into(), at.topic.name().into(), at.partition.into()]);
    let last = tx.query_one("SELECT max(to_offset) FROM consumer_batches WHERE grp = $1 AND topic = $2 AND partition = $3", &place).await?;
    let last = last.map_or(Ok(None), |row| row.get::<Option<i64>>(0))?;
    let rewound = last.map_or(0, |last| last.saturating_add(1).saturating_sub(commit.next_offset).max(0));
    let [group, topic, partition] = place;
    let rows = tx
        .query(
            "SELECT events, started_at, ended_at FROM (SELECT events, started_at, ended_at FROM consumer_batches \
             WHERE grp = $1 AND topic = $2 AND partition = $3 AND to_offset < $4 ORDER BY to_offset DESC LIMIT $5) recent \
             WHERE ended_at > $6",
            &[group, topic, partition, commit.next_offset.into(), BATCHES.into(), since.into()],
        )
        .await?;
    let (mut events, mut oldest) = (0, now);
    for row in &rows {
        let (started, ended): (Timestamp, Timestamp) = (row.get(1)?, row.get(2)?);
        // A long batch was at work before the window as well.
        let (took, within) = (millis_between(started, ended), millis_between(started.max(since), ended));
        let all: i64 = row.get(0)?;
        events += if within < took { all.saturating_mul(within) / took } else { all };
        oldest = oldest.min(started);
    }
    let is_cut = i64::try_from(rows.len()).is_ok_and(|rows| rows >= BATCHES);
    Ok(Progress { rate: Rate::of(events, window(is_cut, oldest, now)), rewound })
}

fn window(is_cut: bool, oldest: Timestamp, now: Timestamp) -> i64 {
    let since = now - WINDOW;
    millis_between(if is_cut { since.max(oldest) } else { since }, now)
}
