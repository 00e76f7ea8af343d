use std::collections::BTreeMap;

use super::books::{Books, MERCHANT, OTHER, Payment};
use crate::event::{Event, EventKind, Payload, Topic};
use crate::services::accounting::query::{self, EntryFilter};
use crate::services::{FactState, HandleError};

#[tokio::test]
async fn a_paid_payment_is_booked_gross_and_fee() {
    let books = Books::new();
    books.book(vec![Payment::success(10_000, 200)]).await;
    let expected = [
        ("channel_clearing:stripe/USD".to_owned(), 10_000),
        ("fee_income/USD".to_owned(), 200),
        (format!("merchant_pending:{MERCHANT}/USD"), 9_800),
    ];
    assert_eq!(books.balances().await, BTreeMap::from(expected));
    let filter = EntryFilter { related_id: None, account: None, since: None, limit: 10 };
    let entries = books.read(async move |tx| query::entries(tx, &filter).await).await;
    let legs: Vec<(&str, i64)> = entries.iter().map(|entry| (entry.leg.as_str(), entry.amount)).collect();
    assert_eq!(legs, [("payment_fee", 200), ("payment_gross", 10_000)]);
}

#[tokio::test]
async fn a_booking_is_announced_with_its_legs_and_the_balance_after_it() {
    let books = Books::new();
    let events = books.book(vec![Payment::success(10_000, 200), Payment::success(500, 0)]).await;
    let announced = books.events(Topic::AccountingEvents).await;
    let transactions: Vec<&Event> = announced.iter().filter(|event| event.kind == EventKind::TransactionCreated).collect();
    let figures: Vec<(i64, i64, usize)> = transactions
        .iter()
        .map(|event| {
            let Payload::Accounting(payload) = &event.payload else { panic!("no accounting payload") };
            assert_eq!(payload.account_id, format!("merchant_pending:{MERCHANT}"));
            (payload.amount, payload.balance, payload.extra.entries.len())
        })
        .collect();
    assert_eq!(figures, [(9_800, 9_800, 2), (500, 10_300, 1)]);
    assert_eq!(transactions[0].metadata.causation_id, events[0].event_id.to_string());
    assert_eq!(transactions[0].metadata.correlation_id, "request-1");
    let mut balances: Vec<(String, i64)> = announced
        .iter()
        .filter(|event| event.kind == EventKind::BalanceUpdated)
        .map(|event| (event.aggregate_id.clone(), event.metadata.aggregate_version))
        .collect();
    balances.sort();
    let expected = ["channel_clearing:stripe/USD".to_owned(), "fee_income/USD".to_owned(), format!("merchant_pending:{MERCHANT}/USD")];
    assert_eq!(balances, expected.map(|aggregate| (aggregate, 1)), "one event an account, however many bookings touched it");
}

#[tokio::test]
async fn no_merchant_is_told_of_the_platforms_own_balances() {
    let books = Books::new();
    books.book(vec![Payment::success(10_000, 200)]).await;
    for event in books.events(Topic::AccountingEvents).await {
        let own = event.aggregate_id.starts_with("merchant_") || event.kind == EventKind::TransactionCreated;
        assert_eq!(event.metadata.merchant_id == Some(MERCHANT), own, "{}", event.aggregate_id);
    }
}

#[tokio::test]
async fn a_replayed_event_is_not_booked_twice() {
    let books = Books::new();
    let first = books.book(vec![Payment::success(10_000, 200)]).await;
    let before = (books.balances().await, books.events(Topic::AccountingEvents).await.len());
    books.apply(&first).await.unwrap();
    assert_eq!((books.balances().await, books.events(Topic::AccountingEvents).await.len()), before);

    let mut mixed = first.clone();
    mixed.extend(books.published(vec![Payment::success(100, 2)]).await);
    mixed.push(mixed[1].clone());
    books.apply(&mixed).await.unwrap();
    assert_eq!(books.balances().await[&format!("merchant_pending:{MERCHANT}/USD")], 9_800 + 98);
}

#[tokio::test]
async fn only_a_success_is_booked() {
    let books = Books::new();
    let others = EventKind::ALL.iter().filter(|kind| kind.as_str().starts_with("payment.") && **kind != EventKind::PaymentSuccess);
    books.book(others.map(|kind| Payment { kind: *kind, ..Payment::success(10_000, 200) }).collect()).await;
    assert!(books.balances().await.is_empty());
    assert!(books.events(Topic::AccountingEvents).await.is_empty());
}

