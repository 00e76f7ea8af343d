use serde_json::{Map, Value as Json};

use crate::domain::{PaymentStatus, Timestamp, parse_timestamp};
use crate::event::{Event, EventKind, Payload, Record};
use crate::ops::dlq::LetterId;
use crate::ops::group::GRACE_MS;
use crate::ops::short_group;
use crate::ops::span::millis_between;
use crate::services::Service;

use super::step::{Step, StepState};

/// What the events of a payment still owe, as far as other events would show it; `cut` says why some may have been overlooked.
pub(super) fn owed(events: &[Event], cut: Option<&str>, now: Timestamp) -> Vec<Step> {
    let has = |kind: EventKind| events.iter().any(|event| event.kind == kind);
    let mut steps = Vec::new();
    if let Some(success) = events.iter().find(|event| event.kind == EventKind::PaymentSuccess) {
        if !has(EventKind::OrderPaid) && !is_late(success) {
            steps.push(missing(success, Service::Order, "order paid", cut, now));
        }
        if !has(EventKind::TransactionCreated) {
            steps.push(missing(success, Service::Accounting, "booking", cut, now));
        }
    }
    let own = events.iter().filter_map(|event| if let Payload::Payment(payment) = &event.payload { Some((event, payment)) } else { None });
    if let Some((last, payment)) = own.max_by_key(|(event, _)| event.metadata.aggregate_version)
        && matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Processing)
    {
        let mut step = Step::plain(last.timestamp, Service::Gateway.name(), "waiting for the payer", "", StepState::Waiting);
        step.due_ms = Some(millis_between(last.timestamp, now));
        steps.push(step);
    }
    steps
}

/// A success after the payment was given up is no order's business.
fn is_late(success: &Event) -> bool {
    matches!(&success.payload, Payload::Payment(payment) if payment.extra.get("late") == Some(&Json::Bool(true)))
}

fn missing(since: &Event, service: Service, what: &str, cut: Option<&str>, now: Timestamp) -> Step {
    let due = millis_between(since.timestamp, now);
    // What was not looked at may well hold it.
    let state = if cut.is_none() && due >= GRACE_MS { StepState::Missing } else { StepState::Waiting };
    let detail = cut
        .map_or_else(|| format!("no event of {service} follows {}", since.kind), |cut| format!("not seen in what was looked at ({cut})"));
    let mut step = Step::plain(since.timestamp, service.name(), what, detail, state);
    step.event_id = Some(since.event_id);
    step.due_ms = Some(due);
    step
}

/// The dead letters among the records: what a group could not apply, unless what it owes is there after all.
pub(super) fn parked(letters: &[Record], events: &[Event], now: Timestamp) -> Vec<Step> {
    letters.iter().filter_map(|record| letter(record, events, now)).collect()
}

fn letter(record: &Record, events: &[Event], now: Timestamp) -> Option<Step> {
    let headers: Map<String, Json> = serde_json::from_str(&record.headers).ok()?;
    let text = |name: &str| headers.get(name).and_then(Json::as_str).unwrap_or_default();
    let group = short_group(text("__dlq.errors.group")).to_owned();
    let event_type = text("event_type");
    let is_booked = group == Service::Accounting.name() && events.iter().any(|event| event.kind == EventKind::TransactionCreated);
    let at = parse_timestamp(text("payctl-last-failed-at")).or_else(|| parse_timestamp(&record.created_at)).unwrap_or(now);
    let detail = format!("{}: {} (tries {})", text("payctl-error-code"), text("__dlq.errors.message"), text("__dlq.errors.delivery.count"));
    let state = if is_booked { StepState::Done } else { StepState::Parked };
    let mut step = Step::plain(at, &group, format!("{event_type} parked"), detail, state).lying(record.at, record.offset);
    step.event_id = text("event_id").parse().ok();
    step.letter = text("__dlq.errors.partition")
        .parse()
        .ok()
        .zip(text("__dlq.errors.offset").parse().ok())
        .map(|(partition, offset)| LetterId { group: group.clone(), topic: text("__dlq.errors.topic").to_owned(), partition, offset });
    step.due_ms = (!step.is_done()).then(|| millis_between(at, now));
    Some(step)
}
