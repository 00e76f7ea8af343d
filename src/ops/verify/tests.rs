use super::*;
use crate::domain::{Currency, PaymentStatus};
use crate::event::{EventKind, Payload};
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, Paid};
use crate::services::Service;
use crate::testing::TestPlatform;

/// A healthy platform: two payments all the way, one unpaid, every group past all of it.
pub(super) async fn healthy() -> (Fixture, Paid) {
    let (fixture, paid) = guarded().await;
    fixture.unguarded().await;
    (fixture, paid)
}

/// The same, with its guards.
pub(super) async fn guarded() -> (Fixture, Paid) {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    fixture.paid("B").await;
    fixture.created_and_told("C").await;
    fixture.run("UPDATE payment_metrics SET total_payments = total_payments + 1").await;
    fixture.consume().await;
    (fixture, paid)
}

pub(super) async fn all(fixture: &Fixture) -> Verification {
    verify(&fixture.reader, &INVARIANTS.iter().collect::<Vec<_>>(), None).await.unwrap()
}

/// The ids that are not found to hold, but for the guards that planting takes away.
pub(super) async fn broken(fixture: &Fixture) -> Vec<&'static str> {
    all(fixture).await.checks.iter().filter(|check| check.verdict != Verdict::Holds && check.id != "I21").map(|check| check.id).collect()
}

/// The first violation of one invariant.
pub(super) async fn violation(fixture: &Fixture, id: &str) -> String {
    let found = verify(&fixture.reader, &[Invariant::parse(id).unwrap()], None).await.unwrap();
    let check = &found.checks[0];
    assert_eq!(check.verdict, Verdict::Broken, "{check:?}");
    let example = &check.examples[0];
    format!("{} {}", example.subject, example.detail)
}

#[tokio::test]
async fn an_empty_and_a_healthy_platform_hold_everything() {
    assert_eq!(broken(&Fixture::new()).await, Vec::<&str>::new());
    let (fixture, _) = guarded().await;
    let found = all(&fixture).await;
    assert!(!found.is_broken() && !found.is_partial(), "{found:#?}");
    assert_eq!(found.tables().len(), 1);
    assert_eq!(found.tables()[0].rows[0][..4], ["I1", "what was acknowledged is durable", "database", "holds"]);
    assert_eq!(found.tables()[0].notes, ["26/26 hold, one snapshot, 0ms"]);
}

#[tokio::test]
async fn a_lost_created_event_breaks_durability_and_more() {
    let (fixture, paid) = healthy().await;
    fixture.run(format!("DELETE FROM events WHERE event_id = '{}'", paid.created)).await;
    assert_eq!(violation(&fixture, "I1").await, format!("{} has no payment.created event", paid.payment_no));
    assert_eq!(violation(&fixture, "I7").await, format!("{} has 0 payment.created events", paid.payment_no));
    assert_eq!(violation(&fixture, "I5").await, format!("{} went from - to payment.processing at version 2", paid.payment_no));
}

#[tokio::test]
async fn an_acknowledged_payment_that_is_gone_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run(format!("DELETE FROM payments WHERE payment_no = '{}'", paid.payment_no)).await;
    let found = violation(&fixture, "I1").await;
    assert_eq!(found, format!("{} was answered with 201 under an idempotency key, and does not exist", paid.payment_no));
    assert_eq!(violation(&fixture, "I8").await, format!("{} has 3 events and no row", paid.payment_no));
}

#[tokio::test]
async fn two_payments_under_one_key_are_found_until_the_key_is_too_old() {
    let (fixture, paid) = healthy().await;
    fixture.run("UPDATE payments SET idempotency_key = 'key-A' WHERE order_no = 'B'").await;
    let found = violation(&fixture, "I2").await;
    assert!(found.ends_with(&format!("was made under an idempotency key that answers for {}", paid.payment_no)), "{found}");
    fixture.wait(31 * 86_400_000);
    assert_eq!(broken(&fixture).await, Vec::<&str>::new());
}

