use super::{
    Desk, Disposal, Ended, LetterQuery, LetterState, PlanOptions, ReplayReport, Selector, Signals, causes, disposable, dispose, entries,
    execute, export, import, load, plan, show,
};
use crate::event::EventKind;
use crate::ops::Report;
use crate::ops::fixture::Fixture;
use crate::services::Service;
use crate::store::{Outcome, StoreError, Tx, Verdict};

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

/// A plan of three, each sent without a canary to a group of which no member lives.
async fn sent(fixture: &Fixture, stop: bool) -> ReplayReport {
    parked(fixture, 3).await;
    let query = LetterQuery { group: Some(Service::Accounting), ..LetterQuery::default() };
    let options = PlanOptions { canary: 0, ..options() };
    let desk = desk(fixture);
    let plan = plan(&fixture.reader, &desk, &query, &options).await.unwrap().unwrap();
    let signals = Signals::default();
    if stop {
        signals.stop.cancel();
    }
    let wait = std::time::Duration::from_secs(1);
    execute((&fixture.reader, &desk), &plan.plan_id, ("ann", "test"), wait, &signals, &|_| {}).await.unwrap()
}

#[tokio::test]
async fn an_interrupted_replay_sends_nothing_more_and_says_what_is_left() {
    let fixture = Fixture::new();
    let report = sent(&fixture, true).await;
    assert_eq!((report.ended, report.sent, report.unsent().len()), (Ended::Interrupted, 0, 3));
    assert_eq!(report.note.as_deref(), Some("interrupted"));
    let desk = desk(&fixture);
    let wait = std::time::Duration::ZERO;
    let report = execute((&fixture.reader, &desk), &report.plan_id, ("ann", "go on"), wait, &Signals::default(), &|_| {}).await.unwrap();
    assert_eq!((report.ended, report.sent, report.in_flight), (Ended::Finished, 3, 3));
    assert!(!report.is_complete(), "nobody has confirmed anything");
}

#[tokio::test]
async fn only_what_has_its_mark_and_its_effect_is_verified() {
    let fixture = Fixture::new();
    let report = sent(&fixture, false).await;
    assert_eq!(report.count(Outcome::Unconfirmed), 3);
    // Taken off the list is not enough: the first has its mark, the second has none, the third came back.
    fixture.run("UPDATE dlq SET state = 'resolved' WHERE state = 'replaying' AND id <> 5").await;
    fixture.run("UPDATE dlq SET state = 'failed', attempts = attempts + 1 WHERE id = 5").await;
    fixture.run("INSERT INTO applied_version (aggregate_id, grp, version) SELECT aggregate_id, grp, version FROM dlq WHERE id = 1").await;
    let report = load(&fixture.reader, &report.plan_id).await.unwrap();
    let found = [Outcome::Verified, Outcome::Unconfirmed, Outcome::FailedAgain].map(|outcome| report.count(outcome));
    assert_eq!(found, [1, 1, 1]);
    assert_eq!(report.attention.len(), 2);
    // An event that must be in the books is not verified by a mark alone.
    fixture.run("UPDATE dlq SET event_type = 'payment.success' WHERE id = 1").await;
    assert_eq!(load(&fixture.reader, &report.plan_id).await.unwrap().count(Outcome::Verified), 0);
}

#[tokio::test]
async fn letters_can_be_carried_over_and_come_in_once() {
    let (from, to) = (Fixture::new(), Fixture::new());
    parked(&from, 2).await;
    let query = LetterQuery { state: LetterState::Failed, ..LetterQuery::default() };
    let mut lines = Vec::new();
    let count = export(&from.reader, &query, |letter| {
        lines.push(serde_json::to_string(letter).unwrap());
        true
    });
    assert_eq!(count.await.unwrap(), 2);
    lines.push("no letter".to_owned());
    let text = lines.join("\n");
    let seen = import(&text, None, None).await.unwrap();
    assert_eq!((seen.lines, seen.taken, seen.refused.len()), (3, None, 1));
    let desk = desk(&to);
    let done = import(&text, None, Some((&desk, "ann", "moved"))).await.unwrap();
    assert_eq!((done.taken, done.refused[0].line), (Some(2), 3));
    let list = causes(&to.reader, &LetterQuery::default()).await.unwrap();
    assert_eq!((list.causes[0].count, list.causes[0].money[0].to_string().as_str()), (2, "200.00 USD"));
    let again = import(&text, None, Some((&desk, "ann", "moved"))).await.unwrap();
    assert_eq!(again.taken, Some(0));
    assert!(again.refused.iter().any(|line| line.reason.contains("already")), "{:?}", again.refused);
}

