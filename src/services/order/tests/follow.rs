use super::desk::{Desk, MERCHANT, OTHER, Payment};
use crate::domain::OrderStatus;
use crate::event::{EventKind, Payload, Topic};
use crate::services::HandleError;
use crate::services::order::store;

#[tokio::test]
async fn a_payment_makes_its_order_and_a_success_pays_it() {
    let desk = Desk::new();
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Pending, 1, "PY1".to_owned()));
    let paid = desk.follow(vec![Payment::success("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Paid, 2, "PY1".to_owned()));
    assert_eq!(desk.told("A").await, ["order.created", "order.paid"]);
    let events = desk.events(Topic::OrderEvents).await;
    let Payload::Order(payload) = &events[1].payload else { panic!("no order payload") };
    assert_eq!((payload.status, payload.fee_amount, payload.total_amount), (OrderStatus::Paid, Some(200), 10_000));
    assert!(payload.paid_at.is_some());
    assert_eq!(payload.customer_email.expose(), "payer@example.com");
    assert_eq!(events[1].metadata.causation_id, paid[0].event_id.to_string());
    assert_eq!(events[1].metadata.trace_id, paid[0].metadata.trace_id);
}

#[tokio::test]
async fn one_batch_may_hold_an_orders_whole_life() {
    let desk = Desk::new();
    desk.follow(vec![
        Payment::created("PY1", "A"),
        Payment::created("PY9", "B"),
        Payment::new(EventKind::PaymentFailed, "PY1", "A"),
        Payment::created("PY2", "A"),
        Payment { merchant: OTHER, ..Payment::created("PY3", "A") },
        Payment::success("PY2", "A"),
        Payment::success("PY9", "B"),
    ])
    .await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Paid, 2, "PY2".to_owned()));
    assert_eq!(desk.stands("B").await, (OrderStatus::Paid, 2, "PY9".to_owned()));
    assert_eq!(desk.told("A").await, ["order.created", "order.paid"]);
    let others = desk.order(OTHER, "A").await.unwrap();
    assert_eq!((others.status, others.payment_no.as_str()), (OrderStatus::Pending, "PY3"), "a number is another order elsewhere");
}

#[tokio::test]
async fn a_second_attempt_is_remembered_without_an_event() {
    let desk = Desk::new();
    desk.follow(vec![Payment::created("PY1", "A"), Payment::new(EventKind::PaymentExpired, "PY1", "A")]).await;
    desk.follow(vec![Payment::created("PY2", "A")]).await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Pending, 1, "PY2".to_owned()));
    assert_eq!(desk.told("A").await, ["order.created"]);
}

#[tokio::test]
async fn failed_cancelled_and_expired_payments_leave_the_order_pending() {
    for kind in [EventKind::PaymentFailed, EventKind::PaymentCancelled, EventKind::PaymentExpired, EventKind::PaymentProcessing] {
        let desk = Desk::new();
        desk.follow(vec![Payment::created("PY1", "A"), Payment::new(kind, "PY1", "A")]).await;
        assert_eq!(desk.stands("A").await.0, OrderStatus::Pending, "{kind}");
    }
}

#[tokio::test]
async fn money_that_does_not_fit_is_reviewed_and_audited_never_an_error() {
    let desk = Desk::new();
    desk.follow(vec![
        Payment::created("PY1", "A"),
        Payment { amount: 9_999, ..Payment::success("PY1", "A") },
        Payment::created("PY2", "B"),
        Payment { currency: "EUR".parse().unwrap(), ..Payment::success("PY2", "B") },
        Payment::created("PY3", "C"),
        Payment::success("PY3", "C"),
        Payment::success("PY4", "C"),
    ])
    .await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Pending, 1, "PY1".to_owned()));
    assert_eq!(desk.stands("B").await, (OrderStatus::Pending, 1, "PY2".to_owned()));
    assert_eq!(desk.stands("C").await, (OrderStatus::Paid, 2, "PY3".to_owned()));
    let expected = [("PY1", "amount_mismatch"), ("PY2", "currency_mismatch"), ("PY4", "order_not_pending")];
    assert_eq!(desk.reviews().await, expected.map(|(payment, kind)| (payment.to_owned(), kind.to_owned())));
    let audits = desk.events(Topic::AuditLogs).await;
    assert_eq!(audits.len(), 3);
    let Payload::Audit(first) = &audits[0].payload else { panic!("no audit payload") };
    assert_eq!((first.action.as_str(), first.target.as_str()), ("order.review", format!("{MERCHANT}/A").as_str()));
    assert_eq!(first.reason, "payment PY1 of 99.99 USD; the order of 100.00 USD is pending");
}

#[tokio::test]
async fn a_late_success_leaves_the_order_alone() {
    let desk = Desk::new();
    desk.follow(vec![
        Payment::created("PY1", "A"),
        Payment::new(EventKind::PaymentExpired, "PY1", "A"),
        Payment { late: true, ..Payment::success("PY1", "A") },
    ])
    .await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Pending, 1, "PY1".to_owned()));
    assert!(desk.reviews().await.is_empty());
    assert!(desk.events(Topic::AuditLogs).await.is_empty());
}

#[tokio::test]
async fn a_success_whose_order_is_unknown_makes_and_pays_it() {
    let desk = Desk::new();
    desk.follow(vec![Payment::success("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await, (OrderStatus::Paid, 2, "PY1".to_owned()));
    assert_eq!(desk.told("A").await, ["order.created", "order.paid"]);
    desk.follow(vec![Payment::created("PY1", "A")]).await;
    assert_eq!(desk.stands("A").await.0, OrderStatus::Paid, "what comes too late changes nothing");
}

#[tokio::test]
async fn replayed_events_change_nothing() {
    let desk = Desk::new();
    let mut events = desk.follow(vec![Payment::created("PY1", "A"), Payment::success("PY1", "A")]).await;
    events.extend(desk.follow(vec![Payment { amount: 7, ..Payment::success("PY2", "A") }]).await);
    let before = (desk.stands("A").await, desk.told("A").await, desk.reviews().await, desk.events(Topic::AuditLogs).await.len());
    desk.apply(&events).await.unwrap();
    desk.apply(&events[1..]).await.unwrap();
    let after = (desk.stands("A").await, desk.told("A").await, desk.reviews().await, desk.events(Topic::AuditLogs).await.len());
    assert_eq!(before, after);
}

#[tokio::test]
async fn an_impossible_amount_is_poison_and_changes_nothing() {
    let desk = Desk::new();
    let events = desk.published(vec![Payment::created("PY1", "A"), Payment { amount: 0, ..Payment::created("PY2", "B") }]).await;
    let error = desk.apply(&events).await.unwrap_err();
    assert!(matches!(error, HandleError::Poison { code: "INVALID_AMOUNT", .. }), "{error:?}");
    assert_eq!(desk.order(MERCHANT, "A").await, None);
}

#[tokio::test]
async fn an_order_that_someone_else_has_changed_is_not_overwritten() {
    let desk = Desk::new();
    desk.follow(vec![Payment::created("PY1", "A"), Payment::success("PY1", "A")]).await;
    let stale = desk.order(MERCHANT, "A").await.unwrap();
    let written = desk.write(async move |tx| store::update(tx, &[(&stale, 1)]).await).await.unwrap();
    assert_eq!(written, 0);
}
