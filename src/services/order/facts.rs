use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{EventKind, order_aggregate_id};
use crate::services::{Fact, FactState, Service, Subject, SubjectEvent};
use crate::store::{StoreError, Tx};

use super::query::get_order;
use super::row::Order;

/// The order's own events by type: which it was, and when.
type Published = HashMap<String, (Uuid, Timestamp)>;

/// Whether the payment's order exists, and has been paid by it or put up for review.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let Some(created) = subject.event(EventKind::PaymentCreated) else { return Ok(Vec::new()) };
    let Some(order) = get_order(tx, Some(subject.merchant_id), &subject.order_no).await? else {
        let detail = format!("order {} does not exist", subject.order_no);
        return Ok(vec![missing(created, "order created", detail)]);
    };
    let published = published(tx, &order).await?;
    let mut facts = vec![done(&published, EventKind::OrderCreated, order.created_at, describe(&order))];
    if let Some(success) = subject.event(EventKind::PaymentSuccess).filter(|_| !is_late(subject)) {
        facts.push(paid(tx, subject, success, &order, &published).await?);
    }
    for kind in [EventKind::OrderCancelled, EventKind::OrderShipped, EventKind::OrderCompleted] {
        if published.contains_key(kind.as_str()) {
            facts.push(done(&published, kind, order.updated_at, describe(&order)));
        }
    }
    Ok(facts)
}

async fn paid(tx: &mut Tx, subject: &Subject, success: &SubjectEvent, order: &Order, published: &Published) -> Result<Fact, StoreError> {
    if order.payment_no == subject.payment_no
        && let Some(paid_at) = order.paid_at
    {
        return Ok(done(published, EventKind::OrderPaid, paid_at, describe(order)));
    }
    let review =
        tx.query_one("SELECT kind, detail, created_at FROM order_reviews WHERE source_event_id = $1", &[success.event_id.into()]).await?;
    let Some(review) = review else { return Ok(missing(success, "order paid", describe(order))) };
    Ok(Fact {
        service: Service::Order.name(),
        at: review.get(2)?,
        what: format!("order not paid, put up for review: {}", review.get::<String>(0)?),
        detail: review.get(1)?,
        state: FactState::Failed,
        event_id: Some(success.event_id),
    })
}

/// A success after the payment was given up is late, and no order's business.
fn is_late(subject: &Subject) -> bool {
    [EventKind::PaymentFailed, EventKind::PaymentCancelled, EventKind::PaymentExpired].iter().any(|kind| subject.event(*kind).is_some())
}

async fn published(tx: &mut Tx, order: &Order) -> Result<Published, StoreError> {
    let rows = tx
        .query(
            "SELECT event_type, event_id, created_at FROM events WHERE aggregate_type = 'order' AND aggregate_id = $1",
            &[order_aggregate_id(order.merchant_id, &order.order_no).into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
}

fn done(published: &Published, kind: EventKind, fallback: Timestamp, detail: String) -> Fact {
    let (event_id, at) = published.get(kind.as_str()).map_or((None, fallback), |(id, at)| (Some(*id), *at));
    Fact { service: Service::Order.name(), at, what: kind.as_str().replace('.', " "), detail, state: FactState::Done, event_id }
}

fn missing(since: &SubjectEvent, what: &str, detail: String) -> Fact {
    Fact {
        service: Service::Order.name(),
        at: since.at,
        what: what.to_owned(),
        detail,
        state: FactState::Missing,
        event_id: Some(since.event_id),
    }
}

fn describe(order: &Order) -> String {
    format!("{} of {}, {}", order.order_no, order.money(), order.status)
}
