use super::{Desk, Disposal, LetterQuery, LetterState, PlanOptions, Selector, causes, disposable, dispose, entries, plan, show};
use crate::event::EventKind;
use crate::ops::fixture::Fixture;
use crate::services::Service;
use crate::store::Verdict;

fn desk(fixture: &Fixture) -> Desk {
    Desk::of_server(fixture.reader.store.clone(), fixture.reader.ambient.clone())
}

fn options() -> PlanOptions {
    PlanOptions { canary: 1, rate: 20, max: 500, stop_on_fail: 5, actor: "ann".to_owned(), reason: "test".to_owned() }
}

fn of(selector: &str) -> LetterQuery {
    LetterQuery { selectors: vec![selector.parse::<Selector>().unwrap()], ..LetterQuery::default() }
}

/// Payments whose created event is parked by accounting and whose success is held behind it.
async fn parked(fixture: &Fixture, count: usize) {
    for number in 0..count {
        let payment_no = format!("PY20260102030405ABCDEFGH{number:02}");
        let created = fixture.payment_event(EventKind::PaymentCreated, &payment_no, &format!("O{number}"), 1);
        let success = fixture.payment_event(EventKind::PaymentSuccess, &payment_no, &format!("O{number}"), 2);
        let (first, second) = (created.event_id, success.event_id);
        fixture.publish(vec![created, success]).await;
        fixture.park(Service::Accounting, first, "failed").await;
        fixture.park(Service::Accounting, second, "blocked").await;
    }
    fixture.run("UPDATE dlq SET error_message = 'waits', error_code = 'BLOCKED' WHERE state = 'blocked'").await;
}

#[tokio::test]
async fn a_cause_counts_what_failed_and_what_waits_behind_it() {
    let fixture = Fixture::new();
    parked(&fixture, 3).await;
    fixture.run("UPDATE dlq SET error_message = 'no account ' || id || ' here', amount = 10000 * id, currency = 'USD'").await;
    fixture.run("UPDATE dlq SET currency = 'JPY' WHERE id = 3").await;
    let list = causes(&fixture.reader, &LetterQuery::default()).await.unwrap();
    let [cause] = &list.causes[..] else { panic!("one cause: {list:?}") };
    assert_eq!((cause.count, cause.held, cause.failed_again, cause.group.as_str()), (3, 3, 0, "accounting"));
    let mut money: Vec<String> = cause.money.iter().map(ToString::to_string).collect();
    money.sort();
    assert_eq!(money, ["30000 JPY", "600.00 USD"]);
    let found = entries(&fixture.reader, &of(&cause.cause), 2).await.unwrap();
    assert_eq!((found.entries.len(), found.entries[0].state.as_str()), (2, "failed"));
    let id = found.entries[0].id.to_string();
    assert_eq!(entries(&fixture.reader, &of(&id), 9).await.unwrap().entries[0].id.to_string(), id);
    let of_order = LetterQuery { group: Some(Service::Order), ..LetterQuery::default() };
    assert!(causes(&fixture.reader, &of_order).await.unwrap().causes.is_empty());
}

#[tokio::test]
async fn showing_a_letter_says_what_a_replay_would_do_and_masks_addresses() {
    let fixture = Fixture::new();
    parked(&fixture, 1).await;
    let cause = causes(&fixture.reader, &LetterQuery::default()).await.unwrap().causes[0].cause.clone();
    let shown = show(&fixture.reader, &cause.parse().unwrap()).await.unwrap();
    let text = format!("{}{:?}", serde_json::to_string(&shown).unwrap(), crate::ops::Report::tables(&shown));
    assert!(text.contains("t***@example.com") && !text.contains("test@example.com"), "{text}");
    assert_eq!((shown.preflight.verdict, shown.preflight.held_behind, shown.preflight.newer_events), (Verdict::Ready, 1, 1));
    fixture
        .run("INSERT INTO applied_version (aggregate_id, grp, version) SELECT aggregate_id, grp, 1 FROM dlq WHERE state = 'failed'")
        .await;
    let shown = show(&fixture.reader, &cause.parse().unwrap()).await.unwrap();
    assert_eq!(shown.preflight.verdict, Verdict::Applied);
    fixture.run(format!("UPDATE dlq SET value = CAST('{{' AS {})", crate::testing::TestPlatform::bytes_type())).await;
    let shown = show(&fixture.reader, &cause.parse().unwrap()).await.unwrap();
    assert_eq!((shown.preflight.verdict, shown.preview.as_deref()), (Verdict::Undecodable, Some("7b")));
}

