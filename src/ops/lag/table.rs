use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::ops::amount::{Totals, listed};
use crate::ops::span::millis_between;
use crate::ops::{Amount, Report, Table, short_span};

use super::status::status_text;
use super::watch::bars;
use super::{BrokerLag, By, GroupLag, LagReport, OutboxLag, PartitionLag, Rate};

impl Report for LagReport {
    const LISTS: &'static [&'static str] = &["groups", "foreign"];
    const NAMES: Option<&'static str> = Some("groups");

    fn tables(&self) -> Vec<Table> {
        self.all(false)
    }

    fn wide(&self) -> Vec<Table> {
        self.all(true)
    }

    fn names(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.group.to_owned()).chain(self.foreign.iter().map(|group| group.group.clone())).collect()
    }
}

impl LagReport {
    fn all(&self, is_wide: bool) -> Vec<Table> {
        let mut table = match self.by {
            By::Group => self.by_group(is_wide),
            By::Topic => self.by_topic(),
            By::Partition => self.by_partition(),
            By::Member => self.by_member(),
        };
        for group in &self.groups {
            table.notes.extend(group.reason.iter().map(|reason| format!("! {}: {reason}", group.group)));
        }
        table.notes.extend(self.foreign_reasons());
        table.notes.extend(self.missed());
        table.notes.extend(self.log_fault.iter().map(|fault| format!("! {fault}; END is where the relay last knew the log to end")));
        table.notes.extend(self.outbox.iter().flat_map(OutboxLag::told));
        table.notes.extend(self.store_fault.iter().map(|fault| format!("! {fault}; the groups are as they have told the brokers")));
        let mut tables = vec![table];
        if let Some(waiting) = &self.mail {
            let mut mail = Table::new(&["MAIL", ">WAITING", ">RETRYING", ">OLDEST"]);
            mail.push(["email".to_owned(), waiting.waiting.to_string(), waiting.retrying.to_string(), span(waiting.oldest_ms)]);
            tables.push(mail);
        }
        if let Some(last) = tables.last_mut() {
            last.notes.push(self.sources());
        }
        tables
    }
}

/// So many groups are named one by one that are not well for the same reason.
const NAMED: usize = 3;

impl LagReport {
    /// Why groups of others are not well. There may be hundreds, many for one reason.
    fn foreign_reasons(&self) -> impl Iterator<Item = String> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (group, reason) in self.foreign.iter().filter_map(|group| Some((group.group.as_str(), group.reason.as_deref()?))) {
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, groups)) => groups.push(group),
                None => reasons.push((reason, vec![group])),
            }
        }
        reasons.into_iter().flat_map(|(reason, groups)| {
            let (named, counted) = if groups.len() > NAMED { (Vec::new(), Some(groups.len())) } else { (groups, None) };
            let counted = counted.map(|count| format!("! {count} groups: {reason}"));
            counted.into_iter().chain(named.into_iter().map(move |group| format!("! {group}: {reason}")))
        })
    }
}

impl OutboxLag {
    fn told(&self) -> Vec<String> {
        if self.waiting == 0 {
            return Vec::new();
        }
        let oldest = span(self.oldest_ms);
        let mut told =
            vec![format!("{} records wait in the outbox for the brokers, the oldest for {oldest}; no LAG counts them", self.waiting)];
        told.extend(self.refused.iter().map(|refused| format!("! {refused}")));
        if self.held > 0 {
            told.push(format!("{} records wait behind a refused one; payctl topics init shows what topics take", self.held));
        }
        told
    }
}

impl LagReport {
    /// What groups began too late for, a line for each group and topic.
    fn missed(&self) -> Vec<String> {
        let mut missed: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for group in &self.groups {
            for partition in group.partitions.iter().filter(|partition| partition.missed > 0) {
                *missed.entry((group.group, partition.topic)).or_default() += partition.missed;
            }
        }
        let told = |((group, topic), records): ((&str, &str), i64)| {
            format!("! {group}: {records} records of {topic} were gone when it began there. Try: payctl events republish --topic {topic}")
        };
        missed.into_iter().map(told).collect()
    }

    fn sources(&self) -> String {
        let told = self.sources.iter().map(|source| match &source.fault {
            Some(_) => format!("{}: not told by {}", source.facts, source.from),
            None => format!("{} from {}", source.facts, source.from),
        });
        format!("{}; at {}", told.collect::<Vec<_>>().join("; "), self.at.format("%H:%M:%SZ"))
    }