#[tokio::test]
async fn a_key_that_was_forgotten_too_early_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run("DELETE FROM idempotency WHERE key = 'key-A'").await;
    let found = violation(&fixture, "I2").await;
    assert_eq!(found, format!("{} was made under an idempotency key that has no row", paid.payment_no));
}

#[tokio::test]
async fn a_currency_that_cannot_be_charged_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run("UPDATE payments SET currency = 'XAU' WHERE order_no = 'A'").await;
    assert_eq!(violation(&fixture, "I4").await, format!("{} amount is 10000 XAU", paid.payment_no));
}

#[test]
fn the_currencies_of_the_check_are_those_that_can_be_charged() {
    let sql = include_str!("invariants/I04.sql");
    let letters = || b'A'..=b'Z';
    for code in letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| String::from_utf8(vec![a, b, c]).unwrap()))) {
        assert_eq!(sql.contains(&format!("('{code}')")), code.parse::<Currency>().is_ok(), "{code}");
    }
}

#[test]
fn the_edges_of_the_check_are_those_of_the_state_machines() {
    let sql = include_str!("invariants/I05.sql");
    let event = |status: PaymentStatus| match status {
        PaymentStatus::Pending => "payment.created".to_owned(),
        other => format!("payment.{other}"),
    };
    for from in PaymentStatus::ALL {
        for to in PaymentStatus::ALL {
            let legal = from.step(to) == crate::domain::Step::Apply;
            assert_eq!(sql.contains(&format!("('{}', '{}')", event(from), event(to))), legal, "{from} {to}");
        }
    }
}

#[test]
fn the_types_and_ordered_groups_of_the_check_are_those_of_the_registry() {
    let sql = include_str!("invariants/I13.sql");
    for kind in EventKind::ALL {
        assert!(sql.contains(&format!("('{kind}')")), "{kind}");
    }
    for service in Service::ALL {
        assert_eq!(sql.contains(&format!("('payctl.{service}')")), service.is_ordered(), "{service}");
    }
}

#[tokio::test]
async fn an_illegal_transition_is_found() {
    let (fixture, paid) = healthy().await;
    let event = fixture.payment_event(EventKind::PaymentFailed, &paid.payment_no, "A", 4);
    fixture.publish(vec![event]).await;
    let found = violation(&fixture, "I5").await;
    assert_eq!(found, format!("{} went from payment.success to payment.failed at version 4", paid.payment_no));
}

#[tokio::test]
async fn a_row_that_is_not_the_fold_of_its_events_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run("UPDATE payments SET status = 'pending', captured = 0 WHERE order_no = 'A'").await;
    let found = violation(&fixture, "I8").await;
    assert_eq!(found, format!("{} is pending where its events say success; has captured 0 where its events say 10000", paid.payment_no));
}

#[tokio::test]
async fn an_event_that_changes_what_never_changes_is_found() {
    let (fixture, paid) = healthy().await;
    let mut event = fixture.payment_event(EventKind::PaymentFailed, &paid.payment_no, "A", 4);
    let Payload::Payment(payload) = &mut event.payload else { unreachable!() };
    payload.amount = 1;
    fixture.publish(vec![event]).await;
    assert_eq!(violation(&fixture, "I8").await, format!("{} payment.failed (version 4) changes amount", paid.payment_no));
}

#[tokio::test]
async fn a_booking_that_is_there_twice_is_found() {
    let (fixture, paid) = healthy().await;
    fixture
        .run(format!(
            "INSERT INTO transactions SELECT 'TX2', '{}', source_event_type, merchant_id, currency, description, related_id, occurred_at, \
             created_at FROM transactions WHERE transaction_id = '{}'",
            uuid::Uuid::from_u128(9),
            paid.transaction_id
        ))
        .await;
    assert_eq!(violation(&fixture, "I12").await, format!("{} has 2 bookings of its success", paid.payment_no));
}

