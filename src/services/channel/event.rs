use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::domain::{StripeAmountError, to_stripe};
use crate::store::{StoreError, Tx};

use super::provider::IntentStatus;
use super::store::IntentRow;
use super::stripe::STRIPE_VERSION;

/// What the sandbox tells the gateway, as Stripe would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SandboxEvent {
    Succeeded,
    PaymentFailed,
    Canceled,
}

impl SandboxEvent {
    /// Stripe's name of the event.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "payment_intent.succeeded",
            Self::PaymentFailed => "payment_intent.payment_failed",
            Self::Canceled => "payment_intent.canceled",
        }
    }
}

/// Writes the webhook that follows from a change of `intent`, in the transaction of that change.
pub(super) async fn announce(tx: &mut Tx, evt_id: Uuid, event: SandboxEvent, intent: &IntentRow) -> Result<(), StoreError> {
    let evt_id = format!("evt_{}", evt_id.simple());
    let now = tx.now();
    let body = body(&evt_id, event, intent).map_err(|error| StoreError::Encode(error.to_string()))?;
    tx.execute(
        "INSERT INTO sandbox_webhooks (evt_id, payment_no, event_type, body, state, next_attempt_at, created_at) \
         VALUES ($1, $2, $3, $4, 'waiting', $5, $5)",
        &[evt_id.into(), (&intent.payment_no).into(), event.as_str().into(), body.into(), now.into()],
    )
    .await?;
    Ok(())
}

fn body(evt_id: &str, event: SandboxEvent, intent: &IntentRow) -> Result<String, StripeAmountError> {
    let amount = to_stripe(intent.amount)?;
    let moved = intent.status == IntentStatus::Succeeded;
    let canceled = intent.status == IntentStatus::Canceled;
    let object = json!({
        "id": intent.intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": if moved { amount } else { 0 },
        "canceled_at": canceled.then(|| intent.updated_at.timestamp()),
        "cancellation_reason": canceled.then_some("requested_by_customer"),
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": intent.created_at.timestamp(),
        "currency": intent.amount.currency.as_str().to_ascii_lowercase(),
        "last_payment_error": intent.last_error.as_deref().map(payment_error),
        "latest_charge": moved.then(|| format!("ch_{}", intent.payment_no)),
        "livemode": false,
        "metadata": { "payment_no": intent.payment_no, "order_no": intent.order_no, "merchant_id": intent.merchant_id },
        "payment_method_types": ["card"],
        "status": intent.status.as_str(),
    });
    Ok(json!({
        "id": evt_id,
        "object": "event",
        "api_version": STRIPE_VERSION,
        "created": intent.updated_at.timestamp(),
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
        "type": event.as_str(),
    })
    .to_string())
}

fn payment_error(code: &str) -> Json {
    json!({
        "type": "card_error",
        "code": code,
        "decline_code": "generic_decline",
        "message": "Your card was declined.",
    })
}
