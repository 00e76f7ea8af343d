use crate::domain::Timestamp;
use crate::ops::group::{ALIVE_MS, GRACE_MS, Members};
use crate::ops::short_span;
use crate::ops::span::millis_between;

use super::{Drain, GroupLag, PartitionLag, Status};

/// What is known of the group besides its offsets.
pub(super) struct Witness<'a> {
    pub(super) members: Option<&'a Members>,
    /// Why the brokers do not tell where partitions end.
    pub(super) fault: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Gives every partition its status and its reason, and the group those of the worst.
pub(super) fn judge(group: &mut GroupLag, witness: &Witness<'_>) {
    let alive = group.members > 0;
    if !alive {
        // Whatever moved a moment ago, nobody is there to go on.
        let partitions = group.partitions.iter_mut().map(|partition| &mut partition.drain);
        partitions.chain([&mut group.drain]).filter(|drain| **drain != Drain::Idle).for_each(|drain| *drain = Drain::Never);
    }
    for partition in &mut group.partitions {
        (partition.status, partition.reason) = verdict(group.group, partition, alive, witness);
    }
    let worst = group.partitions.iter().max_by_key(|partition| (partition.status, partition.oldest_ms, partition.lag));
    if let Some(worst) = worst {
        (group.status, group.reason) = (worst.status, worst.reason.clone());
    }
}

/// What waits before the log stands still as well, whatever the partitions say of themselves.
pub(super) fn judge_unpublished(group: &mut GroupLag, oldest_ms: Option<i64>) {
    let Some(oldest) = oldest_ms.filter(|oldest| *oldest > GRACE_MS && group.status < Status::Unpublished) else { return };
    group.status = Status::Unpublished;
    let since = short_span(oldest);
    group.reason =
        Some(format!("{} events wait in the outbox and are in no log, the oldest for {since}. Try: payctl status", group.unpublished));
}

fn verdict(group: &str, partition: &PartitionLag, alive: bool, witness: &Witness<'_>) -> (Status, Option<String>) {
    let place = format!("{}/{}", partition.topic, partition.partition);
    let committed = partition.next_offset.unwrap_or_default();
    if partition.lost > 0 || partition.ahead > 0 {
        return (Status::Lost, Some(lost(group, partition, &place)));
    }
    let unknown = || {
        let fault = witness.fault.filter(|_| partition.end_is_noted)?;
        Some(format!("the log does not tell where {place} ends: {fault}"))
    };
    let well = || unknown().map_or((Status::Ok, None), |reason| (Status::Unknown, Some(reason)));
    match partition.lag {
        None => return (Status::NoCommit, Some(format!("{place} holds records and was never committed"))),
        // A quiet partition is well, however long ago it was committed.
        Some(0) => return well(),
        Some(_) if !alive => return (Status::Stopped, Some(stopped(partition, witness))),
        Some(_) => {}
    }
    let moved = partition.moved_at.map(|moved| millis_between(moved, witness.now));
    // An offset that had nothing to do stood well: it stands badly only since its record came.
    let stood = moved.unwrap_or_default().min(partition.oldest_ms.unwrap_or_default());
    let change = witness.members.filter(|_| stood > ALIVE_MS).and_then(|members| members.changing(partition.moved_at, stood, witness.now));
    if let Some(change) = change {
        return (Status::Rebalancing, Some(format!("{place} stands at {committed} for {}: {change}", short_span(stood))));
    }
    if stood > GRACE_MS {
        let said = witness.members.and_then(|members| members.reason(witness.now)).map(|reason| format!(" ({reason})"));
        let reason =
            format!("{place}: offset {committed} has not moved for {}{}{}", short_span(stood), said.unwrap_or_default(), next(partition));
        return (Status::Stalled, Some(reason));
    }
    if partition.rewound > 0 {
        let furthest = committed.saturating_add(partition.rewound);
        let reason = format!("{place}: the offset went back from {furthest} to {committed}, and what lies between is read again");
        return (Status::Rewound, Some(reason));
    }
    match (partition.in_per_second, partition.out_per_second) {
        (Some(arrivals), Some(out)) if partition.oldest_ms.is_some_and(|oldest| oldest > GRACE_MS) && arrivals > out => {
            let waiting = short_span(partition.oldest_ms.unwrap_or_default());
            let speed = if out.is_zero() { "moves".to_owned() } else { format!("takes {out}/s") };
            (Status::Slow, Some(format!("{place} {speed} and gets {arrivals}/s; its oldest record waits for {waiting}{}", next(partition))))
        }
        _ => well(),
    }
}