#[tokio::test]
async fn a_counter_that_counted_twice_is_found() {
    let (fixture, _) = healthy().await;
    fixture.run("UPDATE payment_metrics SET success_payments = success_payments + 1").await;
    let found = violation(&fixture, "I12").await;
    assert!(found.ends_with("counts 3 created, 3 successful (20000), 0 failed; its events say 3, 2 (20000), 0"), "{found}");
}

#[tokio::test]
async fn an_event_without_its_mark_is_found_in_every_kind_of_group() {
    let (fixture, paid) = healthy().await;
    fixture.run(format!("DELETE FROM applied_version WHERE grp = 'payctl.order' AND aggregate_id = '{}'", paid.payment_no)).await;
    let found = violation(&fixture, "I13").await;
    assert!(found.contains("payctl.order skipped payment.") && found.contains(&paid.payment_no), "{found}");
    let (fixture, paid) = healthy().await;
    fixture.run(format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = '{}'", paid.success)).await;
    let found = violation(&fixture, "I13").await;
    assert!(found.starts_with(&format!("{} payctl.analytics skipped payment.success", paid.success)), "{found}");
    fixture.park(Service::Analytics, paid.success, "failed").await;
    fixture.run("UPDATE dlq SET event_id = NULL").await;
    let ids = broken(&fixture).await;
    assert!(!ids.contains(&"I13"), "a parked event is not skipped: {ids:?}");
}

#[tokio::test]
async fn a_version_that_overtook_a_parked_one_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.park(Service::Order, paid.created, "failed").await;
    let found = violation(&fixture, "I15").await;
    assert!(found.contains("payctl.order applied version 3 of PY") && found.ends_with("while version 1 is failed"), "{found}");
}

#[tokio::test]
async fn a_one_sided_balance_is_found() {
    let (fixture, _) = healthy().await;
    fixture.run("UPDATE accounts SET credits_posted = credits_posted + 5 WHERE account = 'fee_income'").await;
    assert_eq!(violation(&fixture, "I19").await, "USD debits exceed credits by -5");
    assert_eq!(violation(&fixture, "I20").await, "fee_income USD says 0 debit, 405 credit; its transfers say 0, 400");
}

#[tokio::test]
async fn a_success_that_was_not_booked_or_booked_wrongly_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run(format!("UPDATE transfers SET amount = 100 WHERE leg = 'payment_fee' AND source_event_id = '{}'", paid.success)).await;
    let found = violation(&fixture, "I22").await;
    assert_eq!(found, format!("{} booking {} has 2 legs, 1 of them right, where 2 are due", paid.payment_no, paid.transaction_id));
    fixture.run(format!("DELETE FROM transfers WHERE source_event_id = '{}'", paid.success)).await;
    fixture.run(format!("DELETE FROM transactions WHERE source_event_id = '{}'", paid.success)).await;
    assert_eq!(violation(&fixture, "I22").await, format!("{} success is not booked", paid.payment_no));
    fixture.park(Service::Accounting, paid.success, "failed").await;
    let found = verify(&fixture.reader, &[Invariant::parse("I22").unwrap()], None).await.unwrap();
    assert!(!found.is_broken(), "a parked success is not due");
    let parked = &found.tables()[1];
    assert_eq!(parked.title, "parked and held (no violation)");
    assert_eq!((parked.rows[0][0].as_str(), parked.rows[0][4].as_str()), ("accounting", "100.00 USD"));
    assert_eq!(parked.rows[0][7], format!("payctl trace {}", paid.payment_no));
}

#[tokio::test]
async fn a_success_that_accounting_has_not_come_to_is_not_due() {
    let (fixture, _) = healthy().await;
    let paid = fixture.paid("D").await;
    fixture.run(format!("DELETE FROM transfers WHERE source_event_id = '{}'", paid.success)).await;
    fixture.run(format!("DELETE FROM transactions WHERE source_event_id = '{}'", paid.success)).await;
    let found = verify(&fixture.reader, &[Invariant::parse("I22").unwrap()], None).await.unwrap();
    assert!(!found.is_broken());
}

