use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::log::{BrokerCommit, BrokerGroup, EventLog, GroupState};
use crate::ops::group::GRACE_MS;
use crate::ops::span::millis_between;
use crate::ops::{OpsError, short_span};
use crate::services::Service;

use super::drain::drain;
use super::status::status_text;
use super::{Drain, Rate, Status};

/// How far two looks are apart where only one is asked for: brokers remember where a group is, and not when it came there.
const APART: Duration = Duration::from_secs(1);

/// Why it is not known where a group stands that has too many before it.
pub(in crate::ops) const TOO_MANY: &str = "there are more groups than are looked into at once; name it to see where it stands";

/// How far a group is behind whose commits only the brokers have.
#[derive(Debug, Clone, Serialize)]
pub struct BrokerLag {
    /// What it is called on the brokers.
    pub group: String,
    /// That of its worst partition.
    pub status: Status,
    /// Why it is not OK.
    pub reason: Option<String>,
    /// Records that it has not read; unknown where it has committed nothing.
    pub lag: Option<i64>,
    /// How long the oldest of them has lain there, where that was found out.
    pub oldest_ms: Option<i64>,
    /// Records that came to its partitions between two looks, a second.
    pub in_per_second: Option<Rate>,
    /// Records that it took between two looks, a second.
    pub out_per_second: Option<Rate>,
    /// The lag at each of the last looks of a watch, up to this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<i64>,
    /// How long it takes at that rate until nothing waits.
    pub drain: Drain,
    /// How many members it has; unknown where the brokers do not tell.
    pub members: Option<usize>,
    /// By topic and partition.
    pub partitions: Vec<BrokerPartition>,
}

/// How far such a group is behind in one partition.
#[derive(Debug, Clone, Serialize)]
pub struct BrokerPartition {
    /// As the brokers call it.
    pub topic: String,
    /// By its number.
    pub partition: i32,
    /// How it is doing.
    pub status: Status,
    /// Why it is not OK.
    pub reason: Option<String>,
    /// The offset that it reads next.
    pub next_offset: i64,
    /// The offset after the last record.
    pub end_offset: i64,
    /// Records from `next_offset` on.
    pub lag: i64,
    /// Records that were deleted unread.
    pub lost: i64,
    /// How long the oldest has lain there, where that was found out.
    pub oldest_ms: Option<i64>,
}

/// Which groups that are not of the platform are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Foreign {
    /// None.
    #[default]
    None,
    /// These; one that the brokers do not know is an error.
    Named(Vec<String>),
    /// All that the brokers know.
    All,
}

/// What the look before saw, and when.
#[derive(Debug, Default)]
pub(super) struct BrokerLooks(Option<(Timestamp, Vec<BrokerGroup>)>);

impl BrokerLooks {
    /// Looks at the wanted groups; twice, a second apart, where no look was before and something waits.
    pub(super) async fn look(&mut self, (log, ambient): (&EventLog, &Ambient), wanted: &Foreign) -> Result<Vec<BrokerLag>, OpsError> {
        let groups = match wanted {
            Foreign::None => return Ok(Vec::new()),
            Foreign::All => strangers(log).await?,
            Foreign::Named(names) => named(log, names).await?,
        };
        self.compare((log, ambient), groups).await
    }

    /// The same for these groups, whoever they belong to.
    pub(super) async fn compare(
        &mut self,
        (log, ambient): (&EventLog, &Ambient),
        groups: Vec<BrokerGroup>,
    ) -> Result<Vec<BrokerLag>, OpsError> {
        let before = if let Some(before) = self.0.take() {
            before
        } else {
            let first = (ambient.now(), log.broker_commits(groups.clone()).await?);
            let waits =
                first.1.iter().filter_map(|group| group.commits.as_ref()).flatten().any(|commit| commit.next_offset < commit.bounds.end);
            if waits {
                tokio::time::sleep(APART).await;
            }
            first
        };
        let found = log.broker_commits(groups).await?;
        let now = ambient.now();
        let look = Look { now, millis: millis_between(before.0, now), before: &before.1 };
        let told = found.iter().map(|group| look.judge(group)).collect();
        self.0 = Some((now, found));
        Ok(told)
    }
}

/// Groups on the brokers that are none of the platform's.
pub(in crate::ops) async fn strangers(log: &EventLog) -> Result<Vec<BrokerGroup>, OpsError> {
    let own: Vec<String> = own(log).into_iter().map(|(_, name)| name).collect();
    let groups = log.broker_groups().await?;
    Ok(groups.into_iter().filter(|group| !own.contains(&group.name)).collect())
}

/// The platform's groups with what they are called on the brokers.
pub(super) fn own(log: &EventLog) -> Vec<(&'static str, String)> {
    let name = |service: &Service| Some((service.name(), log.group_name(&service.group()?)));
    Service::ALL.iter().filter_map(name).collect()
}

