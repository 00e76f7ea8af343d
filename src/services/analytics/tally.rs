use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::{Currency, utc_date};
use crate::event::{Event, EventKind, OrderPayload, Payload, PaymentPayload, RefundPayload};
use crate::services::HandleError;

use super::counter::{ChannelCounters, Key, MerchantCounters, PaymentCounters};

/// What a batch adds to one row, and the last event that added to it.
#[derive(Debug, Clone)]
pub(super) struct Delta<'a, C> {
    pub(super) counters: C,
    pub(super) last: &'a Event,
}

/// What a batch adds to each table. Sorted, so that concurrent writers take rows in one order.
pub(super) type Deltas<'a, C> = BTreeMap<Key, Delta<'a, C>>;

/// Adds up a batch in memory (contract section 8).
#[derive(Debug, Default)]
pub(super) struct Tally<'a> {
    pub(super) payments: Deltas<'a, PaymentCounters>,
    pub(super) channels: Deltas<'a, ChannelCounters>,
    pub(super) merchants: Deltas<'a, MerchantCounters>,
}

impl<'a> Tally<'a> {
    /// Counts one event; `first_paid` are the events that brought a new customer.
    pub(super) fn count(&mut self, event: &'a Event, first_paid: &HashSet<Uuid>) -> Result<(), HandleError> {
        match &event.payload {
            Payload::Payment(payment) => self.payment(event, payment),
            Payload::Refund(refund) => self.refund(event, refund),
            Payload::Order(order) => self.order(event, order, first_paid),
            _ => Ok(()),
        }
    }

    /// A payment counts on the day it was created, whenever it is decided: rates of a day then compare like with like.
    fn payment(&mut self, event: &'a Event, payment: &PaymentPayload) -> Result<(), HandleError> {
        if !matches!(event.kind, EventKind::PaymentCreated | EventKind::PaymentSuccess | EventKind::PaymentFailed) {
            return Ok(());
        }
        let (date, currency) = (utc_date(payment.created_at), payment.currency);
        let merchant = at(&mut self.payments, payment.merchant_id.to_string(), date, currency, event);
        let channel = at(&mut self.channels, payment.channel.clone(), date, currency, event);
        match event.kind {
            EventKind::PaymentCreated => {
                add(&mut merchant.total_payments, 1)?;
                add(&mut channel.total_transactions, 1)
            }
            EventKind::PaymentSuccess => {
                add(&mut merchant.success_payments, 1)?;
                add(&mut merchant.total_amount, payment.amount)?;
                add(&mut merchant.success_amount, payment.amount)?;
                add(&mut channel.success_transactions, 1)?;
                add(&mut channel.total_amount, payment.amount)?;
                add(&mut channel.success_amount, payment.amount)?;
                let paid_at = payment.paid_at.unwrap_or(event.timestamp);
                add(&mut channel.latency_ms_sum, (paid_at - payment.created_at).num_milliseconds().max(0))
            }
            _ => {
                add(&mut merchant.failed_payments, 1)?;
                add(&mut channel.failed_transactions, 1)
            }
        }
    }

    fn refund(&mut self, event: &'a Event, refund: &RefundPayload) -> Result<(), HandleError> {
        let (owner, date) = (refund.merchant_id.to_string(), utc_date(event.timestamp));
        let cost = refund.amount.checked_sub(refund.fee_returned).ok_or_else(overflow)?;
        match event.kind {
            EventKind::RefundSuccess => {
                let payments = at(&mut self.payments, owner.clone(), date, refund.currency, event);
                add(&mut payments.total_refunds, 1)?;
                add(&mut payments.total_refund_amount, refund.amount)?;
                let merchant = at(&mut self.merchants, owner, date, refund.currency, event);
                add(&mut merchant.net_revenue, cost.checked_neg().ok_or_else(overflow)?)
            }
            EventKind::RefundReversed => {
                let merchant = at(&mut self.merchants, owner, date, refund.currency, event);
                add(&mut merchant.net_revenue, cost)
            }
            _ => Ok(()),
        }
    }

    fn order(&mut self, event: &'a Event, order: &OrderPayload, first_paid: &HashSet<Uuid>) -> Result<(), HandleError> {
        if !matches!(event.kind, EventKind::OrderCreated | EventKind::OrderPaid | EventKind::OrderCancelled) {
            return Ok(());
        }
        let merchant = at(&mut self.merchants, order.merchant_id.to_string(), utc_date(event.timestamp), order.currency, event);
        match event.kind {
            EventKind::OrderCreated => add(&mut merchant.total_orders, 1),
            EventKind::OrderCancelled => add(&mut merchant.cancelled_orders, 1),
            _ => {
                let fee = order.fee_amount.unwrap_or(0);
                add(&mut merchant.completed_orders, 1)?;
                add(&mut merchant.total_revenue, order.total_amount)?;
                add(&mut merchant.total_fees, fee)?;
                add(&mut merchant.net_revenue, order.total_amount.checked_sub(fee).ok_or_else(overflow)?)?;
                match (order.customer_email.expose().is_empty(), first_paid.contains(&event.event_id)) {
                    (true, _) => Ok(()),
                    (false, true) => add(&mut merchant.new_customers, 1),
                    (false, false) => add(&mut merchant.returning_customers, 1),
                }
            }
        }
    }
}

fn at<'d, 'a, C: Default>(
    deltas: &'d mut Deltas<'a, C>,
    owner: String,
    date: NaiveDate,
    currency: Currency,
    event: &'a Event,
) -> &'d mut C {
    let delta = deltas.entry(Key { owner, date, currency }).or_insert_with(|| Delta { counters: C::default(), last: event });
    delta.last = event;
    &mut delta.counters
}

fn add(counter: &mut i64, by: i64) -> Result<(), HandleError> {
    *counter = counter.checked_add(by).ok_or_else(overflow)?;
    Ok(())
}

fn overflow() -> HandleError {
    HandleError::poison("COUNTER_OVERFLOW", "a counter would leave the range of 64 bits")
}
