use serde_json::json;

use crate::config::Ambient;
use crate::domain::{Money, Timestamp};
use crate::event::{AuditPayload, Cause, Event, NewEvent, PaymentPayload, order_aggregate_id};
use crate::services::Service;

use super::row::Order;

/// Why a successful payment did not pay its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReviewKind {
    /// More or less than the order's total.
    Amount,
    /// Another currency than the order's.
    Currency,
    /// The order was no longer waiting for a payment.
    Status,
}

impl ReviewKind {
    /// The stored name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount_mismatch",
            Self::Currency => "currency_mismatch",
            Self::Status => "order_not_pending",
        }
    }
}

/// A successful payment that a person must look at.
pub(super) struct Review<'a> {
    pub(super) event: &'a Event,
    pub(super) payment: &'a PaymentPayload,
    pub(super) kind: ReviewKind,
    pub(super) detail: String,
    /// The order as it stood, and stays.
    before: serde_json::Value,
}

impl<'a> Review<'a> {
    pub(super) fn new(event: &'a Event, payment: &'a PaymentPayload, order: &Order, kind: ReviewKind) -> Self {
        let paid = Money::new(payment.amount, payment.currency);
        let detail = format!("payment {} of {paid}; the order of {} is {}", payment.payment_no, order.money(), order.status);
        let before = json!({
            "status": order.status,
            "total_amount": order.total_amount,
            "currency": order.currency,
            "payment_no": order.payment_no,
        });
        Self { event, payment, kind, detail, before }
    }

    /// What the audit trail keeps of it.
    pub(super) fn audit(self, now: Timestamp, ambient: &Ambient) -> NewEvent {
        let payment = self.payment;
        let after = json!({
            "review": self.kind.as_str(),
            "amount": payment.amount,
            "currency": payment.currency,
            "payment_no": payment.payment_no,
        });
        let producer = Service::Order.name();
        let what = AuditPayload {
            actor: producer.to_owned(),
            action: "order.review".to_owned(),
            target: order_aggregate_id(payment.merchant_id, &payment.order_no),
            before: self.before,
            after,
            reason: self.detail,
        };
        NewEvent::audit([ambient.uuid(), ambient.uuid()], (now, Some(payment.merchant_id)), (producer, Cause::of(self.event)), what)
    }
}
