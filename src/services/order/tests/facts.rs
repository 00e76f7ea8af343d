use super::desk::{Desk, Payment};
use crate::event::{Event, EventKind, Payload};
use crate::services::order::facts;
use crate::services::{Fact, FactState, Subject, SubjectEvent};

async fn known(desk: &Desk, events: &[Event]) -> Vec<(FactState, String)> {
    let Payload::Payment(payment) = &events[0].payload else { panic!("no payment") };
    let subject = Subject {
        payment_no: payment.payment_no.clone(),
        merchant_id: payment.merchant_id,
        order_no: payment.order_no.clone(),
        events: events.iter().map(|event| SubjectEvent { event_id: event.event_id, kind: event.kind, at: event.timestamp }).collect(),
    };
    let found: Vec<Fact> = desk.read(async move |tx| facts(tx, &subject).await).await;
    found.into_iter().map(|fact| (fact.state, fact.what)).collect()
}

#[tokio::test]
async fn a_trace_sees_the_order_or_what_is_missing() {
    let desk = Desk::new();
    let events = desk.published(vec![Payment::created("PY1", "A"), Payment::success("PY1", "A")]).await;
    assert_eq!(known(&desk, &events).await, [(FactState::Missing, "order created".to_owned())]);
    desk.apply(&events[..1]).await.unwrap();
    let pending = [(FactState::Done, "order created".to_owned()), (FactState::Missing, "order paid".to_owned())];
    assert_eq!(known(&desk, &events).await, pending);
    desk.apply(&events[1..]).await.unwrap();
    let paid = [(FactState::Done, "order created".to_owned()), (FactState::Done, "order paid".to_owned())];
    assert_eq!(known(&desk, &events).await, paid);
}

#[tokio::test]
async fn a_trace_sees_a_payment_that_did_not_fit_as_failed() {
    let desk = Desk::new();
    let events = desk.follow(vec![Payment::created("PY1", "A"), Payment { amount: 5, ..Payment::success("PY1", "A") }]).await;
    let review = "order not paid, put up for review: amount_mismatch".to_owned();
    assert_eq!(known(&desk, &events).await, [(FactState::Done, "order created".to_owned()), (FactState::Failed, review)]);
}

#[tokio::test]
async fn a_late_success_leaves_nothing_missing() {
    let desk = Desk::new();
    let events = desk
        .follow(vec![
            Payment::created("PY1", "A"),
            Payment::new(EventKind::PaymentExpired, "PY1", "A"),
            Payment { late: true, ..Payment::success("PY1", "A") },
        ])
        .await;
    assert_eq!(known(&desk, &events).await, [(FactState::Done, "order created".to_owned())]);
}
