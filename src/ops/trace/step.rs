use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::services::FactState;

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
    /// The groups that have read it, for an event.
    pub reads: Vec<Read>,
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
        }
    }

    /// Whether it is all right as it is.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, StepState::Done)
    }
}
