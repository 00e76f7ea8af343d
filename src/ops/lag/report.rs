use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::log::LogError;
use crate::ops::amount::listed;
use crate::ops::{Amount, Report, Table, short_span};

/// What a row of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// A group.
    #[default]
    Group,
    /// A partition of a topic, for one group.
    Partition,
}

/// How a group, or one of its partitions, is doing; from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Status {
    /// Nothing to do, or moving.
    #[serde(rename = "OK")]
    Ok,
    /// Records lie there and the group has never committed an offset: how far it is behind is unknown.
    #[serde(rename = "NO-COMMIT")]
    NoCommit,
    /// Events that it has to process have waited in the outbox for longer than they should: no log has them yet.
    #[serde(rename = "UNPUBLISHED")]
    Unpublished,
    /// A member is alive, records wait, and the offset does not move.
    #[serde(rename = "STALLED")]
    Stalled,
    /// Records wait and no member is alive.
    #[serde(rename = "STOPPED")]
    Stopped,
}

impl Status {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NoCommit => "NO-COMMIT",
            Self::Unpublished => "UNPUBLISHED",
            Self::Stalled => "STALLED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// Every group, on one snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct LagReport {
    /// When it was read.
    pub at: Timestamp,
    /// In the order of the registry.
    pub groups: Vec<GroupLag>,
    /// What waits behind the groups.
    pub mail: MailLag,
    /// What waits before the groups, for the brokers; none where committing is publishing.
    pub outbox: Option<OutboxLag>,
    /// Why the brokers did not tell where their log ends; the ends are then those that the relay has noted.
    pub log_fault: Option<String>,
    #[serde(skip)]
    pub(super) by: By,
}

/// Records that are committed and not known to be on the brokers.
#[derive(Debug, Clone, Serialize)]
pub struct OutboxLag {
    /// How many.
    pub waiting: i64,
    /// How long the oldest has waited.
    pub oldest_ms: Option<i64>,
    /// Events that the brokers refuse for their own sake.
    pub refused: Vec<RefusedEvent>,
    /// How many wait behind one of those.
    pub held: i64,
}

/// An event that the brokers refuse for its own sake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedEvent {
    /// Its id.
    pub event_id: Option<Uuid>,
    /// Whose later events wait behind it.
    pub aggregate_id: Option<String>,
    /// Where it should lie.
    pub topic: String,
    /// What the brokers say.
    pub reason: String,
    /// When they last said so; they are asked again from time to time.
    pub refused_at: Timestamp,
}

impl fmt::Display for RefusedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.event_id.map_or_else(|| "a copy of a dead letter".to_owned(), |id| format!("event {id}"));
        write!(f, "the brokers refuse {event} of {}: {}", self.topic, self.reason)?;
        self.aggregate_id.as_ref().map_or(Ok(()), |id| write!(f, "; what {id} publishes later waits behind it"))
    }
}

/// How far one group is behind.
#[derive(Debug, Clone, Serialize)]
pub struct GroupLag {
    /// The short name.
    pub group: &'static str,
    /// That of its worst partition.
    pub status: Status,
    /// Why it is not OK.
    pub reason: Option<String>,
    /// Records that it has not processed; unknown where no partition was ever committed.
    pub lag: Option<i64>,
    /// Partitions whose lag is known, of all that hold records.
    pub known_partitions: usize,
    /// Partitions of its topics.
    pub all_partitions: usize,
    /// How long the oldest unprocessed record has lain there.
    pub oldest_ms: Option<i64>,
    /// Events of its topics that wait in the outbox, unless it has processed them in another way; no lag counts them.
    pub unpublished: i64,
    /// Money of successful payments that it has not processed: unpublished, behind its offset, parked or held.
    pub at_risk: Vec<Amount>,
    /// How many payments that is.
    pub payments_at_risk: i64,
    /// Events that it could not apply.
    pub parked: i64,
    /// Events that wait behind a parked one.
    pub held: i64,
    /// Members seen within the last seconds.
    pub members: usize,
    /// By topic and partition.
    pub partitions: Vec<PartitionLag>,
}

