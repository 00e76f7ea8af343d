use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::group::{self, Members};
use crate::ops::lag::{By, GroupLag, lag};
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader, Report, Table, short_span};
use crate::services::Service;
use crate::store::Tx;

/// Every group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupList {
    /// In the order of the registry.
    pub groups: Vec<GroupRow>,
}

/// One group in a word.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// The short name.
    pub group: &'static str,
    /// Members that are alive.
    pub members: usize,
    /// What they do: `running`, `paused` and the like; empty where nobody is alive.
    pub state: String,
    /// Why it stands still, where it says so.
    pub reason: Option<String>,
    /// Partitions of its topics.
    pub partitions: usize,
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
}

/// One member.
#[derive(Debug, Clone, Serialize)]
pub struct MemberRow {
    /// Its name.
    pub member: String,
    /// What it does.
    pub state: String,
    /// Why it stands still.
    pub reason: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Whether that is recent.
    pub alive: bool,
}

/// Every group with its members and its lag.
pub async fn list(reader: &Reader) -> Result<GroupList, OpsError> {
    let found = lag(reader, &[], By::Group).await?.whole()?;
    let members = reader.store.read(async move |tx: &mut Tx| group::members(tx).await).await?;
    let row = |group: &GroupLag| {
        let own = Service::parse(group.group).and_then(Service::group).and_then(|name| members.get(&name));
        GroupRow {
            group: group.group,
            members: own.map_or(0, |own| own.alive(found.at)),
            state: own.map(|own| own.states(found.at).join(",")).unwrap_or_default(),
            reason: own.and_then(|own| own.reason(found.at)).or_else(|| group.reason.clone()),
            partitions: group.all_partitions,
            lag: group.lag,
        }
    };
    Ok(GroupList { groups: found.groups.iter().map(row).collect() })
}

/// One group, whole.
pub async fn describe(reader: &Reader, service: Service) -> Result<GroupDetail, OpsError> {
    let found = lag(reader, &[service], By::Partition).await?.whole()?;
    let at = found.at;
    let members = reader.store.read(async move |tx: &mut Tx| group::members(tx).await).await?;
    let lag = found.groups.into_iter().next().ok_or_else(|| OpsError::Usage(format!("{} reads no topic", service.name())))?;
    let own = service.group().and_then(|name| members.get(&name)).map(Members::rows).unwrap_or_default();
    let members = own.iter().map(|member| MemberRow {
        member: member.name.clone(),
        state: member.state.clone(),
        reason: member.reason.clone(),
        started_at: member.started_at,
        seen_at: member.seen_at,
        alive: member.is_alive(at),
    });
    Ok(GroupDetail { at, members: members.collect(), lag })
}

impl Report for GroupList {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["GROUP", ">MEMBERS", "STATE", ">PARTITIONS", ">LAG", "REASON"]);
        for row in &self.groups {
            table.push([
                row.group.to_owned(),
                row.members.to_string(),
                if row.state.is_empty() { "-".to_owned() } else { row.state.clone() },
                row.partitions.to_string(),
                number(row.lag),
                row.reason.clone().unwrap_or_default(),
            ]);
        }
        vec![table]
    }
}

impl Report for GroupDetail {
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
        vec![members, partitions]
    }
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}
