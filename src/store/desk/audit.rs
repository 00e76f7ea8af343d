use serde_json::Value as Json;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::event::{AuditPayload, Cause, EventKind, NewEvent, Payload};

/// What an operator at the console writes as producer and key.
pub(crate) const CONSOLE: &str = "console";

/// A record of the audit trail about something that was done at the console.
pub(crate) fn audit_event(
    (now, ambient): (Timestamp, &Ambient),
    (action, target): (&str, &str),
    (actor, reason): (&str, &str),
    (before, after): (Json, Json),
) -> NewEvent {
    let kind = EventKind::AuditRecorded;
    NewEvent {
        event_id: ambient.uuid(),
        kind,
        topic: kind.topic(),
        aggregate_id: ambient.uuid().to_string(),
        aggregate_version: 1,
        merchant_id: None,
        key: CONSOLE.to_owned(),
        timestamp: now,
        cause: Cause { correlation_id: ambient.uuid().to_string(), ..Cause::default() },
        producer: CONSOLE,
        payload: Payload::Audit(Box::new(AuditPayload {
            actor: actor.to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            before,
            after,
            reason: reason.to_owned(),
        })),
    }
}