async fn named(log: &EventLog, names: &[String]) -> Result<Vec<BrokerGroup>, OpsError> {
    let groups = log.broker_groups().await?;
    let find = |name: &String| groups.iter().find(|group| group.name == *name).cloned().ok_or_else(|| unknown(name));
    names.iter().map(find).collect()
}

pub(super) fn unknown(name: &str) -> OpsError {
    let own = Service::ALL.iter().filter(|service| service.group().is_some()).map(|service| service.name());
    OpsError::Usage(format!("there is no group {name}; the platform's are {}", own.collect::<Vec<_>>().join(", ")))
}

/// Two looks at the same groups.
struct Look<'a> {
    now: Timestamp,
    millis: i64,
    before: &'a [BrokerGroup],
}

impl BrokerLag {
    /// The status as people read it, with how much is lost.
    pub fn status_text(&self) -> String {
        status_text(self.status, self.partitions.iter().map(|partition| partition.lost).sum())
    }
}

impl Look<'_> {
    fn judge(&self, group: &BrokerGroup) -> BrokerLag {
        let before = self.before.iter().find(|before| before.name == group.name);
        let before: BTreeMap<(&str, i32), &BrokerCommit> = before
            .into_iter()
            .filter_map(|before| before.commits.as_ref())
            .flatten()
            .map(|commit| ((commit.topic.as_str(), commit.partition), commit))
            .collect();
        let was = |commit: &BrokerCommit| before.get(&(commit.topic.as_str(), commit.partition)).copied();
        let commits = group.commits.as_deref().unwrap_or_default();
        let partitions: Vec<BrokerPartition> = commits.iter().map(|commit| self.partition(commit, was(commit), group.state)).collect();
        let moved = |offset: fn(&BrokerCommit) -> i64| {
            let steps = commits.iter().filter_map(|commit| Some((offset(commit) - offset(was(commit)?)).max(0)));
            group.commits.is_some().then(|| Rate::of(steps.sum(), self.millis))
        };
        let (arrivals, out) = (moved(|commit| commit.bounds.end), moved(|commit| commit.next_offset));
        let lag = (!partitions.is_empty()).then(|| partitions.iter().map(|partition| partition.lag).sum());
        let oldest_ms = partitions.iter().filter_map(|partition| partition.oldest_ms).max();
        let nothing = match &group.commits {
            Some(_) => (Status::NoCommit, Some("it has committed nothing to the brokers".to_owned())),
            None => (Status::Unknown, Some(TOO_MANY.to_owned())),
        };
        let worst = partitions.iter().max_by_key(|partition| (partition.status, partition.oldest_ms, partition.lag));
        let (status, reason) = worst.map_or(nothing, |worst| (worst.status, worst.reason.clone()));
        BrokerLag {
            group: group.name.clone(),
            status,
            reason,
            lag,
            oldest_ms,
            in_per_second: arrivals,
            out_per_second: out,
            trend: Vec::new(),
            drain: drain((lag, oldest_ms), arrivals, out),
            members: group.state.map(GroupState::members),
            partitions,
        }
    }

    fn partition(&self, commit: &BrokerCommit, was: Option<&BrokerCommit>, state: Option<GroupState>) -> BrokerPartition {
        let oldest_ms = commit.next_at_ms.map(|written| self.now.timestamp_millis().saturating_sub(written).max(0));
        let (status, reason) = self.verdict(commit, was, state, oldest_ms);
        BrokerPartition {
            topic: commit.topic.clone(),
            partition: commit.partition,
            status,
            reason,
            next_offset: commit.next_offset,
            end_offset: commit.bounds.end,
            lag: commit.bounds.end.saturating_sub(commit.next_offset.max(commit.bounds.start)).max(0),
            lost: commit.bounds.start.saturating_sub(commit.next_offset).max(0),
            oldest_ms,
        }
    }

    fn verdict(
        &self,
        commit: &BrokerCommit,
        was: Option<&BrokerCommit>,
        state: Option<GroupState>,
        oldest_ms: Option<i64>,
    ) -> (Status, Option<String>) {
        let (place, next) = (format!("{}/{}", commit.topic, commit.partition), commit.next_offset);
        let (start, end) = (commit.bounds.start, commit.bounds.end);
        let told = |status, reason: String| (status, Some(reason));
        if next < start {
            return told(Status::Lost, format!("{place}: the log begins at {start} and the group stands at {next}"));
        }
        if next > end {
            return told(Status::Lost, format!("{place}: the group stands at {next} and the log ends at {end}"));
        }
        if let Some(was) = was.filter(|was| was.next_offset > next) {
            return told(Status::Rewound, format!("{place}: the offset went back from {} to {next}", was.next_offset));
        }
        if next == end {
            return (Status::Ok, None);
        }
        let span = short_span(self.millis);
        match (was.map(|was| (next - was.next_offset, end - was.bounds.end)), state) {
            (_, Some(GroupState::Empty)) => told(Status::Stopped, format!("no member is in the group, and {place} holds records for it")),
            (_, Some(GroupState::Rebalancing(_))) => told(Status::Rebalancing, "its members are being given their partitions".to_owned()),
            (Some((moved @ 1.., came)), _) if came > moved => {
                told(Status::Slow, format!("{place}: it took {moved} records in {span}, and {came} came"))
            }
            (Some((1.., _)), _) => (Status::Ok, None),
            (_, _) if oldest_ms.is_some_and(|oldest| oldest <= GRACE_MS) => (Status::Ok, None),
            (_, Some(GroupState::Stable(_))) => told(Status::Stalled, format!("{place}: offset {next} has not moved for {span}")),
            (_, None) => {
                let reason = format!("{place}: offset {next} has not moved for {span}, and the brokers do not tell whether it has members");
                told(Status::Unknown, reason)
            }
        }
    }
}

