use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::event::{EventKind, TopicPartition};
use crate::log::Bounds;
use crate::ops::amount::Totals;
use crate::ops::group::{self, Member, Members};
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, OpsError, Reader, dead_letter};
use crate::services::Service;
use crate::store::{StoreError, Tx};

use super::brokers::{self, Brokers};
use super::drain::drain;
use super::judge::{Witness, judge, judge_unpublished};
use super::missed::missed;
use super::pace::arrivals;
use super::partition::{Place, measure};
use super::unpublished::Unpublished;
use super::{By, Drain, GroupLag, LagReport, MailLag, MemberRow, PartitionLag, Rate, Source, Status};

/// How far the groups of these services are behind, on one snapshot; every group where none is named.
pub async fn lag(reader: &Reader, services: &[Service], by: By) -> Result<LagReport, OpsError> {
    let wanted: Vec<Service> = Service::ALL
        .iter()
        .copied()
        .filter(|service| service.group().is_some() && (services.is_empty() || services.contains(service)))
        .collect();
    of_services(reader, &wanted, by).await
}

/// The same for these services and no others.
pub(super) async fn of_services(reader: &Reader, services: &[Service], by: By) -> Result<LagReport, OpsError> {
    let wanted = services.to_vec();
    let brokers = if reader.log.has_gaps() { None } else { Some(brokers::ask(reader, &wanted).await?) };
    reader.store.read(async move |tx| gather(tx, &wanted, by, brokers.as_ref()).await).await
}

async fn gather(tx: &mut Tx, services: &[Service], by: By, brokers: Option<&Brokers>) -> Result<LagReport, OpsError> {
    let now = tx.now();
    let latest = group::commits(tx).await?;
    let commits = brokers.map_or(&latest, |brokers| &brokers.commits);
    let members = group::members(tx).await?;
    let parked = dead_letter::open(tx).await?;
    let places = places(tx, services, brokers, now).await?;
    let mut groups = Vec::new();
    for service in services {
        let Some(name) = service.group() else { continue };
        let mut partitions = Vec::new();
        for place in places.iter().filter(|place| service.topics().contains(&place.at.topic)) {
            let key = (name.clone(), place.at);
            let commit = commits.get(&key).copied();
            let mut found = measure(tx, &name, place, (commit, latest.get(&key).copied()), now).await?;
            if place.bounds.start > 0 && !place.has_gaps && !place.is_noted {
                found.missed = missed(tx, &name, place.at, commit, place.bounds.start).await?;
            }
            partitions.push(found);
        }
        let unpublished = brokers.and_then(|brokers| brokers.unpublished.get(service.name())).cloned().unwrap_or_default();
        let fault = brokers.and_then(|brokers| brokers.fault.as_deref());
        let witness = Witness { members: members.get(&name), fault, now };
        groups.push(total(service.name(), (partitions, &unpublished), &parked, &witness));
    }
    let outbox = brokers.map(|brokers| brokers.outbox.clone());
    let log_fault = brokers.and_then(|brokers| brokers.fault.clone());
    let own = || vec![Source { facts: "commits, ends, members, money and rates", from: "the database".to_owned(), fault: None }];
    let sources = brokers.map_or_else(own, |brokers| brokers.sources.clone());
    let mail = Some(mail(tx, now).await?);
    Ok(LagReport { at: now, groups, foreign: Vec::new(), mail, outbox, log_fault, store_fault: None, sources, by, is_watched: false })
}

/// Every partition that one of the services reads, each once.
async fn places(tx: &mut Tx, services: &[Service], brokers: Option<&Brokers>, now: Timestamp) -> Result<Vec<Place>, StoreError> {
    let arrivals = arrivals(tx, now).await?;
    let mut places: BTreeMap<TopicPartition, Place> = BTreeMap::new();
    for at in services.iter().flat_map(|service| service.topics()).flat_map(|topic| topic.all_partitions()) {
        if places.contains_key(&at) {
            continue;
        }
        let told = brokers.and_then(|brokers| brokers.bounds.get(&at)).copied();
        let bounds = match told {
            Some(bounds) => bounds,
            None => noted_bounds(tx, at, brokers.is_none()).await?,
        };
        let place = Place {
            at,
            bounds,
            is_noted: brokers.is_some() && told.is_none(),
            has_gaps: brokers.is_none(),
            arrivals: arrivals.get(&at).copied().unwrap_or_default(),
        };
        places.insert(at, place);
    }
    Ok(places.into_values().collect())
}

/// Where a partition begins and ends as far as the database knows; an empty one begins where its engine begins to count.
async fn noted_bounds(tx: &mut Tx, at: TopicPartition, is_embedded: bool) -> Result<Bounds, StoreError> {
    let (start, end) = tx.partition_bounds(at).await?;
    Ok(if start == end && !is_embedded { Bounds { start: 0, end: 0 } } else { Bounds { start, end } })
}

fn total(
    name: &'static str,
    (partitions, unpublished): (Vec<PartitionLag>, &Unpublished),
    parked: &[DeadLetter],
    witness: &Witness<'_>,
) -> GroupLag {
    let mut totals = Totals::default();
    unpublished.at_risk.iter().for_each(|amount| totals.add(*amount));
    let (mut payments_at_risk, mut payments_late) = (unpublished.payments, unpublished.late);
    for partition in &partitions {
        partition.at_risk.iter().for_each(|amount| totals.add(*amount));
        payments_at_risk += partition.payments_at_risk;
        payments_late += partition.payments_late;
    }
    let (mut failed, mut held) = (0, 0);
    for letter in parked.iter().filter(|letter| letter.group == name) {
        *(if letter.state == "blocked" { &mut held } else { &mut failed }) += 1;
        if let Some(money) = letter.money.filter(|_| letter.event_type.as_deref() == Some(EventKind::PaymentSuccess.as_str())) {
            totals.add(money);
            payments_at_risk += 1;
            payments_late += 1;
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
        in_per_second: partitions.iter().map(|partition| partition.in_per_second).sum(),
        out_per_second: partitions.iter().map(|partition| partition.out_per_second.or(Some(Rate::default()))).sum(),
        trend: Vec::new(),
        drain: Drain::Idle,
        retention_left_ms: None,
        unpublished: unpublished.events,
        at_risk: totals.amounts(),
        payments_at_risk,
        payments_late,
        parked: failed,
        held,
        members: witness.members.map_or(0, |members| members.alive(witness.now)),
        member_rows: witness.members.map(|members| member_rows(members, witness.now)).unwrap_or_default(),
        partitions,
    };
    group.drain = drain((group.lag, group.oldest_ms), group.in_per_second, group.out_per_second);
    judge(&mut group, witness);
    judge_unpublished(&mut group, unpublished.oldest_ms);
    group
}

fn member_rows(members: &Members, now: Timestamp) -> Vec<MemberRow> {
    let row = |member: &Member| MemberRow {
        member: member.name.clone(),
        state: member.state.clone(),
        reason: member.reason.clone(),
        started_at: member.started_at,
        seen_at: member.seen_at,
        alive: member.is_alive(now),
    };
    members.rows().iter().map(row).collect()
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