/// The partitions in which a group was held still since these were noted.
async fn held(fixture: &Fixture) -> Vec<i64> {
    let held = async move |tx: &mut Tx| {
        tx.query("SELECT partition FROM consumer_offsets WHERE updated_at > '2026-01-01T12:00:00.000000Z' ORDER BY partition", &[]).await
    };
    let rows = fixture.reader.store.read::<_, StoreError, _>(held).await.unwrap();
    fixture.run("UPDATE consumer_offsets SET updated_at = '2026-01-01T00:00:00.000000Z'").await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[tokio::test]
async fn an_order_holds_the_group_still_in_every_partition_that_it_touches() {
    let fixture = Fixture::new();
    parked(&fixture, 1).await;
    // What waits may lie elsewhere, as a refund does behind its payment.
    fixture.run("UPDATE dlq SET partition = CASE WHEN state = 'blocked' THEN 5 ELSE 6 END").await;
    for partition in 4..8 {
        fixture
            .run(format!(
                "INSERT INTO consumer_offsets (grp, topic, partition, next_offset, epoch, updated_at) \
                 VALUES ('payctl.accounting', 'payment.events', {partition}, 0, 1, '2026-01-01T00:00:00.000000Z')"
            ))
            .await;
    }
    let query = LetterQuery { group: Some(Service::Accounting), ..LetterQuery::default() };
    for disposal in [Disposal::Discard, Disposal::Restore] {
        let meant = disposable(&fixture.reader, &query, disposal).await.unwrap();
        assert_eq!(held(&fixture).await, [0_i64; 0], "looking holds nobody");
        assert_eq!(dispose(&desk(&fixture), meant, "ann", "test").await.unwrap().changed, Some(1));
        assert_eq!(held(&fixture).await, [5, 6], "{disposal:?}");
    }
    let plan = plan(&fixture.reader, &desk(&fixture), &query, &options()).await.unwrap().unwrap();
    assert_eq!(held(&fixture).await, [0_i64; 0], "a plan sends nothing");
    let desk = desk(&fixture);
    let wait = std::time::Duration::ZERO;
    execute((&fixture.reader, &desk), &plan.plan_id, ("ann", "test"), wait, &Signals::default(), &|_| {}).await.unwrap();
    assert_eq!(held(&fixture).await, [5, 6]);
}

/// A report as a person sees it, but for the widths of its columns.
fn seen(title: &str, report: &impl Report) -> String {
    let mut lines = vec![format!("== {title}")];
    for table in report.tables() {
        let headers: Vec<&str> = table.columns.iter().map(|column| column.header).collect();
        lines.extend(Some(table.title).filter(|title| !title.is_empty()));
        lines.push(headers.join(" | "));
        lines.extend(table.rows.iter().map(|row| row.join(" | ")));
        lines.extend(table.notes.iter().map(|note| format!("note: {note}")));
    }
    lines.join("\n")
}

#[tokio::test]
async fn what_operators_see_of_dead_letters_is_as_reviewed() {
    let fixture = Fixture::new();
    parked(&fixture, 2).await;
    fixture.run("UPDATE dlq SET payment_no = aggregate_id, amount = 10000, currency = 'USD'").await;
    let list = causes(&fixture.reader, &LetterQuery::default()).await.unwrap();
    let cause = list.causes[0].cause.clone();
    let mut told = vec![seen("dlq list", &list)];
    told.push(seen("dlq list --entries", &entries(&fixture.reader, &of(&cause), 9).await.unwrap()));
    told.push(seen("dlq show CAUSE", &show(&fixture.reader, &cause.parse().unwrap()).await.unwrap()));
    let plan = plan(&fixture.reader, &desk(&fixture), &of(&cause), &options()).await.unwrap().unwrap();
    told.push(seen("dlq replay CAUSE", &plan));
    told.push(seen("dlq discard CAUSE", &disposable(&fixture.reader, &of(&cause), Disposal::Discard).await.unwrap()));
    insta::with_settings!({ filters => [(r"rp-[0-9a-f]{6}", "rp-ID")] }, {
        insta::assert_snapshot!(told.join("\n\n"));
    });
}