fn lost(group: &str, partition: &PartitionLag, place: &str) -> String {
    let committed = partition.next_offset.unwrap_or_default();
    let cure = format!(
        "Try: payctl events republish --topic {}, then payctl groups reset-offsets {group} --topic {} --to start",
        partition.topic, partition.topic
    );
    if partition.ahead > 0 {
        let end = partition.end_offset;
        return format!("{place}: the group stands at {committed} and the log ends at {end}: it was emptied or made anew. {cure}");
    }
    let start = committed.saturating_add(partition.lost);
    format!(
        "{place}: the log begins at {start} and the group stands at {committed}: {} records were deleted unread. {cure}",
        partition.lost
    )
}

fn stopped(partition: &PartitionLag, witness: &Witness<'_>) -> String {
    let next = next(partition);
    match witness.members.and_then(Members::last_seen) {
        Some(seen) => format!("no member is alive, the last was seen {} ago{next}", short_span(millis_between(seen, witness.now))),
        None => format!("no member is running{next}"),
    }
}

fn next(partition: &PartitionLag) -> String {
    let told = partition.next.as_ref();
    told.map(|next| format!("; next record {} ({}). Try: payctl trace {}", next.aggregate_id, next.event_type, next.trace_id()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_timestamp;

    const FAULT: &str = "the brokers are unavailable: no broker answers";

    fn partition(next: i64, end: i64) -> PartitionLag {
        PartitionLag {
            topic: "payment.events",
            partition: 3,
            status: Status::Ok,
            reason: None,
            next_offset: Some(next),
            end_offset: end,
            end_is_noted: false,
            lag: Some(end - next),
            ahead: 0,
            lost: 0,
            rewound: 0,
            oldest_ms: (end > next).then_some(8000),
            in_per_second: None,
            out_per_second: None,
            drain: Drain::Idle,
            retention_left_ms: None,
            at_risk: Vec::new(),
            payments_at_risk: 0,
            payments_late: 0,
            missed: 0,
            moved_at: None,
            next: None,
        }
    }

    fn verdict_of(partition: &PartitionLag, fault: Option<&str>) -> (Status, String) {
        let now = parse_timestamp("2026-01-02T03:04:05Z").unwrap();
        let (status, reason) = verdict("accounting", partition, true, &Witness { members: None, fault, now });
        (status, reason.unwrap_or_default())
    }

    #[test]
    fn an_offset_below_the_logs_start_says_how_many_records_are_lost_and_what_helps() {
        let lost = PartitionLag { lost: 12, ..partition(40, 90) };
        assert_eq!(
            verdict_of(&lost, None),
            (
                Status::Lost,
                "payment.events/3: the log begins at 52 and the group stands at 40: 12 records were deleted unread. Try: payctl events \
                 republish --topic payment.events, then payctl groups reset-offsets accounting --topic payment.events --to start"
                    .to_owned()
            )
        );
    }

    #[test]
    fn an_offset_behind_the_logs_end_is_not_taken_for_a_group_that_has_read_all() {
        let (status, reason) = verdict_of(&PartitionLag { ahead: 30, lag: None, ..partition(40, 10) }, None);
        assert_eq!(status, Status::Lost);
        assert!(reason.starts_with("payment.events/3: the group stands at 40 and the log ends at 10: it was emptied"), "{reason}");
    }

    #[test]
    fn nobody_is_well_whose_end_nobody_tells() {
        let noted = PartitionLag { end_is_noted: true, ..partition(40, 40) };
        let told = (Status::Unknown, format!("the log does not tell where payment.events/3 ends: {FAULT}"));
        assert_eq!(verdict_of(&noted, Some(FAULT)), told);
        assert_eq!(verdict_of(&partition(40, 40), Some(FAULT)), (Status::Ok, String::new()), "its own topic was told");
    }
}
