use super::proof::WITHIN_REACH;
use super::{Progress, Reading};
use crate::ops::fixture::Fixture;
use crate::ops::verify::INVARIANTS;
use crate::ops::verify::tests::{broken, guarded, healthy};
use crate::services::Service;
use crate::store::{StoreError, Tx};

/// What one connection alone sees to hold.
async fn seen(fixture: &Fixture) -> Vec<&'static str> {
    let seed = fixture.reader.ambient.random_u64();
    let proof = fixture.reader.store.read::<_, StoreError, _>(async move |tx: &mut Tx| {
        let reading = Reading::new(seed, tx.now());
        loop {
            match reading.go_on(tx).await? {
                Progress::Idle => return Err(StoreError::Column(0)),
                Progress::Going => {}
                Progress::Done(proof) => return Ok(proof),
            }
        }
    });
    let proof = proof.await.unwrap();
    WITHIN_REACH.into_iter().filter(|id| proof.holds(id)).collect()
}

/// What is no longer seen to hold.
async fn lost(fixture: &Fixture) -> Vec<&'static str> {
    let seen = seen(fixture).await;
    WITHIN_REACH.into_iter().filter(|id| !seen.contains(id)).collect()
}

#[test]
fn what_is_within_reach_are_invariants() {
    for id in WITHIN_REACH {
        assert!(INVARIANTS.iter().any(|invariant| invariant.id == id), "{id}");
    }
}

#[tokio::test]
async fn a_healthy_and_an_empty_platform_need_no_closer_look() {
    let (fixture, _) = guarded().await;
    fixture.relay().await;
    assert_eq!(lost(&fixture).await, Vec::<&str>::new());
    assert_eq!(lost(&Fixture::new()).await, Vec::<&str>::new());
}

#[tokio::test]
async fn events_that_groups_have_not_come_to_are_no_reason_for_a_closer_look_at_their_marks() {
    let (fixture, _) = healthy().await;
    fixture.created("D").await;
    fixture.relay().await;
    // Whether the mail that is missing is on its way, only its own query asks; with it rests that nobody was told twice.
    assert_eq!(lost(&fixture).await, ["I12", "I32"]);
    fixture.paid("E").await;
    fixture.run("DELETE FROM transfers WHERE transaction_id = (SELECT max(transaction_id) FROM transactions)").await;
    fixture.run("DELETE FROM transactions WHERE transaction_id = (SELECT max(transaction_id) FROM transactions)").await;
    fixture.relay().await;
    assert_eq!(lost(&fixture).await, ["I12", "I32"]);
}

const UNCOUNT: &str = "UPDATE payment_metrics SET success_payments = success_payments - 1, success_amount = success_amount - 10000";

