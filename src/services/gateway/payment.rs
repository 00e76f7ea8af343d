use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, Money, PaymentStatus, Timestamp};
use crate::event::{Cause, EventKind, Extra, NewEvent, Payload, PaymentPayload};

/// The name under which the gateway writes events.
pub(super) const PRODUCER: &str = "gateway";

/// A payment as it is stored.
#[derive(Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of the table")]
pub struct Payment {
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub amount: i64,
    pub currency: Currency,
    pub channel: String,
    pub status: PaymentStatus,
    /// Counts the payment's events.
    pub version: i64,
    /// Whether a second payment for the order is refused.
    pub occupies_order: bool,
    pub customer_email: Email,
    pub customer_ip: Option<String>,
    pub description: Option<String>,
    pub return_url: Option<String>,
    pub notify_url: Option<String>,
    pub extra: Extra,
    pub fee_bps: i64,
    pub fee_amount: i64,
    pub captured: i64,
    pub refunded: i64,
    pub intent_id: Option<String>,
    pub idempotency_key: Option<String>,
    pub trace_id: String,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}

/// What a merchant sees of a payment.
#[derive(Serialize)]
struct PaymentBody<'a> {
    payment_no: &'a str,
    merchant_id: MerchantId,
    order_no: &'a str,
    amount: i64,
    currency: Currency,
    channel: &'a str,
    status: PaymentStatus,
    customer_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_ip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify_url: Option<&'a str>,
    fee_bps: i64,
    fee_amount: i64,
    captured: i64,
    refunded: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent_id: Option<&'a str>,
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    payment_url: String,
    extra: &'a Extra,
}

/// What other services of ours see of a payment.
#[derive(Serialize)]
struct InternalBody<'a> {
    payment_no: &'a str,
    merchant_id: MerchantId,
    order_no: &'a str,
    amount: i64,
    currency: Currency,
    channel: &'a str,
    status: PaymentStatus,
    description: Option<&'a str>,
    return_url: Option<&'a str>,
    customer_email: &'a str,
    intent_id: Option<&'a str>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Payment {
    /// The amount with its currency.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// What its merchant sees; `checkout` is what payment pages' addresses start with.
    pub(super) fn body(&self, checkout: &str) -> impl Serialize {
        PaymentBody {
            payment_no: &self.payment_no,
            merchant_id: self.merchant_id,
            order_no: &self.order_no,
            amount: self.amount,
            currency: self.currency,
            channel: &self.channel,
            status: self.status,
            customer_email: self.customer_email.expose(),
            customer_ip: self.customer_ip.as_deref(),
            description: self.description.as_deref(),
            return_url: self.return_url.as_deref(),
            notify_url: self.notify_url.as_deref(),
            fee_bps: self.fee_bps,
            fee_amount: self.fee_amount,
            captured: self.captured,
            refunded: self.refunded,
            intent_id: self.intent_id.as_deref(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at,
            paid_at: self.paid_at,
            payment_url: format!("{checkout}/checkout/{}", self.payment_no),
            extra: &self.extra,
        }
    }

    /// What the channel sees.
    pub(super) fn internal_body(&self) -> impl Serialize {
        InternalBody {
            payment_no: &self.payment_no,
            merchant_id: self.merchant_id,
            order_no: &self.order_no,
            amount: self.amount,
            currency: self.currency,
            channel: &self.channel,
            status: self.status,
            description: self.description.as_deref(),
            return_url: self.return_url.as_deref(),
            customer_email: self.customer_email.expose(),
            intent_id: self.intent_id.as_deref(),
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }

    /// The event that tells of the payment as it now is; `causation` is the request or webhook behind it.
    pub(super) fn event(&self, event_id: Uuid, at: Timestamp, causation: &str) -> NewEvent {
        let kind = EventKind::of_payment(self.status);
        NewEvent {
            event_id,
            kind,
            topic: kind.topic(),
            aggregate_id: self.payment_no.clone(),
            aggregate_version: self.version,
            merchant_id: Some(self.merchant_id),
            key: self.merchant_id.to_string(),
            timestamp: at,
            cause: Cause { correlation_id: self.payment_no.clone(), causation_id: causation.to_owned(), trace_id: self.trace_id.clone() },
            producer: PRODUCER,
            payload: Payload::Payment(Box::new(PaymentPayload {
                payment_no: self.payment_no.clone(),
                merchant_id: self.merchant_id,
                order_no: self.order_no.clone(),
                amount: self.amount,
                currency: self.currency,
                channel: self.channel.clone(),
                status: self.status,
                customer_email: self.customer_email.clone(),
                created_at: self.created_at,
                paid_at: self.paid_at,
                fee_bps: self.fee_bps,
                fee_amount: self.fee_amount,
                extra: self.extra.clone(),
            })),
        }
    }
}
