use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::config::Ambient;
use crate::domain::{MerchantId, OrderStatus, Step, Timestamp};
use crate::event::{Cause, Event, EventKind, Extra, NewEvent, PaymentPayload};
use crate::services::HandleError;
use crate::store::{StoreError, Tx};

use super::review::{Review, ReviewKind};
use super::row::Order;
use super::store;

/// The orders of a batch, carried through its events in memory: read once before, written once after.
pub(super) struct Fold<'a> {
    orders: BTreeMap<(MerchantId, &'a str), Slot>,
    events: Vec<NewEvent>,
    reviews: Vec<Review<'a>>,
    ambient: &'a Ambient,
    now: Timestamp,
}

/// One order on its way through the batch.
struct Slot {
    order: Order,
    /// The version in the table; `None` where it has no row yet.
    stored: Option<i64>,
    changed: bool,
}

impl<'a> Fold<'a> {
    /// Reads every order that `payments` name.
    pub(super) async fn read(tx: &mut Tx, payments: &[(&'a Event, &'a PaymentPayload)], ambient: &'a Ambient) -> Result<Self, StoreError> {
        let names: BTreeSet<(MerchantId, &'a str)> = payments.iter().map(|(_, payment)| name_of(payment)).collect();
        let found = store::find(tx, names.iter().copied()).await?;
        let mut found: BTreeMap<(MerchantId, String), Order> =
            found.into_iter().map(|order| ((order.merchant_id, order.order_no.clone()), order)).collect();
        let orders = names.into_iter().filter_map(|name| {
            let order = found.remove(&(name.0, name.1.to_owned()))?;
            Some((name, Slot { stored: Some(order.version), order, changed: false }))
        });
        let orders = orders.collect();
        Ok(Self { orders, events: Vec::new(), reviews: Vec::new(), ambient, now: tx.now() })
    }

    /// `payment.created`: makes the order where it is new, else remembers the newest attempt of one that is still unpaid.
    pub(super) fn created(&mut self, event: &'a Event, payment: &'a PaymentPayload) {
        if let Some(slot) = self.orders.get_mut(&name_of(payment)) {
            if slot.order.status == OrderStatus::Pending && slot.order.payment_no != payment.payment_no {
                slot.order.payment_no.clone_from(&payment.payment_no);
                slot.order.updated_at = self.now;
                slot.changed = true;
            }
        } else {
            self.make(event, payment);
        }
    }

    /// `payment.success`: pays the order that it fits; anything else about the money is for a person.
    pub(super) fn succeeded(&mut self, event: &'a Event, payment: &'a PaymentPayload) {
        let name = name_of(payment);
        if !self.orders.contains_key(&name) {
            self.make(event, payment);
        }
        let Some(slot) = self.orders.get_mut(&name) else { return };
        let order = &mut slot.order;
        if order.status.step(OrderStatus::Paid) != Step::Apply {
            // The payment that the order already has is no news, whoever tells it once more.
            if order.payment_no != payment.payment_no || order.paid_at.is_none() {
                self.reviews.push(Review::new(event, payment, order, ReviewKind::Status));
            }
        } else if order.currency != payment.currency {
            self.reviews.push(Review::new(event, payment, order, ReviewKind::Currency));
        } else if order.total_amount != payment.amount {
            self.reviews.push(Review::new(event, payment, order, ReviewKind::Amount));
        } else {
            order.status = OrderStatus::Paid;
            order.version += 1;
            order.payment_no.clone_from(&payment.payment_no);
            order.fee_amount = Some(payment.fee_amount);
            order.paid_at = Some(payment.paid_at.unwrap_or(event.timestamp));
            order.updated_at = self.now;
            slot.changed = true;
            self.events.push(slot.order.event(EventKind::OrderPaid, Cause::of(event), self.now, self.ambient));
        }
    }

    fn make(&mut self, event: &'a Event, payment: &'a PaymentPayload) {
        let order = Order {
            order_no: payment.order_no.clone(),
            merchant_id: payment.merchant_id,
            payment_no: payment.payment_no.clone(),
            total_amount: payment.amount,
            fee_amount: None,
            currency: payment.currency,
            status: OrderStatus::Pending,
            version: 1,
            customer_email: payment.customer_email.clone(),
            extra: Extra::new(),
            trace_id: event.metadata.trace_id.clone(),
            created_at: self.now,
            updated_at: self.now,
            paid_at: None,
        };
        self.events.push(order.event(EventKind::OrderCreated, Cause::of(event), self.now, self.ambient));
        self.orders.insert(name_of(payment), Slot { order, stored: None, changed: true });
    }

    /// Writes each order once, and publishes everything that happened to them.
    pub(super) async fn write(mut self, tx: &mut Tx) -> Result<(), HandleError> {
        let changed = || self.orders.values().filter(|slot| slot.changed);
        let new: Vec<&Order> = changed().filter(|slot| slot.stored.is_none()).map(|slot| &slot.order).collect();
        let old: Vec<(&Order, i64)> = changed().filter_map(|slot| Some((&slot.order, slot.stored?))).collect();
        let wanted = new.len() + old.len();
        let mut written = 0;
        if !new.is_empty() {
            written += store::insert(tx, &new).await?;
        }
        if !old.is_empty() {
            written += store::update(tx, &old).await?;
        }
        if written != wanted as u64 {
            return Err(HandleError::Transient("an order was changed by someone else meanwhile".to_owned()));
        }
        if !self.reviews.is_empty() {
            let added: HashSet<uuid::Uuid> = store::add_reviews(tx, &self.reviews).await?.into_iter().collect();
            let (now, ambient) = (self.now, self.ambient);
            let fresh = self.reviews.into_iter().filter(|review| added.contains(&review.event.event_id));
            self.events.extend(fresh.map(|review| review.audit(now, ambient)));
        }
        if !self.events.is_empty() {
            tx.publish(&self.events).await?;
        }
        Ok(())
    }
}

fn name_of(payment: &PaymentPayload) -> (MerchantId, &str) {
    (payment.merchant_id, payment.order_no.as_str())
}
