//! Ten corruptions, planted one at a time into a healthy platform: each is found by its own invariant, with a way to look at it.

use super::tests::{all, broken, guarded, healthy, violation};
use super::*;
use crate::domain::{Account, format_timestamp, parse_timestamp};
use crate::event::{EventKind, Topic};
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT, Paid};
use crate::services::Service;
use crate::testing::TestPlatform;

/// A fault: what it is, the statement that plants it, the invariant that names it, and what the example is about.
type Plant = (&'static str, String, &'static str, String);

fn plants(paid: &Paid) -> Vec<Plant> {
    [of_events(paid), of_effects(paid)].concat()
}

fn of_events(paid: &Paid) -> Vec<Plant> {
    let Paid { payment_no: payment, order_no, created, success, .. } = paid;
    let bytes = TestPlatform::bytes_type();
    let changed =
        |what, change: &str, id| (what, format!("UPDATE payments SET {change} WHERE payment_no = '{payment}'"), id, payment.clone());
    let hole = format!("DELETE FROM events WHERE aggregate_id = '{payment}' AND aggregate_version = 2");
    let forged = format!("UPDATE events SET value = CAST('{{}}' AS {bytes}) WHERE event_id = '{success}'");
    let order = format!("UPDATE orders SET status = 'shipped' WHERE order_no = '{order_no}'");
    let skipped = format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = '{success}'");
    let offset =
        format!("UPDATE consumer_offsets SET last_event_id = '{created}' WHERE grp = 'payctl.accounting' AND topic = 'payment.events'");
    vec![
        changed("a changed amount", "amount = 10001", "I8"),
        changed("a state that no event gives", "status = 'failed', captured = 0", "I8"),
        changed("a fee that was rounded by somebody else", "fee_amount = 201", "I27"),
        changed("more refunded than captured", "refunded = 10001", "I6"),
        ("a hole in versions", hole, "I5", payment.clone()),
        ("a forged hash", forged, "I10", success.to_string()),
        ("an order whose state no event gives", order, "I8", payment.clone()),
        ("a skipped event", skipped, "I13", success.to_string()),
        ("an offset of another event", offset, "I14", created.to_string()),
    ]
}

fn of_effects(paid: &Paid) -> Vec<Plant> {
    let Paid { payment_no: payment, created, success, transaction_id, .. } = paid;
    let leg = format!("DELETE FROM transfers WHERE leg = 'payment_fee' AND source_event_id = '{success}'");
    let double = format!(
        "INSERT INTO transactions SELECT 'TX2', '00000000-0000-0000-0000-000000000009', source_event_type, merchant_id, currency, \
         description, related_id, occurred_at, created_at FROM transactions WHERE transaction_id = '{transaction_id}'"
    );
    let twice = format!(
        "INSERT INTO notifications SELECT '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b', \
         source_event_type, channel, template, merchant_id, recipient, subject_id, payment_no, variables, status, attempts, refusals, \
         next_attempt_at, NULL, NULL, '<again@test>', NULL, trace_id, created_at, sent_at FROM notifications \
         WHERE source_event_id = '{created}'"
    );
    let lost = format!("DELETE FROM notifications WHERE source_event_id = '{created}'");
    vec![
        ("a deleted leg", leg, "I22", payment.clone()),
        ("a double effect", double, "I12", payment.clone()),
        ("a mail sent twice", twice, "I32", payment.clone()),
        ("a mail that was lost", lost, "I32", created.to_string()),
    ]
}

/// Checks everything and wants this invariant broken, with this subject among the examples and a command that shows it.
async fn names(fixture: &Fixture, (what, _, id, subject): &Plant) {
    let found = all(fixture).await;
    let check = found.checks.iter().find(|check| check.id == *id).unwrap();
    assert_eq!(check.verdict, Verdict::Broken, "{what}: {:?}", found.checks);
    assert!(check.examples.len() <= 5);
    let example = check.examples.iter().find(|example| example.subject == *subject);
    let example = example.unwrap_or_else(|| panic!("{what}: {:?}", check.examples));
    assert_eq!(example.next.as_deref(), Some(format!("payctl trace {subject}").as_str()), "{what}");
}