    fn by_group(&self, is_wide: bool) -> Table {
        let has_trend = self.is_watched;
        let more: &[&str] = if is_wide { &[">PARKED", ">HELD", ">UNPUBLISHED", ">KNOWN", ">WAITS-SINCE"] } else { &[] };
        let trend: &[&str] = if has_trend { &["TREND"] } else { &[] };
        let headers = [
            &["GROUP", "STATUS", ">LAG", ">OLDEST", "AT-RISK", "?>IN/s", "?>OUT/s"],
            trend,
            &[">DRAIN", "??>RETENTION-LEFT", "??>MEMBERS"],
            more,
        ];
        let mut table = Table::new(&headers.concat());
        for group in &self.groups {
            let trend = has_trend.then(|| bars(&group.trend));
            let before = [
                group.group.to_owned(),
                group.status_text(),
                count(group.lag),
                span(group.oldest_ms),
                at_risk(&group.at_risk, group.payments_at_risk, group.payments_late),
                rate(group.in_per_second),
                rate(group.out_per_second),
            ];
            let known = format!("{}/{}", group.known_partitions, group.all_partitions);
            let after = [group.drain.to_string(), span(group.retention_left_ms), format!("{}/{}", group.members, group.member_rows.len())];
            let more = [
                group.parked.to_string(),
                group.held.to_string(),
                group.unpublished.to_string(),
                known.clone(),
                group.oldest_ms.map_or_else(|| "-".to_owned(), |waits| self.before(waits)),
            ];
            table.push(before.into_iter().chain(trend).chain(after).chain(more.into_iter().filter(|_| is_wide)));
            if group.lag.is_some() && group.known_partitions < group.all_partitions {
                table.notes.push(format!("{}: {known} partitions known", group.group));
            }
        }
        for group in &self.foreign {
            table.push(self.of_brokers(group, has_trend, is_wide));
        }
        table
    }

    /// A row of a group of which only the brokers know; they know nothing of money.
    fn of_brokers(&self, group: &BrokerLag, has_trend: bool, is_wide: bool) -> Vec<String> {
        let unknown = || "-".to_owned();
        let before = [
            group.group.clone(),
            group.status_text(),
            count(group.lag),
            span(group.oldest_ms),
            unknown(),
            rate(group.in_per_second),
            rate(group.out_per_second),
        ];
        let trend = has_trend.then(|| bars(&group.trend));
        let after = [group.drain.to_string(), unknown(), group.members.map_or_else(unknown, |members| members.to_string())];
        let since = group.oldest_ms.map_or_else(unknown, |waits| self.before(waits));
        let more = [unknown(), unknown(), unknown(), group.partitions.len().to_string(), since];
        before.into_iter().chain(trend).chain(after).chain(more.into_iter().filter(|_| is_wide)).collect()
    }

