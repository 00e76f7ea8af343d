use std::time::Duration;

use crate::domain::Timestamp;
use crate::event::{Topic, TopicPartition};
use crate::log::Bounds;
use crate::ops::Amount;
use crate::ops::group::{Commit, GRACE_MS};
use crate::ops::span::millis_between;
use crate::store::{StoreError, Tx};

use super::drain::drain;
use super::pace::{Progress, progress};
use super::{Drain, NextRecord, PartitionLag, Rate, Status};

/// A partition as it was found, before the group's own facts.
pub(super) struct Place {
    pub(super) at: TopicPartition,
    pub(super) bounds: Bounds,
    /// Whether the database, and not the log, says so.
    pub(super) is_noted: bool,
    /// Whether offsets have gaps, so that records are counted and none is ever deleted.
    pub(super) has_gaps: bool,
    pub(super) arrivals: Rate,
}

/// How far the group is behind there, by the commit that was read before the log's end, and by the latest of this snapshot.
pub(super) async fn measure(
    tx: &mut Tx,
    group: &str,
    place: &Place,
    (commit, latest): (Option<Commit>, Option<Commit>),
    now: Timestamp,
) -> Result<PartitionLag, StoreError> {
    let (at, Bounds { start, end }) = (place.at, place.bounds);
    let done = match latest {
        Some(latest) => progress(tx, group, at, latest, now).await?,
        None => Progress::default(),
    };
    let mut found = fresh(place, commit, done);
    let from = match commit {
        Some(_) if found.ahead > 0 => return Ok(found),
        // What the brokers have dropped is not there to be read.
        Some(commit) if !place.has_gaps => commit.next_offset.max(start),
        Some(commit) => commit.next_offset,
        // Nobody ever wrote there, so nothing can be missed.
        None if start >= end => end,
        None => return Ok(found),
    };
    let lag = if place.has_gaps { count_from(tx, at, from).await? } else { end.saturating_sub(from).max(0) };
    found.lag = Some(lag);
    if lag == 0 {
        return Ok(found);
    }
    let oldest = tx
        .query_one(
            "SELECT p.log_offset, e.event_id, e.event_type, e.aggregate_id, e.created_at FROM event_places p JOIN events e ON e.seq = p.seq \
             WHERE p.topic = $1 AND p.partition = $2 AND p.log_offset >= $3 ORDER BY p.log_offset LIMIT 1",
            &[at.topic.name().into(), at.partition.into(), from.into()],
        )
        .await?;
    if let Some(row) = oldest {
        found.oldest_ms = Some(millis_between(row.get(4)?, now));
        found.next = Some(NextRecord { offset: row.get(0)?, event_id: row.get(1)?, event_type: row.get(2)?, aggregate_id: row.get(3)? });
    }
    found.drain = drain((found.lag, found.oldest_ms), found.in_per_second, found.out_per_second);
    if at.topic == Topic::PaymentEvents {
        at_risk(tx, at, from, &mut found, now).await?;
    }
    Ok(found)
}

/// What is known without looking at the records.
fn fresh(place: &Place, commit: Option<Commit>, done: Progress) -> PartitionLag {
    let Bounds { start, end } = place.bounds;
    let next = commit.map(|commit| commit.next_offset);
    // A group that has read nothing yet stands at 0 whatever is left.
    let reads = next.filter(|next| *next > 0 && !place.has_gaps && !place.is_noted);
    PartitionLag {
        topic: place.at.topic.name(),
        partition: place.at.partition,
        status: Status::Ok,
        reason: None,
        next_offset: next,
        end_offset: end,
        end_is_noted: place.is_noted,
        lag: None,
        ahead: reads.map_or(0, |next| next.saturating_sub(end).max(0)),
        lost: reads.map_or(0, |next| start.saturating_sub(next).max(0)),
        rewound: done.rewound,
        oldest_ms: None,
        in_per_second: Some(place.arrivals),
        out_per_second: next.map(|_| done.rate),
        drain: Drain::Idle,
        retention_left_ms: None,
        at_risk: Vec::new(),
        payments_at_risk: 0,
        payments_late: 0,
        missed: 0,
        moved_at: commit.map(|commit| commit.updated_at),
        next: None,
    }
}

/// Offsets of the embedded log have gaps, so its lag is counted and not subtracted.
async fn count_from(tx: &mut Tx, at: TopicPartition, from: i64) -> Result<i64, StoreError> {
    let counted = tx
        .query_one(
            "SELECT count(*) FROM event_places WHERE topic = $1 AND partition = $2 AND log_offset >= $3",
            &[at.topic.name().into(), at.partition.into(), from.into()],
        )
        .await?;
    counted.map_or(Ok(0), |row| row.get(0))
}

/// The successful payments from an offset on.
async fn at_risk(tx: &mut Tx, at: TopicPartition, from: i64, found: &mut PartitionLag, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx
        .query(
            "SELECT p.currency, sum(p.amount), count(*), count(CASE WHEN e.created_at < $4 THEN 1 END) \
             FROM event_places l JOIN events e ON e.seq = l.seq JOIN payments p ON p.payment_no = e.aggregate_id \
             WHERE l.topic = $1 AND l.partition = $2 AND l.log_offset >= $3 AND e.event_type = 'payment.success' \
             GROUP BY p.currency ORDER BY p.currency",
            &[at.topic.name().into(), at.partition.into(), from.into(), late_before(now).into()],
        )
        .await?;
    for row in rows {
        found.at_risk.push(Amount { currency: row.get(0)?, amount: row.get(1)? });
        found.payments_at_risk += row.get::<i64>(2)?;
        found.payments_late += row.get::<i64>(3)?;
    }
    Ok(())
}

/// What came before this has waited for longer than a living group takes.
pub(super) fn late_before(now: Timestamp) -> Timestamp {
    now - Duration::from_millis(GRACE_MS.unsigned_abs())
}
