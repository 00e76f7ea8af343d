use crate::domain::Timestamp;
use crate::ops::group::{GRACE_MS, Members};
use crate::ops::short_span;
use crate::ops::span::millis_between;

use super::{GroupLag, PartitionLag, Status};

/// Gives every partition its status, and the group that of the worst with its reason.
pub(super) fn judge(group: &mut GroupLag, members: Option<&Members>, now: Timestamp) {
    let alive = group.members > 0;
    for partition in &mut group.partitions {
        partition.status = status(partition, alive, now);
    }
    let worst = group.partitions.iter().max_by_key(|partition| (partition.status, partition.oldest_ms));
    let Some(worst) = worst else { return };
    group.status = worst.status;
    let place = format!("{}/{}", worst.topic, worst.partition);
    let next = worst
        .next
        .as_ref()
        .map(|next| format!("; next record {} ({}). Try: payctl trace {}", next.aggregate_id, next.event_type, next.trace_id()))
        .unwrap_or_default();
    let said = members.and_then(|members| members.reason(now)).map(|reason| format!(" ({reason})")).unwrap_or_default();
    group.reason = match worst.status {
        Status::Ok | Status::Unpublished => None,
        Status::NoCommit => Some(format!("{place} holds records and was never committed")),
        Status::Stalled => {
            // An offset that had nothing to do stood well: it stands badly only since its record came.
            let stood = worst.moved_at.map_or(0, |moved| millis_between(moved, now)).min(worst.oldest_ms.unwrap_or(i64::MAX));
            let since = short_span(stood);
            Some(format!("{place}: offset {} has not moved for {since}{said}{next}", worst.next_offset.unwrap_or_default()))
        }
        Status::Stopped => Some(match members.and_then(Members::last_seen) {
            Some(seen) => format!("no member is alive, the last was seen {} ago{next}", short_span(millis_between(seen, now))),
            None => format!("no member is running{next}"),
        }),
    };
}

/// What waits before the log stands still as well, whatever the partitions say of themselves.
pub(super) fn judge_unpublished(group: &mut GroupLag, oldest_ms: Option<i64>) {
    let Some(oldest) = oldest_ms.filter(|oldest| *oldest > GRACE_MS && group.status < Status::Unpublished) else { return };
    group.status = Status::Unpublished;
    let since = short_span(oldest);
    group.reason =
        Some(format!("{} events wait in the outbox and are in no log, the oldest for {since}. Try: payctl status", group.unpublished));
}

fn status(partition: &PartitionLag, alive: bool, now: Timestamp) -> Status {
    match partition.lag {
        None => Status::NoCommit,
        // A quiet partition is well, however long ago it was committed.
        Some(0) => Status::Ok,
        Some(_) if !alive => Status::Stopped,
        Some(_) => {
            let still = |millis: i64| millis > GRACE_MS;
            let waits = partition.oldest_ms.is_some_and(still);
            let stands = partition.moved_at.is_some_and(|moved| still(millis_between(moved, now)));
            if waits && stands { Status::Stalled } else { Status::Ok }
        }
    }
}
