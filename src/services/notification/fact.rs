use chrono::TimeDelta;
use uuid::Uuid;

use crate::domain::{Timestamp, format_timestamp};
use crate::event::{Decoded, EventKind, Topic, TopicPartition, decode_value, order_aggregate_id};
use crate::services::{Fact, FactState, Subject};
use crate::store::{StoreError, Tx};

use super::query::{self, NotificationView};
use super::template::Template;

/// How long after its event a mail without a row is only on its way.
const USUAL_DELAY: TimeDelta = TimeDelta::seconds(5);

/// An event that asks for a mail.
struct Asking {
    event_id: Uuid,
    template: Template,
    at: Timestamp,
}

/// Every mail about the payment, and those that its events asked for in vain.
pub(super) async fn of_payment(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let views = query::of_payment(tx, &subject.payment_no).await?;
    let mut asking = order_events(tx, subject).await?;
    let own = subject
        .events
        .iter()
        .filter_map(|event| Template::of(event.kind).map(|template| Asking { event_id: event.event_id, template, at: event.at }));
    asking.extend(own);
    let now = tx.now();
    let unanswered = asking.iter().filter(|asking| views.iter().all(|view| view.source_event_id != asking.event_id));
    let mut facts: Vec<Fact> = views.iter().map(known).chain(unanswered.map(|asking| missing(asking, now))).collect();
    facts.sort_by_key(|fact| fact.at);
    Ok(facts)
}

/// The events of the payment's order that ask for a mail; another payment's events of the same order are not its own.
async fn order_events(tx: &mut Tx, subject: &Subject) -> Result<Vec<Asking>, StoreError> {
    let id = order_aggregate_id(subject.merchant_id, &subject.order_no);
    let rows = tx
        .query(
            "SELECT event_id, event_type, created_at, value FROM events \
             WHERE aggregate_id = $1 AND aggregate_type = 'order' ORDER BY aggregate_version",
            &[id.into()],
        )
        .await?;
    let mut asking = Vec::new();
    for row in rows {
        let Some(template) = EventKind::parse(&row.get::<String>(1)?).and_then(Template::of) else { continue };
        let place = TopicPartition { topic: Topic::OrderEvents, partition: 0 };
        let payment_no = match decode_value(place, 0, &row.get::<Vec<u8>>(3)?) {
            Ok(Decoded::Event(event)) => event.payload.payment_no().map(str::to_owned),
            _ => None,
        };
        if payment_no.as_deref() == Some(subject.payment_no.as_str()) {
            asking.push(Asking { event_id: row.get(0)?, template, at: row.get(2)? });
        }
    }
    Ok(asking)
}

fn known(view: &NotificationView) -> Fact {
    let error = view.last_error.as_deref().unwrap_or("no error");
    let to = if view.recipient.is_empty() { "no address".to_owned() } else { format!("to {}", view.recipient) };
    let (state, at, did, detail) = match (view.status.as_str(), view.attempts) {
        ("sent", 0 | 1) => (FactState::Done, view.sent_at, "sent", to),
        ("sent", attempts) => (FactState::Done, view.sent_at, "sent", format!("{to} at attempt {attempts}, before: {error}")),
        ("failed", attempts) => (FactState::Failed, None, "given up", format!("{to} after {attempts} attempts: {error}")),
        ("skipped", _) => (FactState::Done, None, "skipped", to),
        (_, 0) => (FactState::Waiting, None, "waiting", to),
        (_, attempts) => {
            let next = view.next_attempt_at.map(|next| format!(", next try {}", format_timestamp(next))).unwrap_or_default();
            (FactState::Waiting, None, "waiting", format!("{to} after {attempts} attempts: {error}{next}"))
        }
    };
    let what = format!("{} {} {did}", if view.channel == "email" { "mail" } else { &view.channel }, view.template);
    Fact { service: "notification", at: at.unwrap_or(view.created_at), what, detail, state, event_id: Some(view.source_event_id) }
}

fn missing(asking: &Asking, now: Timestamp) -> Fact {
    let due = now - asking.at > USUAL_DELAY;
    Fact {
        service: "notification",
        at: asking.at,
        what: format!("mail {}", asking.template.name()),
        detail: format!("{} asked for it", asking.template.kind()),
        state: if due { FactState::Missing } else { FactState::Waiting },
        event_id: Some(asking.event_id),
    }
}
