use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::log::LogError;
use crate::ops::Amount;

use super::{BrokerLag, Drain, Rate, Status};

/// What a row of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// A group.
    #[default]
    Group,
    /// A topic, for one group.
    Topic,
    /// A partition of a topic, for one group.
    Partition,
    /// A member of a group.
    Member,
}

/// Every group, on one snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct LagReport {
    /// When it was read.
    pub at: Timestamp,
    /// In the order of the registry.
    pub groups: Vec<GroupLag>,
    /// Groups by what the brokers know of them: those of others, and without the database those of the platform.
    pub foreign: Vec<BrokerLag>,
    /// What waits behind the groups; unknown without the database.
    pub mail: Option<MailLag>,
    /// What waits before the groups, for the brokers; none where committing is publishing.
    pub outbox: Option<OutboxLag>,
    /// Why the brokers did not tell where their log ends; the ends are then those that the relay has noted.
    pub log_fault: Option<String>,
    /// Why the database did not answer.
    pub store_fault: Option<String>,
    /// Where the facts come from.
    pub sources: Vec<Source>,
    #[serde(skip)]
    pub(super) by: By,
    /// Whether it is one of several looks; a single one has no trend.
    #[serde(skip)]
    pub(super) is_watched: bool,
}

/// Where some of the facts come from.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// Which facts.
    pub facts: &'static str,
    /// Who tells them.
    pub from: String,
    /// Why nobody does; what stands there instead is what is known otherwise.
    pub fault: Option<String>,
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
    /// Records that came to its topics, a second.
    pub in_per_second: Option<Rate>,
    /// Records that it took, a second.
    pub out_per_second: Option<Rate>,
    /// The lag at each of the last looks of a watch, up to this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<i64>,
    /// How long it takes at that rate until nothing waits.
    pub drain: Drain,
    /// How long the log keeps the oldest unprocessed record at least; unknown where nothing waits, or nothing is deleted.
    pub retention_left_ms: Option<i64>,
    /// Events of its topics that wait in the outbox, unless it has processed them in another way; no lag counts them.
    pub unpublished: i64,
    /// Money of successful payments that it has not processed: unpublished, behind its offset, parked or held.
    pub at_risk: Vec<Amount>,
    /// How many payments that is.
    pub payments_at_risk: i64,
    /// How many of them have waited for longer than a living group takes, or wait for a person.
    pub payments_late: i64,
    /// Events that it could not apply.
    pub parked: i64,
    /// Events that wait behind a parked one.
    pub held: i64,
    /// Members seen within the last seconds.
    pub members: usize,
    /// Its members, dead ones included until the group forgets them.
    pub member_rows: Vec<MemberRow>,
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
    /// Why it is not OK.
    pub reason: Option<String>,
    /// The first offset that is not processed; unknown where none was ever committed.
    pub next_offset: Option<i64>,
    /// The offset after the last record.
    pub end_offset: i64,
    /// Whether that is where the relay last knew the log to end, since the brokers do not tell.
    pub end_is_noted: bool,
    /// Records from `next_offset` on.
    pub lag: Option<i64>,
    /// How far the committed offset is behind the log's end: the log is not the one that was read.
    pub ahead: i64,
    /// Records between the committed offset and the log's start: they were deleted unread.
    pub lost: i64,
    /// Records that were processed before and are read again, since the offset went back.
    pub rewound: i64,
    /// How long the oldest of them has lain there.
    pub oldest_ms: Option<i64>,
    /// Records that came here, a second.
    pub in_per_second: Option<Rate>,
    /// Records that the group took here, a second.
    pub out_per_second: Option<Rate>,
    /// How long it takes at that rate until nothing waits.
    pub drain: Drain,
    /// How long the log keeps the oldest of them at least; unknown where nothing waits, or nothing is deleted.
    pub retention_left_ms: Option<i64>,
    /// Money of successful payments among them.
    pub at_risk: Vec<Amount>,
    /// How many payments that is.
    pub payments_at_risk: i64,
    /// How many of them have waited for longer than a living group takes.
    pub payments_late: i64,
    /// Records that were gone when the group began to read here.
    pub missed: i64,
    /// When the offset last moved.
    pub moved_at: Option<Timestamp>,
    /// What comes next.
    pub next: Option<NextRecord>,
}

/// One member of a group.
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

impl LagReport {
    /// Whether something is missing because its source does not answer.
    pub const fn is_partial(&self) -> bool {
        self.log_fault.is_some() || self.store_fault.is_some()
    }

    /// The report, or why it lacks what the brokers should have told.
    pub(in crate::ops) fn whole(self) -> Result<Self, LogError> {
        match self.log_fault {
            Some(fault) => Err(LogError::Broker(fault)),
            None => Ok(self),
        }
    }
}
