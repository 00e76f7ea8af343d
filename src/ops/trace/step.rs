use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::TopicPartition;
use crate::ops::dlq::LetterId;
use crate::services::FactState;

use super::source::Origin;

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// It happened.
    Done,
    /// It is on its way, without fault.
    Waiting,
    /// It should have happened by now.
    Missing,
    /// A group could not apply the event and has put it aside.
    Parked,
    /// The event waits behind a parked one of its aggregate.
    Held,
    /// It failed for good, or contradicts another fact.
    Failed,
}

impl From<FactState> for StepState {
    fn from(state: FactState) -> Self {
        match state {
            FactState::Done => Self::Done,
            FactState::Waiting => Self::Waiting,
            FactState::Missing => Self::Missing,
            FactState::Failed => Self::Failed,
        }
    }
}

/// One group's reading of one event.
#[derive(Debug, Clone, Serialize)]
pub struct Read {
    /// The group's short name.
    pub group: String,
    /// When the transaction with its effects began to end; `None` where that was not noted.
    pub at: Option<Timestamp>,
    /// Milliseconds from the event's commit to that moment.
    pub after_ms: Option<i64>,
    /// How often the batch was tried.
    pub attempts: Option<i64>,
    /// Whether the event came by HTTP or by a replay, before the group's place in the log is past it.
    pub past_the_log: bool,
}

impl Read {
    /// `order 4ms`, `accounting 2s (try 3)`, `order past the log`.
    pub(super) fn words(&self) -> String {
        match (self.after_ms, self.attempts) {
            _ if self.past_the_log => format!("{} past the log", self.group),
            (Some(after), Some(attempts)) if attempts > 1 => format!("{} {after}ms (try {attempts})", self.group),
            (Some(after), _) => format!("{} {after}ms", self.group),
            (None, _) => self.group.clone(),
        }
    }
}

/// One line of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// When it happened; for what is missing, since when it has been due.
    pub at: Timestamp,
    /// The service that tells it.
    pub service: String,
    /// `payment.success v3`, `booked TX…`, `order paid`.
    pub what: String,
    /// More of it.
    pub detail: String,
    /// How far it has come.
    pub state: StepState,
    /// How long it has been due, for what is not done.
    pub due_ms: Option<i64>,
    /// Topic, partition and offset, for an event.
    pub place: Option<String>,
    /// Since when the event has waited for the relay; only where the log is not a table of the database.
    pub outbox_since: Option<Timestamp>,
    /// The event that it is, follows from, or published.
    pub event_id: Option<Uuid>,
    /// The groups that have applied it, for an event.
    pub reads: Vec<Read>,
    /// The dead letter that it is.
    pub letter: Option<LetterId>,
    /// Where the fact comes from.
    pub from: Origin,
    /// The event's place for asking the log about it.
    #[serde(skip)]
    pub(super) lies: Option<(TopicPartition, i64)>,
}

impl Step {
    /// A step that is no event.
    pub(super) fn plain(at: Timestamp, service: &str, what: impl Into<String>, detail: impl Into<String>, state: StepState) -> Self {
        Self {
            at,
            service: service.to_owned(),
            what: what.into(),
            detail: detail.into(),
            state,
            due_ms: None,
            place: None,
            outbox_since: None,
            event_id: None,
            reads: Vec::new(),
            letter: None,
            from: Origin::Database,
            lies: None,
        }
    }

    /// The same as an event at this place.
    pub(super) fn lying(mut self, at: TopicPartition, offset: i64) -> Self {
        self.place = Some(format!("{}/{}@{offset}", at.topic, at.partition));
        self.lies = Some((at, offset));
        self
    }

    /// Whether it is all right as it is.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, StepState::Done)
    }
}
