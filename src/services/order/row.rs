use serde::Serialize;

use crate::config::Ambient;
use crate::domain::{Currency, Email, MerchantId, Money, OrderStatus, Timestamp};
use crate::event::{Cause, EventKind, Extra, NewEvent, OrderPayload, Payload, order_aggregate_id};
use crate::services::Service;

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Unique within its merchant.
    pub order_no: String,
    /// Whose order it is.
    pub merchant_id: MerchantId,
    /// The payment that paid it, or the newest that tries to; empty where none was made yet.
    pub payment_no: String,
    /// What is to be paid, minor units.
    pub total_amount: i64,
    /// Our fee on it, known once it is paid.
    pub fee_amount: Option<i64>,
    /// The currency of both.
    pub currency: Currency,
    /// Where it stands.
    pub status: OrderStatus,
    /// Counts its events.
    pub version: i64,
    /// Whose order it is at the merchant.
    pub customer_email: Email,
    /// The merchant's own fields.
    pub extra: Extra,
    /// The trace of the request that made it.
    pub trace_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When its payment succeeded.
    pub paid_at: Option<Timestamp>,
}

impl Order {
    /// The total with its currency.
    pub const fn money(&self) -> Money {
        Money::new(self.total_amount, self.currency)
    }

    /// The event of the change that brought the order to its present version.
    pub(super) fn event(&self, kind: EventKind, cause: Cause, now: Timestamp, ambient: &Ambient) -> NewEvent {
        NewEvent {
            event_id: ambient.uuid(),
            kind,
            topic: kind.topic(),
            aggregate_id: order_aggregate_id(self.merchant_id, &self.order_no),
            aggregate_version: self.version,
            merchant_id: Some(self.merchant_id),
            key: self.merchant_id.to_string(),
            timestamp: now,
            cause,
            producer: Service::Order.name(),
            payload: Payload::Order(Box::new(OrderPayload {
                order_no: self.order_no.clone(),
                merchant_id: self.merchant_id,
                payment_no: self.payment_no.clone(),
                total_amount: self.total_amount,
                fee_amount: self.fee_amount,
                currency: self.currency,
                status: self.status,
                customer_email: self.customer_email.clone(),
                paid_at: self.paid_at,
                extra: self.extra.clone(),
            })),
        }
    }
}
