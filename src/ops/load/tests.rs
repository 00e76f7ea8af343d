//! The proof against planted faults: a checker that has never failed proves nothing.

use super::*;
use crate::domain::Currency;
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT, Paid};
use crate::services::Service;

use super::line::{Acked, Line, RunLine};

const AMOUNT: i64 = 10_000;

/// Two payments of one run, both paid, with a journal that says so.
struct Bench {
    fixture: Fixture,
    dir: tempfile::TempDir,
    lines: Vec<Line>,
    first: Paid,
}

fn ok(op: Op, payment_no: &str, order_no: &str) -> Line {
    Line::Ok(Acked {
        id: 1,
        op,
        payment_no: payment_no.to_owned(),
        order_no: (op == Op::Create).then(|| order_no.to_owned()),
        merchant_id: MERCHANT,
        amount: AMOUNT,
        currency: Currency::USD,
        due_us: None,
        repeated: false,
    })
}

impl Bench {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let first = fixture.paid("LOAD-r-1").await;
        let second = fixture.paid("LOAD-r-2").await;
        fixture.relay().await;
        fixture.consume().await;
        fixture.unguarded().await;
        let mut lines =
            vec![Line::Run(RunLine { run: "r".to_owned(), merchant_id: MERCHANT, seed: 1, started_at: "2026-01-02T03:04:05Z".to_owned() })];
        for paid in [&first, &second] {
            lines.extend([Op::Create, Op::Pay].map(|op| ok(op, &paid.payment_no, &paid.order_no)));
        }
        Self { fixture, dir: tempfile::tempdir().unwrap(), lines, first }
    }

    async fn report(&self) -> AckedReport {
        let path = self.dir.path().join("journal");
        let text: String = self.lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        std::fs::write(&path, text).unwrap();
        acked(&self.fixture.reader, &path).await.unwrap()
    }

    /// What is found after one statement: class, subject and detail of each finding.
    async fn after(&self, sql: &str) -> Vec<(Class, String)> {
        self.fixture.run(sql.replace("$first", &self.first.payment_no).replace("$success", &self.first.success.to_string())).await;
        let report = self.report().await;
        assert!(report.is_broken() || report.findings.is_empty() || report.is_partial());
        report.findings.into_iter().map(|finding| (finding.class, finding.detail)).collect()
    }
}

fn one(class: Class, detail: &str) -> Vec<(Class, String)> {
    vec![(class, detail.to_owned())]
}

#[tokio::test]
async fn what_is_as_it_was_acknowledged_holds_and_its_money_is_the_same_everywhere() {
    let report = Bench::new().await.report().await;
    assert!(!report.is_broken() && !report.is_partial(), "{report:#?}");
    assert_eq!((report.created, report.paid, report.ok, report.recovered), (2, 2, 2, 0));
    let [sums] = report.money.as_slice() else { panic!("{report:#?}") };
    assert_eq!((sums.accepted, sums.events, sums.paid, sums.ledger, sums.delta()), (20_000, 20_000, 20_000, 20_000, 0));
    let tables = report.tables();
    assert_eq!(tables[0].columns[1].header, "HOLDS");
    assert_eq!(tables[1].rows[0], ["USD", "200.00 USD", "200.00 USD", "200.00 USD", "200.00 USD", "0.00 USD"]);
}

#[tokio::test]
async fn a_payment_that_is_gone_is_lost() {
    let bench = Bench::new().await;
    let gone = |op| (Class::Lost, format!("acknowledged as {op}, and not in the database"));
    assert_eq!(bench.after("DELETE FROM payments WHERE payment_no = '$first'").await, [gone("created"), gone("paid")]);
}

#[tokio::test]
async fn another_amount_in_row_or_event_or_book_is_corrupt() {
    let bench = Bench::new().await;
    let found = bench.after("UPDATE payments SET amount = 10001, captured = 10001 WHERE payment_no = '$first'").await;
    assert_eq!(found[0], (Class::Corrupt, "acknowledged with 100.00 USD, and is 100.01 USD".to_owned()));
    let bench = Bench::new().await;
    let found = bench.after("UPDATE transfers SET amount = 9999 WHERE source_event_id = '$success' AND leg = 'payment_gross'").await;
    assert_eq!(found, one(Class::Corrupt, "paid 100.00 USD and booked 99.99 USD"));
    assert_eq!(bench.report().await.money[0].delta(), 1);
    let bench = Bench::new().await;
    let change = "UPDATE events SET value = (SELECT value FROM events AS e WHERE e.event_type = 'payment.created' \
                  AND e.aggregate_id <> '$first') WHERE aggregate_id = '$first' AND event_type = 'payment.created'";
    assert_eq!(bench.after(change).await, one(Class::Corrupt, "its payment.created event is not what its hash says"));
}

#[tokio::test]
async fn a_payment_without_its_event_is_half_there_acknowledged_or_not() {
    let bench = Bench::new().await;
    let drop_event = "DELETE FROM events WHERE aggregate_id = '$first' AND event_type = 'payment.created'";
    assert_eq!(bench.after(drop_event).await, one(Class::Half, "has no payment.created event"));
    let mut bench = Bench::new().await;
    bench.lines.truncate(1);
    assert_eq!(bench.report().await.recovered, 2);
    assert_eq!(bench.after(drop_event).await, one(Class::Half, "has 0 payment.created events where one is due"));
}

#[tokio::test]
async fn two_payments_for_one_key_are_a_duplicate() {
    let mut bench = Bench::new().await;
    bench.lines.truncate(3);
    let found = bench.after("UPDATE payments SET order_no = 'LOAD-r-1', occupies_order = 0").await;
    assert_eq!(found, one(Class::Duplicate, "has several payments for one Idempotency-Key"));
}

#[tokio::test]
async fn a_paid_payment_without_a_booking_is_waiting_parked_or_unbooked() {
    let bench = Bench::new().await;
    let unbook = "DELETE FROM transactions WHERE related_id = '$first'";
    assert_eq!(bench.after(unbook).await, one(Class::Unbooked, "paid, success, and in no book"));
    bench.fixture.park(Service::Accounting, bench.first.success, "failed").await;
    assert_eq!(bench.after(unbook).await, one(Class::Parked, "paid, and parked on its way to the books"));
    let bench = Bench::new().await;
    bench.fixture.run("UPDATE webhook_in SET state = 'received'").await;
    assert_eq!(bench.after(unbook).await, one(Class::Waiting, "paid, success, and not in the books yet"));
    assert!(!bench.report().await.is_broken());
}

#[tokio::test]
async fn a_cancel_that_did_not_stay_is_lost() {
    let mut bench = Bench::new().await;
    bench.fixture.created("LOAD-r-3").await;
    let read = async |tx: &mut crate::store::Tx| tx.query_one("SELECT payment_no FROM payments WHERE order_no = 'LOAD-r-3'", &[]).await;
    let payment_no: String = bench.fixture.reader.store.read(read).await.unwrap().unwrap().get(0).unwrap();
    bench.lines.push(ok(Op::Cancel, &payment_no, ""));
    assert_eq!(bench.report().await.findings[0].detail, "acknowledged as cancelled, and is pending");
}