    /// When something began that has lasted so long.
    fn before(&self, millis: i64) -> String {
        let began = self.at - std::time::Duration::from_millis(millis.unsigned_abs());
        began.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn by_topic(&self) -> Table {
        let mut table =
            Table::new(&["GROUP", "TOPIC", "STATUS", ">LAG", ">OLDEST", "AT-RISK", "?>IN/s", "?>OUT/s", "??>RETENTION-LEFT", "??>KNOWN"]);
        for group in &self.groups {
            let mut topics: Vec<(&str, Vec<&PartitionLag>)> = Vec::new();
            for partition in &group.partitions {
                match topics.iter_mut().find(|(topic, _)| *topic == partition.topic) {
                    Some((_, own)) => own.push(partition),
                    None => topics.push((partition.topic, vec![partition])),
                }
            }
            for (topic, own) in topics {
                table.push(of_topic(group.group, topic, &own));
            }
        }
        table
    }

    fn by_partition(&self) -> Table {
        let mut table = Table::new(&[
            "GROUP",
            "TOPIC",
            ">P",
            "STATUS",
            "??>NEXT",
            "??>END",
            ">LAG",
            ">OLDEST",
            "AT-RISK",
            "?>IN/s",
            "?>OUT/s",
            "?>DRAIN",
            "??>RETENTION-LEFT",
            "??>MOVED",
        ]);
        for (group, partition) in self.groups.iter().flat_map(|group| group.partitions.iter().map(move |partition| (group, partition))) {
            table.push([
                group.group.to_owned(),
                partition.topic.to_owned(),
                partition.partition.to_string(),
                partition.status_text(),
                count(partition.next_offset),
                partition.end_offset.to_string(),
                if partition.ahead > 0 { format!("ahead {}", partition.ahead) } else { count(partition.lag) },
                span(partition.oldest_ms),
                at_risk(&partition.at_risk, partition.payments_at_risk, partition.payments_late),
                rate(partition.in_per_second),
                rate(partition.out_per_second),
                partition.drain.to_string(),
                span(partition.retention_left_ms),
                partition.moved_at.map_or_else(|| "-".to_owned(), |at| self.ago(at)),
            ]);
        }
        for (group, partition) in self.foreign.iter().flat_map(|group| group.partitions.iter().map(move |partition| (group, partition))) {
            let known = [
                group.group.clone(),
                partition.topic.clone(),
                partition.partition.to_string(),
                status_text(partition.status, partition.lost),
                partition.next_offset.to_string(),
                partition.end_offset.to_string(),
                partition.lag.to_string(),
                span(partition.oldest_ms),
            ];
            table.push(known.into_iter().chain(std::iter::repeat_n("-".to_owned(), 6)));
        }
        table
    }

    fn by_member(&self) -> Table {
        let mut table = Table::new(&["GROUP", "STATUS", "MEMBER", "STATE", "?ALIVE", "?>SINCE", ">SEEN", "REASON"]);
        for group in &self.groups {
            if group.member_rows.is_empty() {
                let nobody = || "-".to_owned();
                table.push([group.group.to_owned(), group.status_text(), nobody(), nobody(), nobody(), nobody(), nobody(), String::new()]);
            }
            for member in &group.member_rows {
                table.push([
                    group.group.to_owned(),
                    group.status_text(),
                    member.member.clone(),
                    member.state.clone(),
                    if member.alive { "yes" } else { "no" }.to_owned(),
                    self.ago(member.started_at),
                    self.ago(member.seen_at),
                    member.reason.clone().unwrap_or_default(),
                ]);
            }
        }
        table
    }

    fn ago(&self, time: Timestamp) -> String {
        short_span(millis_between(time, self.at))
    }
}

fn of_topic(group: &str, topic: &str, own: &[&PartitionLag]) -> [String; 10] {
    let mut totals = Totals::default();
    own.iter().flat_map(|partition| &partition.at_risk).for_each(|amount| totals.add(*amount));
    let known: Vec<i64> = own.iter().filter_map(|partition| partition.lag).collect();
    let behind: i64 = known.iter().sum();
    [
        group.to_owned(),
        topic.to_owned(),
        own.iter().max_by_key(|partition| partition.status).map_or_else(String::new, |worst| worst.status_text()),
        count((behind > 0 || known.len() == own.len()).then_some(behind)),
        span(own.iter().filter_map(|partition| partition.oldest_ms).max()),
        at_risk(
            &totals.amounts(),
            own.iter().map(|partition| partition.payments_at_risk).sum(),
            own.iter().map(|partition| partition.payments_late).sum(),
        ),
        rate(own.iter().map(|partition| partition.in_per_second).sum()),
        rate(own.iter().map(|partition| partition.out_per_second.or(Some(Rate::default()))).sum()),
        span(own.iter().filter_map(|partition| partition.retention_left_ms).min()),
        format!("{}/{}", known.len(), own.len()),
    ]
}

impl GroupLag {
    /// The status as people read it, with how much is lost.
    pub fn status_text(&self) -> String {
        status_text(self.status, self.partitions.iter().map(|partition| partition.lost).sum())
    }
}

impl PartitionLag {
    fn status_text(&self) -> String {
        status_text(self.status, self.lost)
    }
}

fn count(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn span(millis: Option<i64>) -> String {
    millis.map_or_else(|| "-".to_owned(), short_span)
}

fn rate(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string())
}

fn at_risk(amounts: &[Amount], payments: i64, late: i64) -> String {
    match (payments, late) {
        (0, _) => "-".to_owned(),
        (_, 0) => format!("{} ({payments})", listed(amounts)),
        _ if late == payments => format!("{} ({late} late)", listed(amounts)),
        _ => format!("{} ({payments}, {late} late)", listed(amounts)),
    }
}
