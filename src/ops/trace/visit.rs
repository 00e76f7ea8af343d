use crate::domain::Timestamp;
use crate::event::order_aggregate_id;
use crate::ops::dlq::LetterId;
use crate::ops::{DeadLetter, dead_letter};
use crate::services::gateway::query::PaymentView;
use crate::store::{StoreError, Tx};

use super::step::{Step, StepState};

/// Everything that was ever parked of the payment, of its order or of its bookings.
pub(super) async fn letters(tx: &mut Tx, payment: &PaymentView) -> Result<Vec<DeadLetter>, StoreError> {
    let order = order_aggregate_id(payment.merchant_id, &payment.order_no);
    let mut letters = dead_letter::of_payment(tx, &payment.payment_no, &order).await?;
    letters.retain(|letter| letter.payment_no.as_deref().is_none_or(|no| no == payment.payment_no));
    Ok(letters)
}

/// An event's stay among the dead letters: parked, what was done about it, and where it stands.
pub(super) async fn visit(tx: &mut Tx, letter: &DeadLetter) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::new();
    let event = letter.event_type.as_deref().unwrap_or("an unreadable event");
    let why = format!("{}: {} (tries {})", letter.error_code, letter.error_message, letter.attempts);
    let was_held = matches!(letter.error_code.as_str(), "BLOCKED" | "WAITING_FOR_VERSION");
    let word = if was_held { "held" } else { "parked" };
    if !letter.is_open() {
        steps.push(step(letter, letter.first_failed_at, format!("{event} {word}"), why.clone(), StepState::Done));
    }
    let sql = "SELECT at, action, actor, reason, plan_id FROM dlq_history WHERE dlq_id = $1 ORDER BY id";
    let mut last = letter.last_failed_at;
    for row in tx.query(sql, &[letter.id.into()]).await? {
        let (at, action, actor, reason) = (row.get::<Timestamp>(0)?, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<String>(3)?);
        let plan = row.get::<Option<String>>(4)?.map(|plan| format!(" ({plan})")).unwrap_or_default();
        steps.push(step(letter, at, format!("{event} {action}"), format!("by {actor}{plan}: {reason}"), StepState::Done));
        last = last.max(at);
    }
    let state = letter.state.as_str();
    match state {
        "failed" => steps.push(step(letter, letter.last_failed_at, format!("{event} parked"), why, StepState::Parked)),
        "blocked" => steps.push(step(letter, letter.last_failed_at, format!("{event} held"), why, StepState::Held)),
        "replaying" => steps.push(step(letter, last, format!("{event} is being replayed"), why, StepState::Waiting)),
        "resolved" => steps.push(step(letter, last, format!("{event} applied after all"), String::new(), StepState::Done)),
        _ => {}
    }
    Ok(steps)
}

fn step(letter: &DeadLetter, at: Timestamp, what: String, detail: String, state: StepState) -> Step {
    let mut step = Step::plain(at, &letter.group, what, detail, state);
    step.place = Some(letter.place());
    step.event_id = letter.event_id;
    step.letter = Some(letter_id(letter));
    step
}

fn letter_id(letter: &DeadLetter) -> LetterId {
    LetterId { group: letter.group.clone(), topic: letter.topic.clone(), partition: letter.partition, offset: letter.offset }
}