#[tokio::test]
async fn what_is_parked_need_not_be_marked_and_must_not_be_counted() {
    let (fixture, paid) = healthy().await;
    fixture.relay().await;
    fixture.park(Service::Analytics, paid.success, "failed").await;
    assert_eq!(lost(&fixture).await, ["I12"]);
    fixture.run(format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = '{}'", paid.success)).await;
    assert_eq!(lost(&fixture).await, ["I12"]);
    fixture.run(UNCOUNT).await;
    assert_eq!(lost(&fixture).await, Vec::<&str>::new());
}

#[tokio::test]
async fn what_is_discarded_is_marked_and_neither_counted_nor_booked() {
    let (fixture, paid) = healthy().await;
    fixture.relay().await;
    fixture.park(Service::Analytics, paid.success, "discarded").await;
    assert_eq!(lost(&fixture).await, ["I12"]);
    assert!(broken(&fixture).await.contains(&"I12"));
    fixture.run(UNCOUNT).await;
    assert_eq!(lost(&fixture).await, Vec::<&str>::new());
    fixture.park(Service::Accounting, paid.success, "discarded").await;
    fixture.run(format!("DELETE FROM transfers WHERE source_event_id = '{}'", paid.success)).await;
    fixture.run(format!("DELETE FROM transactions WHERE source_event_id = '{}'", paid.success)).await;
    assert_eq!(lost(&fixture).await, Vec::<&str>::new());
}

#[tokio::test]
async fn a_letter_that_was_closed_without_its_effect_excuses_nothing() {
    let (fixture, paid) = healthy().await;
    fixture.relay().await;
    for service in [Service::Accounting, Service::Analytics] {
        fixture.park(service, paid.success, "resolved").await;
    }
    assert_eq!(lost(&fixture).await, Vec::<&str>::new());
    fixture.run(format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = '{}'", paid.success)).await;
    fixture.run(UNCOUNT).await;
    let closed = |ids: &[&str], lost: &[&str]| ids.iter().all(|id| lost.contains(id));
    assert!(closed(&["I12", "I13"], &lost(&fixture).await) && closed(&["I12", "I13"], &broken(&fixture).await));
    fixture.run(format!("DELETE FROM transfers WHERE source_event_id = '{}'", paid.success)).await;
    fixture.run(format!("DELETE FROM transactions WHERE source_event_id = '{}'", paid.success)).await;
    let payment = format!("(SELECT aggregate_id FROM events WHERE event_id = '{}')", paid.success);
    fixture.run(format!("UPDATE applied_version SET version = 2 WHERE grp = 'payctl.accounting' AND aggregate_id = {payment}")).await;
    assert!(closed(&["I13", "I22"], &lost(&fixture).await) && closed(&["I13", "I22"], &broken(&fixture).await));
}

#[tokio::test]
async fn counters_without_an_offset_count_what_nobody_knows_of() {
    let (fixture, _) = healthy().await;
    fixture.relay().await;
    fixture.run("DELETE FROM inbox WHERE grp = 'payctl.analytics'").await;
    fixture.run("DELETE FROM consumer_offsets WHERE grp = 'payctl.analytics'").await;
    assert_eq!((lost(&fixture).await, broken(&fixture).await), (vec!["I12"], vec!["I12"]));
}

/// A statement, and what cannot be seen to hold after it.
const WRONGS: &[(&str, &[&str])] = &[
    ("DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM events WHERE event_type = 'payment.success')", &["I13"]),
    ("UPDATE applied_version SET version = version - 1 WHERE grp = 'payctl.order' AND version = 3", &["I13"]),
    ("DELETE FROM applied_version WHERE grp = 'payctl.accounting'", &["I13"]),
    ("UPDATE inbox SET event_day = '1999-01-01' WHERE grp = 'payctl.analytics'", &["I13"]),
    ("UPDATE events SET headers = replace(headers, '\"sha256\":\"', '\"sha256\":\"0')", &["I10"]),
    ("DELETE FROM events WHERE event_type = 'payment.processing'", &["I1", "I5", "I7", "I8", "I11"]),
    ("DELETE FROM events WHERE event_type = 'notification.requested'", &["I13"]),
    ("UPDATE events SET event_type = 'payment.strange' WHERE event_type = 'payment.processing'", &["I5", "I8"]),
    ("UPDATE events SET aggregate_type = 'refund' WHERE event_type = 'payment.created'", &["I1", "I7"]),
    ("DELETE FROM payments WHERE status = 'pending'", &["I8"]),
    ("UPDATE payments SET paid_at = created_at, created_at = updated_at, fee_bps = 201 WHERE order_no = 'A'", &["I8"]),
    ("UPDATE payments SET paid_at = NULL WHERE order_no = 'B'", &["I8"]),
    ("UPDATE payments SET version = 4 WHERE order_no = 'B'", &["I8"]),
    ("UPDATE orders SET version = 1", &["I8"]),
    ("UPDATE orders SET status = 'completed'", &["I8"]),
    ("UPDATE idempotency SET payment_no = 'PY'", &["I1"]),
    ("UPDATE transactions SET related_id = 'PY'", &["I12", "I22"]),
    ("UPDATE transactions SET currency = 'EUR'", &["I22"]),
    ("DELETE FROM transactions", &["I22"]),
    // The server's own hash of these two amounts is the same.
    ("UPDATE transfers SET amount = 4294977297 WHERE amount = 10000", &["I22"]),
    ("UPDATE transfers SET credit = 'bank' WHERE leg = 'payment_fee'", &["I22"]),
    ("UPDATE transfers SET leg = 'payment_other' WHERE leg = 'payment_fee'", &["I22"]),
    ("DELETE FROM transfers WHERE leg = 'payment_gross'", &["I22"]),
    ("UPDATE notifications SET sent_at = NULL", &["I32"]),
    ("UPDATE notifications SET message_id = '<one@test>'", &["I32"]),
    ("UPDATE notifications SET payment_no = 'PY'", &["I32"]),
    ("DELETE FROM notifications WHERE source_event_type = 'order.paid'", &["I32"]),
    ("UPDATE payment_metrics SET failed_payments = 1", &["I12"]),
    ("UPDATE payment_metrics SET success_amount = success_amount - 1", &["I12"]),
];

#[tokio::test]
async fn what_is_wrong_anywhere_is_looked_at_closely() {
    for (wrong, ids) in WRONGS {
        let (fixture, _) = healthy().await;
        fixture.relay().await;
        fixture.run(*wrong).await;
        let lost = lost(&fixture).await;
        assert!(ids.iter().all(|id| lost.contains(id)), "{wrong}: {lost:?}");
    }
}
