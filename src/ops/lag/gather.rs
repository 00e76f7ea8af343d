use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Timestamp;
use crate::event::{EventKind, Topic, TopicPartition};
use crate::log::Bounds;
use crate::ops::amount::Totals;
use crate::ops::group::{self, Members};
use crate::ops::span::millis_between;
use crate::ops::{Amount, DeadLetter, OpsError, Reader, dead_letter};
use crate::services::Service;
use crate::store::{Refusal, StoreError, Tx};

use super::judge::{judge, judge_unpublished};
use super::missed::missed;
use super::unpublished::{Unpublished, unpublished};
use super::{By, GroupLag, LagReport, MailLag, NextRecord, OutboxLag, PartitionLag, RefusedEvent, Status};

/// How far the groups of these services are behind, on one snapshot; every group where none is named.
pub async fn lag(reader: &Reader, services: &[Service], by: By) -> Result<LagReport, OpsError> {
    let wanted: Vec<Service> = Service::ALL
        .iter()
        .copied()
        .filter(|service| service.group().is_some() && (services.is_empty() || services.contains(service)))
        .collect();
    let brokers = if reader.log.has_gaps() { None } else { Some(ask_brokers(reader, &wanted).await?) };
    reader.store.read(async move |tx| gather(tx, &wanted, by, brokers.as_ref()).await).await
}

type Commits = BTreeMap<(String, TopicPartition), group::Commit>;

/// What is asked outside of the snapshot, where the log is not in the database.
struct Brokers {
    outbox: OutboxLag,
    unpublished: BTreeMap<&'static str, Unpublished>,
    commits: Commits,
    bounds: BTreeMap<TopicPartition, Bounds>,
    /// Why they did not answer.
    fault: Option<String>,
}

/// The outbox before the log, and commits before ends: what moves meanwhile is then counted twice and not overlooked, and a group
/// that works meanwhile is not ahead of the log.
async fn ask_brokers(reader: &Reader, services: &[Service]) -> Result<Brokers, OpsError> {
    let wanted = services.to_vec();
    let before = async move |tx: &mut Tx| {
        let mut waiting = BTreeMap::new();
        for service in &wanted {
            if let Some(group) = service.group() {
                let now = tx.now();
                waiting.insert(service.name(), unpublished(tx, *service, &group, now).await?);
            }
        }
        Ok::<_, OpsError>((outbox(tx).await?, waiting, group::commits(tx).await?))
    };
    let (outbox, unpublished, commits) = reader.store.read(before).await?;
    let mut brokers = Brokers { outbox, unpublished, commits, bounds: BTreeMap::new(), fault: None };
    let topics: BTreeSet<Topic> = services.iter().flat_map(|service| service.topics()).copied().collect();
    for topic in topics {
        match reader.bounds(topic).await {
            Ok(found) => {
                let placed = |(partition, found)| (TopicPartition { topic, partition }, found);
                brokers.bounds.extend(found.into_iter().map(placed));
            }
            // What the database knows is worth telling without them, and now most of all.
            Err(error) => return Ok(Brokers { bounds: BTreeMap::new(), fault: Some(error.to_string()), ..brokers }),
        }
    }
    Ok(brokers)
}

async fn gather(tx: &mut Tx, services: &[Service], by: By, brokers: Option<&Brokers>) -> Result<LagReport, OpsError> {
    let now = tx.now();
    let commits = match brokers {
        Some(brokers) => brokers.commits.clone(),
        None => group::commits(tx).await?,
    };
    let members = group::members(tx).await?;
    let parked = dead_letter::open(tx).await?;
    let mut known = brokers.map(|brokers| brokers.bounds.clone()).unwrap_or_default();
    let mut groups = Vec::new();
    for service in services {
        let Some(name) = service.group() else { continue };
        let mut partitions = Vec::new();
        for at in service.topics().iter().flat_map(|topic| topic.all_partitions()) {
            let bounds = match known.get(&at) {
                Some(bounds) => *bounds,
                None => noted_bounds(tx, at, brokers.is_none()).await?,
            };
            known.insert(at, bounds);
            let commit = commits.get(&(name.clone(), at)).copied();
            let mut found = partition(tx, at, commit, bounds, brokers.is_none(), now).await?;
            if bounds.start > 0 && brokers.is_some_and(|brokers| brokers.fault.is_none()) {
                found.missed = missed(tx, &name, at, commit, bounds.start).await?;
            }
            partitions.push(found);
        }
        let unpublished = brokers.and_then(|brokers| brokers.unpublished.get(service.name())).cloned().unwrap_or_default();
        groups.push(total(service.name(), (partitions, &unpublished), &parked, members.get(&name), now));
    }
    let outbox = brokers.map(|brokers| brokers.outbox.clone());
    let log_fault = brokers.and_then(|brokers| brokers.fault.clone());
    Ok(LagReport { at: now, groups, mail: mail(tx, now).await?, outbox, log_fault, by })
}

/// Where a partition begins and ends as far as the database knows; an empty one begins where its engine begins to count.
async fn noted_bounds(tx: &mut Tx, at: TopicPartition, is_embedded: bool) -> Result<Bounds, StoreError> {
    let (start, end) = tx.partition_bounds(at).await?;
    Ok(if start == end && !is_embedded { Bounds { start: 0, end: 0 } } else { Bounds { start, end } })
}