#[tokio::test]
async fn each_planted_corruption_is_named_by_its_invariant_with_the_command_that_shows_it() {
    let count = plants(&healthy().await.1).len();
    for nth in 0..count {
        let (fixture, paid) = healthy().await;
        // A mail that was asked for may wait there, so that none is missing before.
        fixture.relay().await;
        assert_eq!(broken(&fixture).await, Vec::<&str>::new());
        let plant = plants(&paid).swap_remove(nth);
        fixture.run(plant.1.as_str()).await;
        names(&fixture, &plant).await;
    }
}

#[tokio::test]
async fn a_dead_letter_whose_effect_is_there_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    let found = violation(&fixture, "I16").await;
    assert_eq!(
        found,
        format!("{} payctl.accounting has parked payment.success (failed) and booked it as {}", paid.success, paid.transaction_id)
    );
    fixture.run("UPDATE dlq SET state = 'resolved'").await;
    fixture.park(Service::Notification, paid.created, "replaying").await;
    let found = violation(&fixture, "I16").await;
    assert!(found.ends_with("payctl.notification has parked payment.created (replaying) and marked it as done with"), "{found}");
}

#[tokio::test]
async fn what_was_given_up_by_nobody_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.park(Service::Notification, paid.created, "discarded").await;
    assert_eq!(
        violation(&fixture, "I33").await,
        format!("{} payctl.notification has given it up, and nobody is named for it", paid.created)
    );
}

#[tokio::test]
async fn versions_that_were_stored_the_other_way_round_are_found() {
    let (fixture, _) = healthy().await;
    let payment_no = fixture.created("LATE").await;
    for version in [3, 2] {
        fixture.publish(vec![fixture.payment_event(EventKind::PaymentProcessing, &payment_no, "LATE", version)]).await;
    }
    let said = "version 3 (payment.processing) is stored before version 2";
    assert_eq!(violation(&fixture, "I11").await, format!("{payment_no} {said}"));
}

#[tokio::test]
async fn an_event_that_a_group_is_done_with_twice_is_found() {
    let (fixture, paid) = healthy().await;
    fixture.relay().await;
    assert!(!broken(&fixture).await.contains(&"I18"));
    fixture
        .run(format!("INSERT INTO inbox (grp, event_day, event_id) VALUES ('payctl.analytics', '2026-01-03', '{}')", paid.success))
        .await;
    let found = verify(&fixture.reader, &[Invariant::parse("I18").unwrap()], None).await.unwrap();
    let told: Vec<&str> = found.checks[0].examples.iter().map(|example| example.detail.as_str()).collect();
    assert_eq!(
        told,
        ["is done with 12 events, and its topics have 11", "payctl.analytics is done with it 2 times, from 2026-01-02 to 2026-01-03"]
    );
    assert_eq!(found.checks[0].examples[1].subject, paid.success.to_string());
}

