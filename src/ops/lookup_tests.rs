//! The look-ups that only pass on what services answer: that they are masked, titled and complete.

use tokio::sync::mpsc;

use super::fixture::{Fixture, MERCHANT};
use super::metrics::MetricsQuery;
use super::payments::PaymentQuery;
use super::{Masking, OpsError, Report, ledger, metrics, orders, payments};
use crate::domain::PaymentStatus;
use crate::services::accounting::ExportFormat;
use crate::services::accounting::query::EntryFilter;
use crate::services::gateway::query::PaymentFilter;
use crate::services::order::query::OrderFilter;

fn shown(report: &impl Report) -> String {
    format!("{}{:?}", serde_json::to_string(report).unwrap(), report.tables())
}

#[tokio::test]
async fn payments_and_orders_are_found_and_their_addresses_masked() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    fixture.wait(1000);
    fixture.created("B").await;
    let payment = payments::get(&fixture.reader, &paid.payment_no, Masking::Masked).await.unwrap();
    let order = orders::get(&fixture.reader, None, "A").await.unwrap();
    let list = payments::list(&fixture.reader, page(PaymentFilter::default(), 20)).await.unwrap();
    assert_eq!((list.total, list.list[0].order_no.as_str(), list.list[1].order_no.as_str()), (2, "B", "A"));
    for text in [shown(&payment), shown(&order), shown(&list)] {
        assert!(!text.contains("test@example.com") && text.contains("t***@example.com"), "{text}");
        assert!(text.contains("100.00 USD") && text.contains("10000"), "{text}");
    }
    let filter = PaymentFilter { status: Some(PaymentStatus::Success), ..PaymentFilter::default() };
    assert_eq!(payments::list(&fixture.reader, page(filter, 20)).await.unwrap().list[0].payment_no, paid.payment_no);
    let orders = orders::list(&fixture.reader, OrderFilter::default(), 1, 20).await.unwrap();
    assert_eq!((orders.total, orders.list[0].payment_no.as_str()), (1, paid.payment_no.as_str()));
}

fn page(filter: PaymentFilter, page_size: i64) -> PaymentQuery {
    PaymentQuery { filter, page: 1, page_size, ..PaymentQuery::default() }
}

#[tokio::test]
async fn a_list_says_how_many_it_shows_and_how_to_get_the_others() {
    let fixture = Fixture::new();
    for order_no in ["A", "B", "C"] {
        fixture.created(order_no).await;
        fixture.wait(1000);
    }
    let first = payments::list(&fixture.reader, page(PaymentFilter::default(), 2)).await.unwrap();
    let last = first.list[1].payment_no.clone();
    assert_eq!((first.list.len(), first.next.as_ref()), (2, Some(&last)));
    assert_eq!(first.tables()[0].notes, [format!("2 shown of 3 that fit; there are more: the same with --after {last}, or -n")]);
    fixture.created("D").await;
    let behind = PaymentQuery { after: Some(last), ..page(PaymentFilter::default(), 2) };
    let rest = payments::list(&fixture.reader, behind).await.unwrap();
    assert_eq!((rest.list[0].order_no.as_str(), rest.list.len(), rest.next.as_ref()), ("A", 1, None), "a new payment shifts nothing");
    assert_eq!(rest.tables()[0].notes, ["1 shown of 4 that fit; no more"]);
    let unmasked = PaymentQuery { masking: Masking::Unmasked, ..page(PaymentFilter::default(), 1) };
    let unmasked = payments::list(&fixture.reader, unmasked).await.unwrap();
    assert_eq!(unmasked.wide()[0].rows[0][8], "test@example.com");
    assert_eq!(unmasked.wide()[0].rows[0].len(), unmasked.wide()[0].columns.len());
    let unknown = PaymentQuery { after: Some("PY202601020304050000000000".to_owned()), ..page(PaymentFilter::default(), 1) };
    assert!(matches!(payments::list(&fixture.reader, unknown).await, Err(OpsError::NotFound { what: "payment", .. })));
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_unknown() {
    let fixture = Fixture::new();
    let payment = payments::get(&fixture.reader, "PY202601020304050000000000", Masking::Masked).await.unwrap_err();
    assert!(matches!(&payment, OpsError::NotFound { what: "payment", .. }), "{payment}");
    let order = orders::get(&fixture.reader, Some(MERCHANT), "NOPE").await.unwrap_err();
    assert_eq!(order.to_string(), "order NOPE is not known here");
}

#[tokio::test]
async fn balances_say_whether_debits_equal_credits() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let table = ledger::balances(&fixture.reader, None).await.unwrap().tables().remove(0);
    assert_eq!(table.rows[0][..5], ["channel_clearing:stripe", "asset", "100.00", "0.00", "100.00"]);
    assert_eq!(table.notes, ["USD: debits 102.00 = credits 102.00, balanced"]);
    fixture.run("UPDATE accounts SET debits_posted = debits_posted + 1 WHERE account = 'fee_income'").await;
    let table = ledger::balances(&fixture.reader, None).await.unwrap().tables().remove(0);
    assert_eq!(table.notes, ["USD: debits 102.01, credits 102.00: NOT BALANCED; try: payctl verify --id I19"]);
    let own = ledger::balances(&fixture.reader, Some(MERCHANT)).await.unwrap();
    assert_eq!((own.balances.len(), own.balances[0].balance), (1, 9800));
}