#[tokio::test]
async fn a_booking_without_its_event_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.run(format!("DELETE FROM events WHERE event_id = '{}'", paid.success)).await;
    let found = violation(&fixture, "I22").await;
    assert_eq!(found, format!("{} is booked as {} for an event that is not there", paid.payment_no, paid.transaction_id));
}

#[tokio::test]
async fn two_effects_of_the_channels_webhooks_are_found() {
    let (fixture, paid) = healthy().await;
    fixture
        .run(
            "INSERT INTO webhook_in SELECT 'evt_again', provider, event_type, raw, state, payment_no, note, attempts, received_at, due_at, applied_at \
             FROM webhook_in WHERE evt_id <> 'evt_again' LIMIT 1",
        )
        .await;
    let found = violation(&fixture, "I30").await;
    assert_eq!(found, format!("{} had 2 webhooks of payment_intent.succeeded applied to it", paid.payment_no));
}

#[tokio::test]
async fn what_cannot_be_checked_is_unknown_and_the_rest_is_checked() {
    let (fixture, _) = healthy().await;
    fixture.run("DROP TABLE transfers").await;
    let found = all(&fixture).await;
    assert!(found.is_partial());
    let unknown: Vec<_> = found.checks.iter().filter(|check| check.verdict == Verdict::Unknown).map(|check| check.id).collect();
    assert_eq!(unknown, ["I4", "I12", "I19", "I20", "I22"], "{:?}", found.checks);
    assert!(found.tables()[0].notes[0].starts_with("! I4 could not be checked: "));
}

#[tokio::test]
async fn at_most_five_examples_are_shown_and_all_are_counted() {
    let fixture = Fixture::new();
    for order in 0..8 {
        fixture.created(&format!("O{order}")).await;
    }
    fixture.unguarded().await;
    fixture.run("DELETE FROM events").await;
    let found = verify(&fixture.reader, &[Invariant::parse("i1").unwrap(), Invariant::parse("8").unwrap()], None).await.unwrap();
    for check in &found.checks {
        assert_eq!((check.violations, check.examples.len()), (Some(8), 5));
        assert!(check.examples[0].next.as_ref().unwrap().starts_with("payctl trace PY"));
    }
    let tables = found.tables();
    assert_eq!(tables[0].rows[0][3], "BROKEN 8");
    assert_eq!(tables[1].notes, ["I1: 3 more", "I8: 3 more"]);
}

#[tokio::test]
async fn an_event_that_was_neither_published_nor_kept_in_the_outbox_is_found() {
    let (fixture, paid) = healthy().await;
    if !TestPlatform::is_on_server() {
        assert!(!broken(&fixture).await.contains(&"I9"), "here the table of events is the log");
        return;
    }
    let seq = format!("(SELECT seq FROM events WHERE event_id = '{}')", paid.success);
    // Here events are published at once, and their rows stay in the outbox all the same.
    fixture.run("DELETE FROM outbox").await;
    fixture.run(format!("UPDATE published SET log_offset = NULL WHERE seq = {seq}")).await;
    assert!(!broken(&fixture).await.contains(&"I9"), "it is published, only nobody knows where");
    fixture.run(format!("DELETE FROM published WHERE seq = {seq}")).await;
    let found = violation(&fixture, "I9").await;
    let said = format!("payment.success of {} is neither in the outbox nor noted as published on payment.events", paid.payment_no);
    assert_eq!(found, format!("{} {said}", paid.success));
    fixture
        .run(format!("INSERT INTO outbox (seq, shard, topic, created_at) SELECT seq, 0, topic, created_at FROM events WHERE seq = {seq}"))
        .await;
    assert!(!broken(&fixture).await.contains(&"I9"), "it waits");
}
