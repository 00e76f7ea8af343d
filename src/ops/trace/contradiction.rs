use uuid::Uuid;

use crate::domain::Money;
use crate::event::{Event, EventKind};
use crate::services::gateway::history::PaymentState;
use crate::services::gateway::query::PaymentView;
use crate::store::{StoreError, Tx};

use super::told::Told;

/// Facts that cannot both be true, each named with what says it.
pub(super) async fn contradictions(tx: &mut Tx, payment: &PaymentView, told: &[Told], is_whole: bool) -> Result<Vec<String>, StoreError> {
    let own = || told.iter().map(|told| &told.event).filter(|event| event.aggregate_id == payment.payment_no);
    let mut found = if is_whole { against_events(payment, own()) } else { Vec::new() };
    let booked = tx
        .query(
            "SELECT source_event_id, sum(amount) FROM transfers WHERE leg = 'payment_gross' AND source_event_id IN \
             (SELECT source_event_id FROM transactions WHERE related_id = $1) GROUP BY source_event_id",
            &[(&payment.payment_no).into()],
        )
        .await?;
    let money = |minor| Money::new(minor, payment.currency);
    let success = own().find(|event| event.kind == EventKind::PaymentSuccess);
    for row in &booked {
        let (source, amount) = (row.get::<Uuid>(0)?, row.get::<i64>(1)?);
        if success.is_none_or(|event| event.event_id != source) {
            found.push("the books hold a booking that no payment.success explains".to_owned());
        } else if amount != payment.amount {
            found.push(format!("the books hold {} for a payment of {}", money(amount), money(payment.amount)));
        }
    }
    Ok(found)
}

/// The payment's row against the fold of its events.
fn against_events<'a>(payment: &PaymentView, own: impl Iterator<Item = &'a Event>) -> Vec<String> {
    let folded = match PaymentState::fold(own) {
        Ok(Some((folded, _))) => folded,
        Ok(None) => return vec!["the payment has a row and no event".to_owned()],
        Err(wrong) => return vec![format!("the payment's events do not add up: {wrong}")],
    };
    let mut found = Vec::new();
    if payment.status != folded.status {
        found.push(format!("the payment is {} but its last event says {}", payment.status, folded.status));
    } else if payment.version != folded.version {
        found.push(format!("the payment has version {} but its last event has {}", payment.version, folded.version));
    }
    if payment.amount != folded.amount || payment.currency != folded.currency {
        found.push(format!("the payment is of {} but its events say {} {}", payment.money(), folded.amount, folded.currency));
    }
    if payment.captured != folded.captured {
        found.push(format!("the payment has captured {} but its events say {}", payment.captured, folded.captured));
    }
    found
}