#[tokio::test]
async fn an_export_comes_in_pieces_and_ends_when_nobody_reads_it() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    let filter = EntryFilter { related_id: Some(paid.payment_no.clone()), account: None, since: None, limit: 10 };
    assert_eq!(ledger::entries(&fixture.reader, filter).await.unwrap().entries.len(), 2);
    let (pieces, mut waiting) = mpsc::channel(64);
    let summary = ledger::export(&fixture.reader, ExportFormat::Hledger, pieces).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = waiting.recv().await {
        text.extend(piece);
    }
    assert_eq!((summary.transactions, summary.balances), (1, 3));
    assert!(String::from_utf8(text).unwrap().contains(&paid.transaction_id));
    let (pieces, waiting) = mpsc::channel(1);
    drop(waiting);
    assert!(ledger::export(&fixture.reader, ExportFormat::Beancount, pieces).await.is_err());
}

#[tokio::test]
async fn metrics_of_a_day_without_any_say_so() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let query = |start: &str, end: &str| MetricsQuery {
        merchant: MERCHANT,
        channel: None,
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    };
    let tables = metrics::metrics(&fixture.reader, query("2026-01-02", "2026-01-02")).await.unwrap().tables();
    assert_eq!(tables[0].rows[0][..6], ["2026-01-02", "1", "1", "0", "100.00", "100.00"]);
    let tables = metrics::metrics(&fixture.reader, query("2026-01-01", "2026-01-01")).await.unwrap().tables();
    let notes = &tables.last().unwrap().notes;
    assert_eq!((tables[0].rows.len(), notes[0].as_str()), (0, "nothing is counted for that merchant on those days (UTC)"));
    assert!(notes[1].contains("counters from analytics"), "{notes:?}");
}

#[tokio::test]
async fn each_day_has_its_row_and_the_trend_its_mark_up_to_today() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.created("B").await;
    let query =
        MetricsQuery { merchant: MERCHANT, channel: None, start: "2025-12-31".parse().unwrap(), end: "2026-01-31".parse().unwrap() };
    let found = metrics::metrics(&fixture.reader, query).await.unwrap();
    assert_eq!(found.uncounted, 1);
    let tables = found.tables();
    let days: Vec<&str> = tables[0].rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(days, ["2025-12-31", "2026-01-01", "2026-01-02"], "tomorrow is not known");
    assert_eq!(tables[0].rows[0][1..], ["-", "-", "-", "-", "-", "-", "-", "-", "USD"]);
    assert_eq!(tables[1].rows[0], ["USD", "··█", "··█", "··▁", "··█"]);
    assert!(tables.last().unwrap().notes[0].starts_with("1 payments of those days are not counted yet"));
}
