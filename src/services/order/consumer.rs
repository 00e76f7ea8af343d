use futures_util::future::LocalBoxFuture;

use crate::config::Ambient;
use crate::event::{Event, EventKind, Payload, PaymentPayload};
use crate::services::{Consumer, HandleError};
use crate::store::Tx;

use super::fold::Fold;

/// Lets orders follow their payments.
pub(super) struct OrderConsumer {
    ambient: Ambient,
}

impl OrderConsumer {
    pub(super) const fn new(ambient: Ambient) -> Self {
        Self { ambient }
    }

    async fn follow(&self, tx: &mut Tx, events: &[Event]) -> Result<(), HandleError> {
        let payments: Vec<(&Event, &PaymentPayload)> = events.iter().filter_map(concerning).collect();
        if payments.is_empty() {
            return Ok(());
        }
        if payments.iter().any(|(_, payment)| payment.amount <= 0) {
            return Err(HandleError::poison("INVALID_AMOUNT", "the payment's amount is not positive"));
        }
        let mut fold = Fold::read(tx, &payments, &self.ambient).await?;
        for (event, payment) in payments {
            match event.kind {
                EventKind::PaymentSuccess => fold.succeeded(event, payment),
                _ => fold.created(event, payment),
            }
        }
        fold.write(tx).await
    }
}

impl Consumer for OrderConsumer {
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>> {
        Box::pin(self.follow(tx, events))
    }
}

/// What an order follows: a payment made, and money that came in time. Failed, cancelled and expired payments leave it
/// waiting for another; a late success is the gateway's to give back.
fn concerning(event: &Event) -> Option<(&Event, &PaymentPayload)> {
    let Payload::Payment(payment) = &event.payload else { return None };
    let concerns = match event.kind {
        EventKind::PaymentCreated => true,
        EventKind::PaymentSuccess => payment.extra.get("late") != Some(&serde_json::Value::Bool(true)),
        _ => false,
    };
    concerns.then_some((event, payment))
}
