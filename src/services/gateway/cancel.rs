use serde_json::value::RawValue;
use serde_json::value::to_raw_value;

use crate::domain::{MerchantId, PaymentStatus, Step};
use crate::http::{ApiError, ErrorCode};
use crate::store::{Class, Tx};

use super::change::{Change, save};
use super::payment::Payment;
use super::refusal::{not_found, status_invalid};
use super::service::Gateway;
use super::store;

impl Gateway {
    /// The merchant's payment.
    pub(super) async fn payment_of(&self, merchant_id: MerchantId, payment_no: String) -> Result<Payment, ApiError> {
        let found = self.store.read(async move |tx: &mut Tx| store::find_payment(tx, &payment_no).await).await?;
        found.filter(|payment| payment.merchant_id == merchant_id).ok_or_else(not_found)
    }

    /// What the merchant sees of a payment.
    pub(super) fn view(&self, payment: &Payment) -> Result<Box<RawValue>, ApiError> {
        to_raw_value(&payment.body(&self.checkout)).map_err(|_| ApiError::new(ErrorCode::Internal, "the answer cannot be written down"))
    }

    /// Cancels a payment that nobody has paid: at the channel first, so that nobody can pay it any more.
    pub(super) async fn cancel(&self, merchant_id: MerchantId, payment_no: String, trace_id: String) -> Result<Payment, ApiError> {
        let payment = self.payment_of(merchant_id, payment_no).await?;
        if payment.status.step(PaymentStatus::Cancelled) != Step::Apply {
            return Err(status_invalid(&payment, "only a payment that is not finished can be cancelled"));
        }
        let state = self.channel.cancel(&payment.payment_no).await.map_err(|error| {
            tracing::warn!(payment_no = payment.payment_no, %error, "a payment was not cancelled");
            ApiError::new(ErrorCode::Overloaded, "the channel cannot be reached; nothing was changed")
        })?;
        if !state.is_closed() {
            let refused = status_invalid(&payment, "the payer has paid, or is about to; the payment follows the channel");
            return Err(refused.with("channel_state", state.as_str()));
        }
        let ambient = self.ambient.clone();
        let number = payment.payment_no;
        self.store
            .write(Class::Ingress, async move |tx: &mut Tx| {
                let mut change = Change::of(store::find_payment(tx, &number).await?.ok_or_else(not_found)?);
                if change.step(PaymentStatus::Cancelled, tx.now(), &ambient, &trace_id) != Step::Apply {
                    return Err(status_invalid(&change.payment, "the payment was finished meanwhile"));
                }
                let changes = [change];
                save(tx, &changes).await?;
                let [change] = changes;
                Ok(change.payment)
            })
            .await
    }
}