#[test]
fn the_groups_that_mark_events_and_their_topics_are_those_of_the_registry() {
    let sql = include_str!("invariants/I18.sql");
    for service in Service::ALL {
        for topic in Topic::ALL {
            let is_marked = !service.is_ordered() && service.topics().contains(topic);
            assert_eq!(sql.contains(&format!("('payctl.{service}', '{topic}')")), is_marked, "{service} {topic}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_overdrawn_or_of_another_kind_is_found() {
    let (fixture, _) = healthy().await;
    let now = format_timestamp(fixture.now());
    for account in accounts() {
        let may_be_overdrawn = !matches!(account, Account::MerchantAvailable(_) | Account::WithdrawalHold(_));
        let (kind, debits) = (account.kind().as_str(), if may_be_overdrawn { 6 } else { 5 });
        fixture
            .run(format!(
                "INSERT INTO accounts (account, currency, kind, debits_posted, credits_posted, version, created_at, updated_at) \
                 VALUES ('{account}', 'EUR', '{kind}', {debits}, 5, 1, '{now}', '{now}')"
            ))
            .await;
    }
    assert!(!broken(&fixture).await.contains(&"I23"), "others may stand on either side");
    fixture.run("UPDATE accounts SET debits_posted = 6 WHERE account LIKE 'merchant_available:%'").await;
    assert_eq!(violation(&fixture, "I23").await, format!("merchant_available:{MERCHANT} EUR is overdrawn by 1"));
    fixture.run("UPDATE accounts SET debits_posted = 5 WHERE account LIKE 'merchant_available:%'").await;
    fixture.run("UPDATE accounts SET kind = 'expense' WHERE account = 'bank'").await;
    assert_eq!(violation(&fixture, "I23").await, "bank EUR is kept as expense");
}

/// One account of each sort.
fn accounts() -> [Account; 8] {
    let stripe = || "stripe".to_owned();
    [
        Account::ChannelClearing(stripe()),
        Account::Bank,
        Account::MerchantPending(MERCHANT),
        Account::MerchantAvailable(MERCHANT),
        Account::WithdrawalHold(MERCHANT),
        Account::FeeIncome,
        Account::WithdrawalFeeIncome,
        Account::ChannelFees(stripe()),
    ]
}

#[tokio::test]
async fn what_went_to_another_merchant_is_found() {
    let (fixture, paid) = healthy().await;
    let other = "00000000-0000-0000-0000-00000000000c";
    for table in ["orders", "transactions", "notifications", "idempotency"] {
        fixture.run(format!("UPDATE {table} SET merchant_id = '{other}'")).await;
        let found = violation(&fixture, "I35").await;
        assert!(found.contains(&format!("belongs to {MERCHANT}, and")) && found.ends_with(other), "{table}: {found}");
        fixture.run(format!("UPDATE {table} SET merchant_id = '{MERCHANT}'")).await;
        assert!(!broken(&fixture).await.contains(&"I35"), "{table} of {}", paid.payment_no);
    }
}

#[tokio::test]
async fn guards_that_were_taken_away_are_found() {
    let (fixture, _) = guarded().await;
    assert!(!all(&fixture).await.is_broken());
    fixture.unguarded().await;
    assert!(violation(&fixture, "I21").await.starts_with("events_are_permanent"));
}

#[tokio::test]
async fn the_past_is_told_as_far_as_it_can_be_and_what_is_left_out_is_named() {
    let (fixture, paid) = healthy().await;
    fixture.wait(60_000);
    let early = parse_timestamp("2026-01-02T03:04:30Z").unwrap();
    let every: Vec<_> = INVARIANTS.iter().collect();
    let late = fixture.created("LATE").await;
    fixture.run(format!("DELETE FROM events WHERE aggregate_id = '{late}'")).await;
    let found = verify(&fixture.reader, &every, Some(early)).await.unwrap();
    assert!(!found.is_broken() && !found.is_partial(), "{found:#?}");
    let left_out = "I2, I4, I6, I8, I9, I12, I13, I14, I15, I16, I18, I19, I20, I21, I22, I23, I30, I32, I33, I35";
    assert_eq!(
        found.tables()[0].notes,
        [
            format!("as of 2026-01-02 03:04:30Z: {left_out} go by rows as they are now and are left out"),
            "6/6 hold, one snapshot, 0ms".to_owned()
        ]
    );
    let found = verify(&fixture.reader, &every, Some(fixture.reader.ambient.now())).await.unwrap();
    assert!(found.is_broken(), "now the event is missing");
    fixture.run(format!("DELETE FROM events WHERE event_id = '{}'", paid.created)).await;
    assert!(verify(&fixture.reader, &every, Some(early)).await.unwrap().is_broken());
}

#[tokio::test]
async fn every_event_that_a_group_was_given_is_accounted_for() {
    let (fixture, paid) = healthy().await;
    fixture.created("BEHIND").await;
    let found = consumption(&fixture.reader, None).await.unwrap();
    assert!(!found.is_broken());
    let of = |found: &Consumption, group: &str| -> Consumed {
        found.partitions.iter().find(|row| row.group == group && row.topic == "payment.events").unwrap().clone()
    };
    let order = of(&found, "order");
    assert_eq!((order.delivered, order.applied, order.skipped, order.lag), (7, 7, 0, 1));
    fixture.run(format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id IN ('{}', '{}')", paid.success, paid.created)).await;
    fixture.park(Service::Analytics, paid.success, "failed").await;
    let found = consumption(&fixture.reader, Service::parse("analytics")).await.unwrap();
    let analytics = of(&found, "analytics");
    assert_eq!((analytics.delivered, analytics.applied, analytics.parked, analytics.skipped), (7, 5, 1, 1));
    assert!(found.is_broken() && found.partitions.iter().all(|row| row.group == "analytics"));
}
