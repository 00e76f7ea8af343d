use std::collections::BTreeMap;

use proptest::prelude::*;

use super::books::{Books, MERCHANT, OTHER, Payment};
use crate::domain::fee_amount;
use crate::event::{EventKind, Payload, Topic};
use crate::services::accounting::query;

#[derive(Debug, Clone)]
struct Plan {
    payments: Vec<Payment>,
    /// Where the sequence is cut into batches.
    cuts: Vec<usize>,
    /// Which events come a second time, and when.
    replays: Vec<(usize, usize)>,
}

fn payment() -> impl Strategy<Value = Payment> {
    let kinds: Vec<EventKind> = EventKind::ALL.iter().copied().filter(|kind| kind.as_str().starts_with("payment.")).collect();
    let kind = prop_oneof![2 => Just(EventKind::PaymentSuccess), 1 => proptest::sample::select(kinds)];
    let currency = proptest::sample::select(vec!["USD", "JPY", "KWD"]);
    (kind, any::<bool>(), 1..=1_000_000_i64, 0..=10_000_i64, currency).prop_map(|(kind, own, amount, bps, currency)| Payment {
        kind,
        merchant: if own { MERCHANT } else { OTHER },
        amount,
        fee: fee_amount(amount, bps),
        currency: currency.parse().unwrap(),
        order_no: "ORD1".to_owned(),
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    proptest::collection::vec(payment(), 1..30).prop_flat_map(|payments| {
        let count = payments.len();
        let cuts = proptest::collection::vec(0..count, 0..5);
        let replays = proptest::collection::vec((0..count, 0..count), 0..10);
        (Just(payments), cuts, replays).prop_map(|(payments, cuts, replays)| Plan { payments, cuts, replays })
    })
}

/// What the rows of `transfers` alone make of every account.
async fn recomputed(books: &Books) -> BTreeMap<(String, String), (i64, i64)> {
    let rows = books
        .read(async |tx| {
            let sql = "SELECT account, currency, sum(debit), sum(credit) FROM (\
                       SELECT debit AS account, currency, amount AS debit, 0 AS credit FROM transfers UNION ALL \
                       SELECT credit, currency, 0, amount FROM transfers) AS moved GROUP BY account, currency";
            tx.query(sql, &[]).await
        })
        .await;
    rows.iter().map(|row| ((row.get(0).unwrap(), row.get(1).unwrap()), (row.get(2).unwrap(), row.get(3).unwrap()))).collect()
}

async fn check(plan: Plan) {
    let books = Books::new();
    let expected: i128 = plan
        .payments
        .iter()
        .filter(|payment| payment.kind == EventKind::PaymentSuccess)
        .map(|payment| i128::from(payment.amount) + i128::from(payment.fee))
        .sum();
    let events = books.published(plan.payments).await;
    let mut sequence = events.clone();
    for (which, place) in plan.replays {
        sequence.insert(place, events[which].clone());
    }
    let mut cuts = plan.cuts;
    cuts.extend([0, sequence.len()]);
    cuts.sort_unstable();
    for batch in cuts.windows(2) {
        books.apply(&sequence[batch[0]..batch[1]]).await.unwrap();
    }
    let accounts = books.read(async |tx| query::balances(tx).await).await;
    let held = accounts.iter().map(|view| ((view.account.clone(), view.currency.to_string()), (view.debits, view.credits))).collect();
    assert_eq!(recomputed(&books).await, held, "accounts are the sums of transfers");
    let trial = books.read(async |tx| query::trial_balance(tx).await).await;
    assert!(trial.totals.iter().all(|total| total.balanced), "{trial:?}");
    assert_eq!(trial.totals.iter().map(|total| total.debits).sum::<i128>(), expected, "each payment is booked once and whole");
    let announced = books.events(Topic::AccountingEvents).await;
    for view in &accounts {
        let versions: Vec<i64> = announced
            .iter()
            .filter(|event| event.aggregate_id == format!("{}/{}", view.account, view.currency))
            .map(|event| event.metadata.aggregate_version)
            .collect();
        assert_eq!(versions, (1..=view.version).collect::<Vec<_>>(), "balance events of {} count without a gap", view.account);
        let last = announced.iter().rfind(|event| event.aggregate_id == format!("{}/{}", view.account, view.currency));
        let Some(Payload::Accounting(payload)) = last.map(|event| &event.payload) else { panic!("no balance event") };
        assert_eq!(payload.balance, view.balance, "the last event tells the balance of {}", view.account);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_however_often_the_books_balance(plan in plan()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(check(plan));
    }
}
