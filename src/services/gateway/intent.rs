use serde::Deserialize;

use crate::domain::{PaymentStatus, Step};
use crate::http::{ApiError, ErrorCode};
use crate::store::{Class, Tx};

use super::change::{Change, save};
use super::payment::Payment;
use super::refusal::{not_found, status_invalid};
use super::service::Gateway;
use super::store;

const MAX_INTENT_CHARS: usize = 255;

/// What the channel reports once it has made an intent.
#[derive(Deserialize)]
pub(super) struct IntentBody {
    intent_id: String,
    provider: String,
}

impl IntentBody {
    fn check(&self) -> Result<(), ApiError> {
        for (field, text) in [("intent_id", &self.intent_id), ("provider", &self.provider)] {
            if text.is_empty() || text.len() > MAX_INTENT_CHARS || !text.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(ApiError::field(field, format!("{field} is 1 to {MAX_INTENT_CHARS} visible characters")));
            }
        }
        Ok(())
    }
}

impl Gateway {
    /// The payment as the channel sees it.
    pub(super) async fn payment_for_channel(&self, payment_no: String) -> Result<Payment, ApiError> {
        let found = self.store.read(async move |tx: &mut Tx| store::find_payment(tx, &payment_no).await).await?;
        found.ok_or_else(not_found)
    }

    /// Stores the intent that the payment is paid through; from then on the payment follows the channel.
    ///
    /// Refused once the payment has left pending or its time is up: whatever was made at the channel is to be closed then.
    pub(super) async fn store_intent(&self, payment_no: String, body: IntentBody, trace_id: String) -> Result<Payment, ApiError> {
        body.check()?;
        let ambient = self.ambient.clone();
        self.store
            .write(Class::Ingress, async move |tx: &mut Tx| {
                let mut change = Change::of(store::find_payment(tx, &payment_no).await?.ok_or_else(not_found)?);
                let payment = &mut change.payment;
                if payment.intent_id.as_ref() == Some(&body.intent_id) {
                    return Ok(change.payment);
                }
                if payment.status != PaymentStatus::Pending || payment.intent_id.is_some() {
                    return Err(status_invalid(payment, "the payment takes no intent any more"));
                }
                if payment.expires_at <= tx.now() {
                    return Err(status_invalid(payment, "the payment's time is up"));
                }
                if store::payment_of_intent(tx, &body.intent_id).await?.is_some() {
                    return Err(ApiError::new(ErrorCode::Conflict, "this intent belongs to another payment"));
                }
                payment.intent_id = Some(body.intent_id.clone());
                if change.step(PaymentStatus::Processing, tx.now(), &ambient, &trace_id) != Step::Apply {
                    return Err(status_invalid(&change.payment, "the payment takes no intent any more"));
                }
                let changes = [change];
                save(tx, &changes).await?;
                let [change] = changes;
                Ok(change.payment)
            })
            .await
    }
}
