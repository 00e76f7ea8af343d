use serde_json::Value as Json;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::event::{AuditPayload, Cause, NewEvent};

/// What an operator at the console writes as producer and key.
pub(crate) const CONSOLE: &str = "console";

/// A record of the audit trail about something that was done at the console.
pub(crate) fn audit_event(
    (now, ambient): (Timestamp, &Ambient),
    (action, target): (&str, &str),
    (actor, reason): (&str, &str),
    (before, after): (Json, Json),
) -> NewEvent {
    let ids = [ambient.uuid(), ambient.uuid()];
    let cause = Cause { correlation_id: ambient.uuid().to_string(), ..Cause::default() };
    let what = AuditPayload {
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        before,
        after,
        reason: reason.to_owned(),
    };
    NewEvent::audit(ids, (now, None), (CONSOLE, cause), what)
}
