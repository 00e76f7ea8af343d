use std::collections::BTreeMap;

use proptest::prelude::*;

use super::desk::{Desk, MERCHANT, Payment};
use crate::domain::OrderStatus;
use crate::event::{EventKind, Payload, Topic};

fn payment() -> impl Strategy<Value = Payment> {
    let kinds: Vec<EventKind> = EventKind::ALL.iter().copied().filter(|kind| kind.as_str().starts_with("payment.")).collect();
    let kind = prop_oneof![
        2 => Just(EventKind::PaymentCreated),
        2 => Just(EventKind::PaymentSuccess),
        1 => proptest::sample::select(kinds)
    ];
    let amount = prop_oneof![4 => Just(10_000), 1 => 1..20_000_i64];
    (kind, 0..6_u8, 0..3_u8, amount, proptest::bool::weighted(0.1)).prop_map(|(kind, payment, order, amount, late)| Payment {
        amount,
        late: late && kind == EventKind::PaymentSuccess,
        ..Payment::new(kind, &format!("PY{payment}"), &format!("O{order}"))
    })
}

/// Whatever comes, in whatever batches: an order's row is what its events say, and it is paid at most once.
async fn check(payments: Vec<Payment>, cuts: Vec<usize>) {
    let desk = Desk::new();
    let events = desk.published(payments).await;
    let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (events.len() + 1)).chain([0, events.len()]).collect();
    cuts.sort_unstable();
    for batch in cuts.windows(2) {
        desk.apply(&events[batch[0]..batch[1]]).await.unwrap();
    }
    let mut last = BTreeMap::new();
    for event in desk.events(Topic::OrderEvents).await {
        let Payload::Order(payload) = event.payload else { panic!("no order payload") };
        let versions: &mut Vec<(i64, EventKind, OrderStatus)> = last.entry(payload.order_no).or_default();
        versions.push((event.metadata.aggregate_version, event.kind, payload.status));
    }
    for order in ["O0", "O1", "O2"] {
        let Some(row) = desk.order(MERCHANT, order).await else {
            assert!(!last.contains_key(order));
            continue;
        };
        let life = &last[order];
        let versions: Vec<i64> = life.iter().map(|(version, ..)| *version).collect();
        assert_eq!(versions, (1..=row.version).collect::<Vec<_>>());
        assert_eq!(life.last().map(|(_, _, status)| *status), Some(row.status));
        let paid = life.iter().filter(|(_, kind, _)| *kind == EventKind::OrderPaid).count();
        assert_eq!(paid, usize::from(row.status == OrderStatus::Paid));
    }
    let reviews = desk.reviews().await.len();
    assert_eq!(desk.events(Topic::AuditLogs).await.len(), reviews, "every review has its audit record");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_orders_row_is_what_its_events_say(
        payments in proptest::collection::vec(payment(), 1..30),
        cuts in proptest::collection::vec(any::<usize>(), 0..5),
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(check(payments, cuts));
    }
}