impl GroupState {
    const fn members(self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Rebalancing(members) | Self::Stable(members) => members,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_timestamp;
    use crate::log::Bounds;

    fn commit(next_offset: i64, end: i64) -> BrokerCommit {
        let written = parse_timestamp("2026-01-02T03:03:05Z").unwrap().timestamp_millis();
        let bounds = Bounds { start: 10, end };
        BrokerCommit { topic: "orders".to_owned(), partition: 0, next_offset, bounds, next_at_ms: (next_offset < end).then_some(written) }
    }

    fn group(state: Option<GroupState>, commits: Vec<BrokerCommit>) -> BrokerGroup {
        BrokerGroup { name: "billing".to_owned(), state, commits: Some(commits) }
    }

    fn judged(state: Option<GroupState>, before: BrokerCommit, after: BrokerCommit) -> (Status, String) {
        let before = [group(state, vec![before])];
        let look = Look { now: parse_timestamp("2026-01-02T03:04:05Z").unwrap(), millis: 1000, before: &before };
        let lag = look.judge(&group(state, vec![after]));
        assert_eq!((lag.lag.is_some(), lag.members), (true, state.map(GroupState::members)));
        (lag.status, lag.reason.unwrap_or_default())
    }

    #[test]
    fn two_looks_tell_what_a_group_does_whose_commits_only_the_brokers_have() {
        let stable = Some(GroupState::Stable(2));
        for (state, before, after, status, reason) in [
            (stable, commit(20, 20), commit(20, 20), Status::Ok, ""),
            (None, commit(20, 30), commit(25, 31), Status::Ok, ""),
            (stable, commit(20, 30), commit(21, 35), Status::Slow, "orders/0: it took 1 records in 1s, and 5 came"),
            (stable, commit(20, 30), commit(20, 30), Status::Stalled, "orders/0: offset 20 has not moved for 1s"),
            (
                None,
                commit(20, 30),
                commit(20, 30),
                Status::Unknown,
                "orders/0: offset 20 has not moved for 1s, and the brokers do not tell whether it has members",
            ),
            (
                Some(GroupState::Empty),
                commit(20, 30),
                commit(20, 30),
                Status::Stopped,
                "no member is in the group, and orders/0 holds records for it",
            ),
            (
                Some(GroupState::Rebalancing(3)),
                commit(20, 30),
                commit(20, 30),
                Status::Rebalancing,
                "its members are being given their partitions",
            ),
            (stable, commit(25, 30), commit(20, 30), Status::Rewound, "orders/0: the offset went back from 25 to 20"),
            (stable, commit(4, 30), commit(4, 30), Status::Lost, "orders/0: the log begins at 10 and the group stands at 4"),
            (stable, commit(40, 30), commit(40, 30), Status::Lost, "orders/0: the group stands at 40 and the log ends at 30"),
        ] {
            assert_eq!(judged(state, before, after), (status, reason.to_owned()));
        }
    }

    #[test]
    fn a_group_without_a_commit_has_no_lag_rather_than_all_of_the_log() {
        let look = Look { now: parse_timestamp("2026-01-02T03:04:05Z").unwrap(), millis: 1000, before: &[] };
        let lag = look.judge(&group(None, Vec::new()));
        assert_eq!((lag.status, lag.lag, lag.members), (Status::NoCommit, None, None));
        let lag = look.judge(&BrokerGroup { commits: None, ..group(None, Vec::new()) });
        assert_eq!((lag.status, lag.lag, lag.in_per_second.is_none()), (Status::Unknown, None, true), "nobody has looked");
    }
}
