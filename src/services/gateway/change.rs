use serde_json::Value;

use crate::config::Ambient;
use crate::domain::{PaymentStatus, Step, Timestamp};
use crate::event::NewEvent;
use crate::store::{StoreError, Tx};

use super::payment::Payment;
use super::request::EXTRA_LATE;
use super::store;

/// A payment on its way through one transaction: what it was when read, what it has become, the events of each step.
pub(super) struct Change {
    pub(super) payment: Payment,
    read_version: i64,
    events: Vec<NewEvent>,
}

impl Change {
    /// A payment just read.
    pub(super) const fn of(payment: Payment) -> Self {
        Self { read_version: payment.version, payment, events: Vec::new() }
    }

    /// Takes the payment to `to` where the state machine allows it, with the event that tells so.
    ///
    /// `causation` is the request or webhook behind it. The intent that was paid with belongs into the payment before.
    pub(super) fn step(&mut self, to: PaymentStatus, now: Timestamp, ambient: &Ambient, causation: &str) -> Step {
        let from = self.payment.status;
        let step = from.step(to);
        if step != Step::Apply {
            return step;
        }
        let payment = &mut self.payment;
        let is_late = to == PaymentStatus::Success && !from.occupies_order();
        payment.status = to;
        payment.version += 1;
        payment.updated_at = now;
        if to == PaymentStatus::Success {
            payment.captured = payment.amount;
            payment.paid_at = Some(now);
        }
        if is_late {
            // Whether it may take the order back is for the caller to say: another payment may have taken its place.
            payment.extra.insert(EXTRA_LATE.to_owned(), Value::Bool(true));
        } else {
            payment.occupies_order = to.occupies_order();
        }
        self.events.push(payment.event(ambient.uuid(), now, causation));
        step
    }

    /// The events of its steps so far.
    #[cfg(test)]
    pub(super) fn events(&self) -> &[NewEvent] {
        &self.events
    }

    /// Whether there is anything to save.
    pub(super) const fn is_changed(&self) -> bool {
        self.payment.version != self.read_version
    }
}

/// Writes changed payments and publishes their events, both or neither.
pub(super) async fn save(tx: &mut Tx, changes: &[Change]) -> Result<(), StoreError> {
    let moved: Vec<&Change> = changes.iter().filter(|change| change.is_changed()).collect();
    let rows: Vec<(i64, &Payment)> = moved.iter().map(|change| (change.read_version, &change.payment)).collect();
    store::update_payments(tx, &rows).await?;
    let events: Vec<NewEvent> = moved.iter().flat_map(|change| change.events.iter().cloned()).collect();
    tx.publish(&events).await
}
