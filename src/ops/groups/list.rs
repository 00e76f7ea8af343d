use serde::Serialize;

use crate::domain::Timestamp;
use crate::log::{BrokerCommit, BrokerGroup, GroupState};
use crate::ops::group;
use crate::ops::lag::{By, GroupLag, MemberRow, TOO_MANY, lag, strangers};
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader, Report, Table, short_span};
use crate::services::Service;
use crate::store::Tx;

/// Every group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupList {
    /// Those of the platform in the order of the registry, then those of others by name.
    pub groups: Vec<GroupRow>,
    /// Why the brokers do not tell of others, and where their log ends.
    pub log_fault: Option<String>,
}

/// One group in a word.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// The short name, or for a group of others what the brokers call it.
    pub group: String,
    /// Whether it is a group of the platform.
    pub is_ours: bool,
    /// Members that are alive; unknown where the brokers do not tell.
    pub members: Option<usize>,
    /// What they do: `running`, `paused` and the like; empty where nobody is alive, or nobody tells.
    pub state: String,
    /// Why it stands still, where it says so.
    pub reason: Option<String>,
    /// Partitions of its topics.
    pub partitions: Option<usize>,
    /// Records that it has not processed, where that is known.
    pub lag: Option<i64>,
}

/// One group with its members and partitions.
#[derive(Debug, Clone, Serialize)]
pub struct GroupDetail {
    /// When it was read.
    pub at: Timestamp,
    /// Its members, dead ones included until the group forgets them.
    pub members: Vec<MemberRow>,
    /// Where it stands.
    pub lag: GroupLag,
    /// Why the brokers do not tell where their log ends.
    pub log_fault: Option<String>,
}

/// Every group with its members and its lag.
pub async fn list(reader: &Reader) -> Result<GroupList, OpsError> {
    let found = lag(reader, &[], By::Group).await?;
    let members = reader.store.read(async move |tx: &mut Tx| group::members(tx).await).await?;
    let row = |group: &GroupLag| {
        let own = Service::parse(group.group).and_then(Service::group).and_then(|name| members.get(&name));
        GroupRow {
            group: group.group.to_owned(),
            is_ours: true,
            members: Some(own.map_or(0, |own| own.alive(found.at))),
            state: own.map(|own| own.states(found.at).join(",")).unwrap_or_default(),
            reason: own.and_then(|own| own.reason(found.at)).or_else(|| group.reason.clone()),
            partitions: Some(group.all_partitions),
            lag: group.lag,
        }
    };
    let mut groups: Vec<GroupRow> = found.groups.iter().map(row).collect();
    let mut log_fault = found.log_fault.clone();
    if log_fault.is_none() {
        match others(reader).await {
            Ok(others) => groups.extend(others),
            Err(error) => log_fault = Some(error.to_string()),
        }
    }
    Ok(GroupList { groups, log_fault })
}

/// The groups on the brokers that are not of the platform; what they do in more detail is what `lag` tells.
async fn others(reader: &Reader) -> Result<Vec<GroupRow>, OpsError> {
    let groups = reader.log.broker_commits(strangers(&reader.log).await?).await?;
    let row = |group: BrokerGroup| {
        let behind = |commit: &BrokerCommit| (commit.bounds.end - commit.next_offset.max(commit.bounds.start)).max(0);
        let (state, members) = match group.state {
            Some(GroupState::Empty) => ("empty", Some(0)),
            Some(GroupState::Rebalancing(members)) => ("rebalancing", Some(members)),
            Some(GroupState::Stable(members)) => ("stable", Some(members)),
            None => ("", None),
        };
        let lag = |commits: &Vec<BrokerCommit>| (!commits.is_empty()).then(|| commits.iter().map(behind).sum());
        GroupRow {
            group: group.name,
            is_ours: false,
            members,
            state: state.to_owned(),
            reason: group.commits.is_none().then(|| TOO_MANY.to_owned()),
            partitions: group.commits.as_ref().map(Vec::len),
            lag: group.commits.as_ref().and_then(lag),
        }
    };
    Ok(groups.into_iter().map(row).collect())
}

/// One group, whole.
pub async fn describe(reader: &Reader, service: Service) -> Result<GroupDetail, OpsError> {
    let found = lag(reader, &[service], By::Partition).await?;
    let (at, log_fault) = (found.at, found.log_fault);
    let mut lag = found.groups.into_iter().next().ok_or_else(|| OpsError::Usage(format!("{} reads no topic", service.name())))?;
    Ok(GroupDetail { at, members: std::mem::take(&mut lag.member_rows), lag, log_fault })
}

impl Report for GroupList {
    const LISTS: &'static [&'static str] = &["groups"];
    const NAMES: Option<&'static str> = Some("groups");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["GROUP", ">MEMBERS", "STATE", ">PARTITIONS", ">LAG", "REASON"]);
        for row in &self.groups {
            table.push([
                row.group.clone(),
                row.members.map_or_else(|| "-".to_owned(), |members| members.to_string()),
                if row.state.is_empty() { "-".to_owned() } else { row.state.clone() },
                row.partitions.map_or_else(|| "-".to_owned(), |partitions| partitions.to_string()),
                number(row.lag),
                row.reason.clone().unwrap_or_default(),
            ]);
        }
        table.notes.extend(self.log_fault.iter().map(|fault| format!("! {fault}; LAG is what the database knows")));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.groups.iter().map(|row| row.group.clone()).collect()
    }
}

impl Report for GroupDetail {
    const NAMES: Option<&'static str> = Some("groups");

    fn tables(&self) -> Vec<Table> {
        let mut members = Table::new(&["MEMBER", "STATE", "ALIVE", ">SINCE", ">SEEN", "REASON"]);
        let ago = |time: Timestamp| short_span(millis_between(time, self.at));
        for member in &self.members {
            members.push([
                member.member.clone(),
                member.state.clone(),
                if member.alive { "yes" } else { "no" }.to_owned(),
                ago(member.started_at),
                ago(member.seen_at),
                member.reason.clone().unwrap_or_default(),
            ]);
        }
        let mut partitions = Table::new(&["TOPIC", ">P", "STATUS", ">COMMIT", ">END", ">LAG", ">MOVED"]);
        for partition in &self.lag.partitions {
            partitions.push([
                partition.topic.to_owned(),
                partition.partition.to_string(),
                partition.status.as_str().to_owned(),
                number(partition.next_offset),
                partition.end_offset.to_string(),
                number(partition.lag),
                partition.moved_at.map_or_else(|| "-".to_owned(), ago),
            ]);
        }
        partitions.notes.extend(self.lag.reason.iter().map(|reason| format!("! {}: {reason}", self.lag.group)));
        partitions.notes.extend(self.log_fault.iter().map(|fault| format!("! {fault}; END is where the relay last knew the log to end")));
        vec![members, partitions]
    }

    fn names(&self) -> Vec<String> {
        vec![self.lag.group.to_owned()]
    }
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}