#[tokio::test]
async fn an_impossible_amount_or_fee_is_poison_and_books_nothing() {
    for (amount, fee) in [(0, 0), (-5, 0), (100, 101), (100, -1)] {
        let books = Books::new();
        let events = books.published(vec![Payment::success(500, 10), Payment::success(amount, fee)]).await;
        let error = books.apply(&events).await.unwrap_err();
        assert!(matches!(error, HandleError::Poison { code: "INVALID_AMOUNT", .. }), "{amount} {fee}: {error:?}");
        assert!(books.balances().await.is_empty());
    }
}

#[tokio::test]
async fn a_sum_that_would_leave_64_bits_is_poison_not_a_wrap() {
    let books = Books::new();
    let too_much = vec![Payment::success(i64::MAX, 0), Payment::success(1, 0)];
    let events = books.published(too_much).await;
    let code = |error| if let HandleError::Poison { code, .. } = error { code } else { "" };
    assert_eq!(code(books.apply(&events).await.unwrap_err()), "BALANCE_OVERFLOW", "inside one batch");
    books.apply(&events[..1]).await.unwrap();
    assert_eq!(code(books.apply(&events[1..]).await.unwrap_err()), "BALANCE_OVERFLOW", "on top of what is booked");
    assert_eq!(books.balances().await[&format!("merchant_pending:{MERCHANT}/USD")], i64::MAX);
}

#[tokio::test]
async fn transfers_can_be_neither_changed_nor_removed() {
    let books = Books::new();
    books.book(vec![Payment::success(10_000, 200)]).await;
    assert!(books.write(async |tx| tx.execute("UPDATE transfers SET amount = 1", &[]).await).await.is_err());
    assert!(books.write(async |tx| tx.execute("DELETE FROM transfers", &[]).await).await.is_err());
}

#[tokio::test]
async fn a_trace_sees_the_booking_or_since_when_it_is_missing() {
    let books = Books::new();
    let events = books.published(vec![Payment::success(10_000, 200)]).await;
    let missing = books.facts(&events[0]).await;
    assert_eq!((missing[0].state, missing[0].at), (FactState::Missing, events[0].timestamp));
    books.apply(&events).await.unwrap();
    let booked = books.facts(&events[0]).await;
    assert_eq!(booked[0].state, FactState::Done);
    assert!(booked[0].what.starts_with("booked TX"), "{}", booked[0].what);
    assert_eq!(
        booked[0].detail,
        format!(
            "debit channel_clearing:stripe 100.00 USD credit merchant_pending:{MERCHANT}; \
             debit merchant_pending:{MERCHANT} 2.00 USD credit fee_income"
        )
    );
}

#[tokio::test]
async fn entries_are_found_by_payment_by_account_and_by_time() {
    let books = Books::new();
    let first = books.book(vec![Payment::success(10_000, 200)]).await;
    books.platform.context.ambient.advance(std::time::Duration::from_mins(1));
    let later = books.now();
    books.book(vec![Payment { merchant: OTHER, ..Payment::success(700, 14) }]).await;
    let all = EntryFilter { related_id: None, account: None, since: None, limit: 10 };
    let find = async |filter: EntryFilter| {
        let found = books.read(async move |tx| query::entries(tx, &filter).await).await;
        found.iter().map(|entry| entry.amount).collect::<Vec<_>>()
    };
    assert_eq!(find(EntryFilter { limit: 1, ..all.clone() }).await, [14], "the newest first");
    assert_eq!(find(EntryFilter { related_id: Some(first[0].aggregate_id.clone()), ..all.clone() }).await, [200, 10_000]);
    assert_eq!(find(EntryFilter { account: Some("fee_income".to_owned()), ..all.clone() }).await, [14, 200]);
    assert_eq!(find(EntryFilter { since: Some(later), ..all.clone() }).await, [14, 700]);
    assert_eq!(
        find(EntryFilter { since: Some(later), account: Some(format!("merchant_pending:{MERCHANT}")), ..all }).await,
        Vec::<i64>::new()
    );
}
