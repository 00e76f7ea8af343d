use uuid::Uuid;

use crate::domain::{MerchantId, Timestamp};
use crate::event::EventKind;

/// The payment that a trace is about, as far as it is known.
#[derive(Debug, Clone)]
pub struct Subject {
    /// `PY…`
    pub payment_no: String,
    /// Whose payment it is.
    pub merchant_id: MerchantId,
    /// The merchant's order number.
    pub order_no: String,
    /// The payment's own events, oldest first.
    pub events: Vec<SubjectEvent>,
}

/// One event of the payment.
#[derive(Debug, Clone)]
pub struct SubjectEvent {
    /// Its id.
    pub event_id: Uuid,
    /// What happened.
    pub kind: EventKind,
    /// When it was committed.
    pub at: Timestamp,
}

impl Subject {
    /// The payment's event of this kind, when there is one.
    pub fn event(&self, kind: EventKind) -> Option<&SubjectEvent> {
        self.events.iter().find(|event| event.kind == kind)
    }
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactState {
    /// It happened.
    Done,
    /// It is on its way, without fault: a mail waiting for its turn, a payment waiting for its payer.
    Waiting,
    /// It should have happened by now.
    Missing,
    /// It failed for good, or contradicts another fact.
    Failed,
}

/// One thing that a service knows, or misses, about a payment.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The service that tells it.
    pub service: &'static str,
    /// When it happened; for what is missing, since when it has been due.
    pub at: Timestamp,
    /// The step, in a few words: `booked TX…`, `order paid`.
    pub what: String,
    /// More of it: amounts, accounts, recipients (masked).
    pub detail: String,
    /// How far it has come.
    pub state: FactState,
    /// The event that it follows from, or that it published.
    pub event_id: Option<Uuid>,
}
