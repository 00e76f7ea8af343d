use crate::domain::{MerchantId, NumberKind, OrderStatus, Step};
use crate::event::{Cause, EventKind, order_aggregate_id};
use crate::http::{ApiError, ErrorCode};
use crate::store::{Class, Tx};

use super::orders::{Orders, find_one, not_found, wrong_status};
use super::request::NewOrder;
use super::row::Order;
use super::store;

/// A change that a merchant makes to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Cancel,
    Ship,
    Complete,
}

impl Change {
    const fn status(self) -> OrderStatus {
        match self {
            Self::Cancel => OrderStatus::Cancelled,
            Self::Ship => OrderStatus::Shipped,
            Self::Complete => OrderStatus::Completed,
        }
    }

    const fn event(self) -> EventKind {
        match self {
            Self::Cancel => EventKind::OrderCancelled,
            Self::Ship => EventKind::OrderShipped,
            Self::Complete => EventKind::OrderCompleted,
        }
    }

    const fn refusal(self) -> &'static str {
        match self {
            Self::Cancel => "only a pending order can be cancelled",
            Self::Ship => "only a paid order can be shipped",
            Self::Complete => "only a shipped order can be completed",
        }
    }

    /// Refuses where the order's state does not allow the change.
    pub(super) fn check(self, order: &Order) -> Result<(), ApiError> {
        if order.status.step(self.status()) == Step::Apply { Ok(()) } else { Err(wrong_status(order, self.refusal())) }
    }
}

impl Orders {
    /// Makes an order that no payment has been tried for.
    pub(super) async fn create(&self, merchant: MerchantId, new: NewOrder, trace_id: String) -> Result<Order, ApiError> {
        let ambient = self.ambient.clone();
        let order_no = new.order_no.unwrap_or_else(|| ambient.number(NumberKind::Order));
        let order = Order {
            order_no,
            merchant_id: merchant,
            payment_no: String::new(),
            total_amount: new.money.minor,
            fee_amount: None,
            currency: new.money.currency,
            status: OrderStatus::Pending,
            version: 1,
            customer_email: new.customer_email,
            extra: new.extra,
            trace_id,
            created_at: ambient.now(),
            updated_at: ambient.now(),
            paid_at: None,
        };
        self.store
            .write(Class::Ingress, async move |tx: &mut Tx| {
                let order = Order { created_at: tx.now(), updated_at: tx.now(), ..order.clone() };
                if store::insert(tx, &[&order]).await? == 0 {
                    let taken = find_one(tx, merchant, &order.order_no).await?;
                    return Err(duplicate(taken.as_ref()));
                }
                tx.publish(&[order.event(EventKind::OrderCreated, cause(&order, &order.trace_id), tx.now(), &ambient)]).await?;
                Ok(order)
            })
            .await
    }

    /// Changes the order and publishes its event, or refuses where its state does not allow that.
    pub(super) async fn change(&self, merchant: MerchantId, order_no: String, change: Change, trace_id: String) -> Result<Order, ApiError> {
        let ambient = self.ambient.clone();
        self.store
            .write(Class::Ingress, async move |tx: &mut Tx| {
                let mut order = find_one(tx, merchant, &order_no).await?.ok_or_else(not_found)?;
                change.check(&order)?;
                let old_version = order.version;
                order.status = change.status();
                order.version += 1;
                order.updated_at = tx.now();
                if store::update(tx, &[(&order, old_version)]).await? == 0 {
                    return Err(ApiError::new(ErrorCode::Conflict, "the order was changed by someone else meanwhile; try again"));
                }
                tx.publish(&[order.event(change.event(), cause(&order, &trace_id), tx.now(), &ambient)]).await?;
                Ok(order)
            })
            .await
    }
}

fn duplicate(taken: Option<&Order>) -> ApiError {
    let refusal = ApiError::new(ErrorCode::DuplicateOrder, "there is an order with this number already");
    match taken {
        Some(order) => refusal.with("status", order.status.as_str()),
        None => refusal,
    }
}

/// What a request sets off belongs to the order's payment once there is one.
fn cause(order: &Order, trace_id: &str) -> Cause {
    let correlation_id =
        if order.payment_no.is_empty() { order_aggregate_id(order.merchant_id, &order.order_no) } else { order.payment_no.clone() };
    Cause { correlation_id, causation_id: String::new(), trace_id: trace_id.to_owned() }
}