/// How far one group is behind in one partition.
#[derive(Debug, Clone, Serialize)]
pub struct PartitionLag {
    /// The topic.
    pub topic: &'static str,
    /// The partition.
    pub partition: u16,
    /// How it is doing.
    pub status: Status,
    /// The first offset that is not processed; unknown where none was ever committed.
    pub next_offset: Option<i64>,
    /// The offset after the last record.
    pub end_offset: i64,
    /// Records from `next_offset` on.
    pub lag: Option<i64>,
    /// How long the oldest of them has lain there.
    pub oldest_ms: Option<i64>,
    /// Money of successful payments among them.
    pub at_risk: Vec<Amount>,
    /// How many payments that is.
    pub payments_at_risk: i64,
    /// Records that were gone when the group began to read here.
    pub missed: i64,
    /// When the offset last moved.
    pub moved_at: Option<Timestamp>,
    /// What comes next.
    pub next: Option<NextRecord>,
}

/// The oldest record that a group has not processed.
#[derive(Debug, Clone, Serialize)]
pub struct NextRecord {
    /// Its offset.
    pub offset: i64,
    /// Its event.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// To what.
    pub aggregate_id: String,
}

impl NextRecord {
    /// What `trace` takes to show more of it.
    pub fn trace_id(&self) -> &str {
        if crate::domain::NumberKind::Payment.matches(&self.aggregate_id) { &self.aggregate_id } else { &self.event_id }
    }
}

/// Mail that is wanted and not sent yet.
#[derive(Debug, Clone, Serialize)]
pub struct MailLag {
    /// Rows waiting for their turn.
    pub waiting: i64,
    /// Those among them that failed before.
    pub retrying: i64,
    /// How long the oldest has waited.
    pub oldest_ms: Option<i64>,
}

impl Report for LagReport {
    fn tables(&self) -> Vec<Table> {
        let mut table = match self.by {
            By::Group => self.by_group(),
            By::Partition => self.by_partition(),
        };
        for group in &self.groups {
            table.notes.extend(group.reason.iter().map(|reason| format!("! {}: {reason}", group.group)));
        }
        table.notes.extend(self.missed());
        table.notes.extend(self.log_fault.iter().map(|fault| format!("! {fault}; END is where the relay last knew the log to end")));
        table.notes.extend(self.outbox.iter().flat_map(OutboxLag::told));
        let mut mail = Table::new(&["MAIL", ">WAITING", ">RETRYING", ">OLDEST"]);
        mail.push(["email".to_owned(), self.mail.waiting.to_string(), self.mail.retrying.to_string(), span(self.mail.oldest_ms)]);
        vec![table, mail]
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
    /// The report, or why it lacks what the brokers should have told.
    pub(in crate::ops) fn whole(self) -> Result<Self, LogError> {
        match self.log_fault {
            Some(fault) => Err(LogError::Broker(fault)),
            None => Ok(self),
        }
    }

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

    fn by_group(&self) -> Table {
        let mut table = Table::new(&["GROUP", "STATUS", ">LAG", ">OLDEST", "AT-RISK", ">PARKED", ">HELD", ">MEMBERS"]);
        for group in &self.groups {
            table.push([
                group.group.to_owned(),
                group.status.as_str().to_owned(),
                count(group.lag),
                span(group.oldest_ms),
                at_risk(&group.at_risk, group.payments_at_risk),
                group.parked.to_string(),
                group.held.to_string(),
                group.members.to_string(),
            ]);
            if group.lag.is_some() && group.known_partitions < group.all_partitions {
                table.notes.push(format!("{}: {}/{} partitions known", group.group, group.known_partitions, group.all_partitions));
            }
        }
        table
    }

    fn by_partition(&self) -> Table {
        let mut table = Table::new(&["GROUP", "TOPIC", ">P", "STATUS", ">NEXT", ">END", ">LAG", ">OLDEST", "AT-RISK", ">MOVED"]);
        for group in &self.groups {
            for partition in &group.partitions {
                table.push([
                    group.group.to_owned(),
                    partition.topic.to_owned(),
                    partition.partition.to_string(),
                    partition.status.as_str().to_owned(),
                    count(partition.next_offset),
                    partition.end_offset.to_string(),
                    count(partition.lag),
                    span(partition.oldest_ms),
                    at_risk(&partition.at_risk, partition.payments_at_risk),
                    partition.moved_at.map_or_else(|| "-".to_owned(), |at| span(Some(crate::ops::span::millis_between(at, self.at)))),
                ]);
            }
        }
        table
    }
}

fn count(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn span(millis: Option<i64>) -> String {
    millis.map_or_else(|| "-".to_owned(), short_span)
}

fn at_risk(amounts: &[Amount], payments: i64) -> String {
    if payments == 0 { "-".to_owned() } else { format!("{} ({payments})", listed(amounts)) }
}