#[tokio::test]
async fn a_plan_is_kept_and_sends_nothing() {
    let fixture = Fixture::new();
    parked(&fixture, 3).await;
    let query = LetterQuery { group: Some(Service::Accounting), ..LetterQuery::default() };
    let plan = plan(&fixture.reader, &desk(&fixture), &query, &options()).await.unwrap().unwrap();
    let found: Vec<(&str, i64)> = plan.verdicts.iter().map(|tally| (tally.name, tally.count)).collect();
    assert_eq!(found, [("ready", 3), ("held", 3)]);
    assert_eq!((plan.sendable, plan.sent, plan.held_behind, plan.unsent()), (3, 0, 3, vec![0, 2, 4]));
    let replaying = LetterQuery { state: LetterState::Replaying, ..LetterQuery::default() };
    assert_eq!(entries(&fixture.reader, &replaying, 9).await.unwrap().total, 0);
    let kept = super::load(&fixture.reader, &plan.plan_id).await.unwrap();
    assert_eq!((kept.sendable, kept.actor.as_str()), (3, "ann"));
    assert!(super::load(&fixture.reader, "rp-none").await.is_err());
}

#[tokio::test]
async fn everything_at_once_and_several_groups_are_refused() {
    let fixture = Fixture::new();
    parked(&fixture, 1).await;
    assert!(plan(&fixture.reader, &desk(&fixture), &LetterQuery::default(), &options()).await.is_err());
    let success = fixture.payment_event(EventKind::PaymentCreated, "PY20260102030405ABCDEFGH77", "O77", 1);
    let id = success.event_id;
    fixture.publish(vec![success]).await;
    fixture.park(Service::Accounting, id, "failed").await;
    fixture.park(Service::Order, id, "failed").await;
    let query = LetterQuery { payment: Some("PY20260102030405ABCDEFGH77".to_owned()), ..LetterQuery::default() };
    let refused = plan(&fixture.reader, &desk(&fixture), &query, &options()).await.unwrap_err();
    assert!(refused.to_string().contains("accounting and order"), "{refused}");
}

#[tokio::test]
async fn a_discard_frees_what_waits_and_can_be_taken_back_until_that_has_had_its_effect() {
    let fixture = Fixture::new();
    parked(&fixture, 1).await;
    let id = entries(&fixture.reader, &LetterQuery { state: LetterState::Failed, ..LetterQuery::default() }, 1).await.unwrap().entries[0]
        .id
        .to_string();
    let meant = disposable(&fixture.reader, &of(&id), Disposal::Discard).await.unwrap();
    assert_eq!((meant.entries.len(), meant.held_behind), (1, 1));
    let desk = desk(&fixture);
    let done = dispose(&desk, meant, "ann", "booked by hand").await.unwrap();
    assert_eq!((done.changed, done.refused.len()), (Some(1), 0));
    let replaying = LetterQuery { state: LetterState::Replaying, ..LetterQuery::default() };
    assert_eq!(entries(&fixture.reader, &replaying, 9).await.unwrap().total, 1, "what waited is tried next");
    let shown = show(&fixture.reader, &id.parse().unwrap()).await.unwrap();
    assert_eq!((shown.letter.state.as_str(), shown.letter.disposed_by.as_deref()), ("discarded", Some("ann")));
    assert!(shown.history.iter().any(|deed| deed.what == "discarded" && deed.detail.contains("booked by hand")));
    let meant = disposable(&fixture.reader, &of(&id), Disposal::Restore).await.unwrap();
    assert_eq!(dispose(&desk, meant, "ann", "a mistake").await.unwrap().changed, Some(1));
    let shown = show(&fixture.reader, &id.parse().unwrap()).await.unwrap();
    assert_eq!((shown.letter.state.as_str(), shown.preflight.verdict), ("failed", Verdict::Ready), "the mark went with the discard");
    let meant = disposable(&fixture.reader, &of(&id), Disposal::Discard).await.unwrap();
    dispose(&desk, meant, "ann", "after all").await.unwrap();
    fixture.run("UPDATE applied_version SET version = 2").await;
    let meant = disposable(&fixture.reader, &of(&id), Disposal::Restore).await.unwrap();
    let refused = dispose(&desk, meant, "ann", "too late").await.unwrap();
    assert_eq!((refused.changed, refused.refused.len()), (Some(0), 1));
    assert!(refused.refused[0].reason.contains("has taken effect"), "{:?}", refused.refused);
}
