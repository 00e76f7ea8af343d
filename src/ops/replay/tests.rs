use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT};
use crate::services::Service;

use super::{Difference, Projection, replay};

/// Two payments that went all the way, one that nobody has paid yet, and every group past all of them.
async fn healthy() -> Fixture {
    let fixture = Fixture::new();
    fixture.paid("ORDER-1").await;
    fixture.paid("ORDER-2").await;
    fixture.consume().await;
    fixture.counted().await;
    fixture
}

async fn differences(fixture: &Fixture) -> Vec<Difference> {
    replay(&fixture.reader).await.unwrap().differences
}

fn words(found: &[Difference]) -> Vec<(Projection, &'static str, Option<&str>, Option<&str>)> {
    found.iter().map(|one| (one.projection, one.field, one.expected.as_deref(), one.found.as_deref())).collect()
}

#[tokio::test]
async fn a_healthy_platform_is_what_its_events_say() {
    let fixture = healthy().await;
    let found = replay(&fixture.reader).await.unwrap();
    assert!(!found.is_different(), "{:#?}", found.differences);
    let counts: Vec<(&str, u64)> = found.projections.iter().map(|rebuilt| (rebuilt.projection, rebuilt.rows)).collect();
    assert_eq!(counts, [("payments", 2), ("orders", 2), ("ledger", 5), ("analytics", 3)]);
    assert!(found.tables()[0].notes[0].contains("the live tables are what the events say"));
}

#[tokio::test]
async fn what_a_group_has_not_applied_yet_or_has_parked_is_not_expected_of_it() {
    let fixture = healthy().await;
    fixture.created("ORDER-3").await;
    assert_eq!(differences(&fixture).await, Vec::new());
    let unbooked = fixture.payment_event(crate::event::EventKind::PaymentCreated, "PY20260102030405ABCDEFGHJK", "ORDER-4", 1);
    let parked = unbooked.event_id;
    fixture.publish(vec![unbooked]).await;
    fixture.payment_row("PY20260102030405ABCDEFGHJK", "ORDER-4", crate::domain::PaymentStatus::Pending, 1).await;
    fixture.consume_by(Service::Accounting).await;
    fixture.park(Service::Analytics, parked, "failed").await;
    assert_eq!(differences(&fixture).await, Vec::new());
}

/// A statement that spoils something, and what is then said of it.
type Plant = (&'static str, Projection, &'static str, Option<&'static str>, Option<&'static str>);

#[tokio::test]
async fn each_planted_fault_is_named_with_what_the_events_say() {
    let plants: [Plant; 7] = [
        ("UPDATE payments SET amount = 10001 WHERE order_no = 'ORDER-1'", Projection::Payments, "amount", Some("10000"), Some("10001")),
        (
            "UPDATE payments SET status = 'failed' WHERE order_no = 'ORDER-1'",
            Projection::Payments,
            "status",
            Some("success"),
            Some("failed"),
        ),
        ("UPDATE orders SET status = 'shipped' WHERE order_no = 'ORDER-2'", Projection::Orders, "status", Some("paid"), Some("shipped")),
        ("UPDATE orders SET version = 7 WHERE order_no = 'ORDER-2'", Projection::Orders, "version", Some("2"), Some("7")),
        ("UPDATE accounts SET debits_posted = 1 WHERE account = 'fee_income'", Projection::Ledger, "debits_posted", Some("0"), Some("1")),
        ("UPDATE payment_metrics SET success_payments = 5", Projection::Analytics, "success_payments", Some("2"), Some("5")),
        ("UPDATE channel_metrics SET total_amount = 0", Projection::Analytics, "total_amount", Some("20000"), Some("0")),
    ];
    for (sql, projection, field, expected, found) in plants {
        let fixture = healthy().await;
        fixture.run(sql).await;
        assert_eq!(words(&differences(&fixture).await), [(projection, field, expected, found)], "{sql}");
    }
}

#[tokio::test]
async fn rows_that_are_missing_or_that_no_event_explains_are_named() {
    let fixture = healthy().await;
    fixture.unguarded().await;
    fixture.run("DELETE FROM orders WHERE order_no = 'ORDER-1'").await;
    fixture.run("DELETE FROM transfers WHERE leg = 'payment_fee' AND id = (SELECT min(id) FROM transfers WHERE leg = 'payment_fee')").await;
    fixture.payment_row("PY20260102030405ABCDEFGHJK", "ORDER-9", crate::domain::PaymentStatus::Pending, 1).await;
    let found = differences(&fixture).await;
    let text = format!("{found:?}");
    assert_eq!(found.len(), 3, "{text}");
    assert!(found.iter().any(|one| one.aggregate == format!("{MERCHANT}/ORDER-1") && one.found.is_none()), "{text}");
    assert!(found.iter().any(|one| one.projection == Projection::Ledger && one.field == "leg" && one.found.is_none()), "{text}");
    assert!(found.iter().any(|one| one.aggregate == "PY20260102030405ABCDEFGHJK" && one.expected.is_none()), "{text}");
    let invented = "INSERT INTO transfers (transaction_id, source_event_id, leg, debit, credit, amount, currency, created_at) \
                    VALUES ('TX1', '00000000-0000-7000-8000-000000000001', 'payment_gross', 'bank', 'fee_income', 5, 'USD', '2026-01-02T03:04:05.000000Z')";
    fixture.run(invented).await;
    let found = differences(&fixture).await;
    assert!(found.iter().any(|one| one.aggregate == "TX1" && one.expected.is_none()), "{found:?}");
}
