use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::domain::{MerchantId, NumberKind, PaymentStatus, fee_amount};
use crate::event::EncodedEvent;
use crate::http::{ApiError, ErrorCode, error_body, success_body};
use crate::store::StoreError;

use super::idempotency::{fingerprint, is_kept};
use super::ingest::{Intake, Outcome, Remember};
use super::payment::Payment;
use super::refusal::duplicate_order;
use super::request::{CreateBody, Draft, EXTRA_RISK, STRIPE};
use super::risk::{RiskDecision, RiskRequest};
use super::service::Gateway;

/// A create as it reached the gateway.
pub(super) struct CreateRequest<'a> {
    pub(super) caller: MerchantId,
    pub(super) key: Option<String>,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) body: CreateBody,
    pub(super) trace_id: String,
}

/// The answer in the bytes that every repetition of the request gets.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) replayed: bool,
}

impl Gateway {
    /// Makes a payment; it is durable, with its event and its key, when the answer returns.
    pub(super) async fn create(&self, request: CreateRequest<'_>) -> Result<Answer, ApiError> {
        let draft = request.body.check(request.bytes)?;
        let flight = match &request.key {
            Some(key) => Some(Arc::new(self.in_flight.take_off(request.caller, key)?)),
            None => None,
        };
        let remember = flight
            .as_ref()
            .map(|flight| Remember { flight: Arc::clone(flight), fingerprint: fingerprint(request.method, request.path, request.bytes) });
        let key = flight.as_ref().map(|flight| flight.key().to_owned());
        let (payment, status, body) = match self.accept(request.caller, draft, key, &request.trace_id).await {
            Ok(payment) => {
                let body = self.created_body(&payment, &request.trace_id)?;
                let event = payment.event(self.ambient.uuid(), payment.created_at, &request.trace_id);
                let event = EncodedEvent::new(event).map_err(StoreError::from)?;
                (Some((payment, event)), 201, body)
            }
            // Without a key there is nothing to remember; what the caller may repeat is never remembered.
            Err(refusal) if remember.is_none() || !is_kept(refusal.code.status()) => return Err(refusal),
            Err(refusal) => (None, refusal.code.status(), error_body(&refusal, &request.trace_id).into()),
        };
        let expires_at = payment.as_ref().map(|(payment, _)| payment.expires_at);
        let intake = Intake { payment, remember, status, body: body.clone(), trace_id: request.trace_id };
        let outcome = self.intake.submit(intake).await;
        if let Some(flight) = flight {
            flight.end();
        }
        match outcome? {
            Outcome::Stands => {
                if let Some(expires_at) = expires_at {
                    self.expiry.hear_of(expires_at);
                }
                Ok(Answer { status, body, replayed: false })
            }
            Outcome::Replayed { status, body } => Ok(Answer { status, body: body.into(), replayed: true }),
            Outcome::Duplicate(payment_no) => Err(duplicate_order(&payment_no)),
            Outcome::Mismatch => Err(ApiError::new(
                ErrorCode::IdempotencyMismatch,
                "this Idempotency-Key was used for another request; use a new key for a new request",
            )),
            Outcome::TryAgain => Err(ApiError::new(ErrorCode::Overloaded, "the payment could not be made just now; try again")),
        }
    }

    /// Whether the merchant may take this payment, and the payment as it will stand.
    async fn accept(&self, caller: MerchantId, draft: Draft, key: Option<String>, trace_id: &str) -> Result<Payment, ApiError> {
        if draft.merchant_id != caller {
            return Err(ApiError::new(ErrorCode::Forbidden, "this API key belongs to another merchant").with("field", "merchant_id"));
        }
        let fee_bps = self.merchants.fee_bps(caller).await?;
        let risk = RiskRequest {
            merchant_id: caller,
            money: draft.money,
            customer_email: &draft.customer_email,
            customer_ip: draft.customer_ip.as_deref(),
        };
        let decision = self.risk.check(risk).await?;
        let mut payment = self.new_payment(draft, fee_bps, key, trace_id);
        match decision {
            RiskDecision::Pass => {}
            RiskDecision::Review { score, reasons } => {
                payment.extra.insert(EXTRA_RISK.to_owned(), json!({"decision": "review", "score": score, "reasons": reasons}));
            }
            RiskDecision::Reject { score, .. } => {
                return Err(ApiError::new(ErrorCode::RiskRejected, "this payment was rejected as too risky").with("score", score));
            }
        }
        Ok(payment)
    }

    fn new_payment(&self, draft: Draft, fee_bps: i64, idempotency_key: Option<String>, trace_id: &str) -> Payment {
        let now = self.ambient.now();
        let minutes = draft.expire_minutes.unwrap_or(self.expire_minutes);
        Payment {
            payment_no: self.ambient.number(NumberKind::Payment),
            merchant_id: draft.merchant_id,
            order_no: draft.order_no.map_or_else(|| self.ambient.number(NumberKind::Order), |order_no| order_no.as_str().to_owned()),
            amount: draft.money.minor,
            currency: draft.money.currency,
            channel: STRIPE.to_owned(),
            status: PaymentStatus::Pending,
            version: 1,
            occupies_order: true,
            customer_email: draft.customer_email,
            customer_ip: draft.customer_ip,
            description: draft.description,
            return_url: draft.return_url,
            notify_url: draft.notify_url,
            extra: draft.extra,
            fee_bps,
            fee_amount: fee_amount(draft.money.minor, fee_bps),
            captured: 0,
            refunded: 0,
            intent_id: None,
            idempotency_key,
            trace_id: trace_id.to_owned(),
            expires_at: now + TimeDelta::minutes(minutes),
            created_at: now,
            updated_at: now,
            paid_at: None,
        }
    }

    fn created_body(&self, payment: &Payment, trace_id: &str) -> Result<Bytes, ApiError> {
        let data = to_raw_value(&payment.body(&self.checkout))
            .map_err(|_| ApiError::new(ErrorCode::Internal, "the answer cannot be written down"))?;
        Ok(success_body(&data, trace_id).into())
    }
}