async fn partition(
    tx: &mut Tx,
    at: TopicPartition,
    commit: Option<group::Commit>,
    Bounds { start, end }: Bounds,
    has_gaps: bool,
    now: Timestamp,
) -> Result<PartitionLag, StoreError> {
    let mut found = PartitionLag {
        topic: at.topic.name(),
        partition: at.partition,
        status: Status::Ok,
        next_offset: commit.map(|commit| commit.next_offset),
        end_offset: end,
        lag: None,
        oldest_ms: None,
        at_risk: Vec::new(),
        payments_at_risk: 0,
        missed: 0,
        moved_at: commit.map(|commit| commit.updated_at),
        next: None,
    };
    let from = match commit {
        // What the brokers have dropped is not there to be read.
        Some(commit) if !has_gaps => commit.next_offset.max(start),
        Some(commit) => commit.next_offset,
        // Nobody ever wrote there, so nothing can be missed.
        None if start >= end => end,
        None => return Ok(found),
    };
    let lag = if has_gaps { count_from(tx, at, from).await? } else { end.saturating_sub(from).max(0) };
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
    if at.topic == Topic::PaymentEvents {
        (found.at_risk, found.payments_at_risk) = at_risk(tx, at, from).await?;
    }
    Ok(found)
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
async fn at_risk(tx: &mut Tx, at: TopicPartition, from: i64) -> Result<(Vec<Amount>, i64), StoreError> {
    let rows = tx
        .query(
            "SELECT p.currency, sum(p.amount), count(*) FROM event_places l JOIN events e ON e.seq = l.seq \
             JOIN payments p ON p.payment_no = e.aggregate_id \
             WHERE l.topic = $1 AND l.partition = $2 AND l.log_offset >= $3 AND e.event_type = 'payment.success' \
             GROUP BY p.currency ORDER BY p.currency",
            &[at.topic.name().into(), at.partition.into(), from.into()],
        )
        .await?;
    let mut payments = 0;
    let mut amounts = Vec::new();
    for row in rows {
        amounts.push(Amount { currency: row.get(0)?, amount: row.get(1)? });
        payments += row.get::<i64>(2)?;
    }
    Ok((amounts, payments))
}

fn total(
    name: &'static str,
    (partitions, unpublished): (Vec<PartitionLag>, &Unpublished),
    parked: &[DeadLetter],
    members: Option<&Members>,
    now: Timestamp,
) -> GroupLag {
    let mut totals = Totals::default();
    unpublished.at_risk.iter().for_each(|amount| totals.add(*amount));
    let mut payments_at_risk = unpublished.payments;
    for partition in &partitions {
        partition.at_risk.iter().for_each(|amount| totals.add(*amount));
        payments_at_risk += partition.payments_at_risk;
    }
    let (mut failed, mut held) = (0, 0);
    for letter in parked.iter().filter(|letter| letter.group == name) {
        *(if letter.state == "blocked" { &mut held } else { &mut failed }) += 1;
        if let Some(money) = letter.money.filter(|_| letter.event_type.as_deref() == Some(EventKind::PaymentSuccess.as_str())) {
            totals.add(money);
            payments_at_risk += 1;
        }
    }
    let known: Vec<i64> = partitions.iter().filter_map(|partition| partition.lag).collect();
    let behind: i64 = known.iter().sum();
    let mut group = GroupLag {
        group: name,
        status: Status::Ok,
        reason: None,
        // Nothing known to be behind and something unknown is not "nothing behind".
        lag: (behind > 0 || known.len() == partitions.len()).then_some(behind),
        known_partitions: known.len(),
        all_partitions: partitions.len(),
        oldest_ms: partitions.iter().filter_map(|partition| partition.oldest_ms).max(),
        unpublished: unpublished.events,
        at_risk: totals.amounts(),
        payments_at_risk,
        parked: failed,
        held,
        members: members.map_or(0, |members| members.alive(now)),
        partitions,
    };
    judge(&mut group, members, now);
    judge_unpublished(&mut group, unpublished.oldest_ms);
    group
}

async fn outbox(tx: &mut Tx) -> Result<OutboxLag, OpsError> {
    let (waiting, oldest) = tx.outbox_depth().await?;
    let refused = |refusal: Refusal| RefusedEvent {
        event_id: refusal.event_id,
        aggregate_id: refusal.aggregate_id,
        topic: refusal.topic,
        reason: refusal.reason,
        refused_at: refusal.refused_at,
    };
    let refused: Vec<RefusedEvent> = tx.refusals().await?.into_iter().map(refused).collect();
    let held = if refused.is_empty() { 0 } else { tx.held_behind_refusals().await? };
    Ok(OutboxLag { waiting, oldest_ms: oldest.map(|oldest| millis_between(oldest, tx.now())), refused, held })
}

async fn mail(tx: &mut Tx, now: Timestamp) -> Result<MailLag, StoreError> {
    let row = tx
        .query_one(
            "SELECT count(*), count(CASE WHEN attempts > 0 THEN 1 END), min(created_at) FROM notifications WHERE status = 'pending'",
            &[],
        )
        .await?;
    let Some(row) = row else { return Ok(MailLag { waiting: 0, retrying: 0, oldest_ms: None }) };
    let oldest: Option<Timestamp> = row.get(2)?;
    Ok(MailLag { waiting: row.get(0)?, retrying: row.get(1)?, oldest_ms: oldest.map(|oldest| millis_between(oldest, now)) })
}
