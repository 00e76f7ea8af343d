use super::*;
use crate::ops::Report as _;
use crate::ops::fixture::Fixture;
use crate::services::Service;

async fn of(fixture: &Fixture, service: Service) -> GroupLag {
    lag(&fixture.reader, &[service], By::Group).await.unwrap().groups.remove(0)
}

#[tokio::test]
async fn an_empty_platform_is_well() {
    let fixture = Fixture::new();
    let report = lag(&fixture.reader, &[], By::Group).await.unwrap();
    assert_eq!(report.groups.iter().map(|group| group.group).collect::<Vec<_>>(), ["order", "accounting", "notification", "analytics"]);
    assert!(report.groups.iter().all(|group| group.status == Status::Ok && group.lag == Some(0)));
}

#[tokio::test]
async fn a_group_that_took_everything_is_well_however_long_ago() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.consume().await;
    fixture.wait(3_600_000);
    let group = of(&fixture, Service::Accounting).await;
    assert_eq!((group.status, group.lag, group.payments_at_risk, group.members), (Status::Ok, Some(0), 0, 0));
}

#[tokio::test]
async fn records_that_nobody_ever_read_are_not_counted_as_lag() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let group = of(&fixture, Service::Order).await;
    assert_eq!((group.status, group.lag), (Status::NoCommit, None));
    assert!(group.reason.unwrap().starts_with("payment.events/"));
    assert_eq!(group.known_partitions, group.all_partitions - 1);
}

#[tokio::test]
async fn a_backlog_without_a_living_member_is_stopped_and_shows_the_money() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.consume().await;
    let waiting = fixture.paid("B").await;
    fixture.wait(4000);
    let group = of(&fixture, Service::Accounting).await;
    assert_eq!((group.status, group.lag, group.oldest_ms), (Status::Stopped, Some(3), Some(4000)));
    assert_eq!((group.at_risk[0].to_string(), group.payments_at_risk), ("100.00 USD".to_owned(), 1));
    let trace = format!("payctl trace {}", waiting.payment_no);
    assert_eq!(
        group.reason.unwrap(),
        format!("no member is alive, the last was seen 4s ago; next record {} (payment.created). Try: {trace}", waiting.payment_no)
    );
}

#[tokio::test]
async fn a_living_group_stalls_only_when_its_offset_stands_still() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.consume().await;
    fixture.paid("B").await;
    fixture.member(Service::Accounting).await;
    assert_eq!(of(&fixture, Service::Accounting).await.status, Status::Ok);
    fixture.wait(252_000);
    fixture.member(Service::Accounting).await;
    fixture.run("UPDATE group_members SET state = 'paused', reason = 'the disk is full'").await;
    let group = of(&fixture, Service::Accounting).await;
    assert_eq!(group.status, Status::Stalled);
    let reason = group.reason.unwrap();
    assert!(reason.contains("has not moved for 4m12s (paused: the disk is full); next record PY"), "{reason}");
}

#[tokio::test]
async fn parked_and_held_events_are_counted_with_their_money() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    let other = fixture.paid("B").await;
    fixture.consume().await;
    fixture.park(Service::Accounting, paid.created, "failed").await;
    fixture.park(Service::Accounting, paid.success, "blocked").await;
    fixture.park(Service::Accounting, other.success, "resolved").await;
    let group = of(&fixture, Service::Accounting).await;
    assert_eq!((group.status, group.parked, group.held, group.payments_at_risk), (Status::Ok, 1, 1, 1));
    assert_eq!(of(&fixture, Service::Order).await.parked, 0);
}

#[tokio::test]
async fn waiting_mail_and_partitions_have_their_own_rows() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.consume().await;
    fixture.run("UPDATE notifications SET status = 'pending', attempts = 2").await;
    fixture.wait(9000);
    let tables = lag(&fixture.reader, &[Service::Accounting], By::Partition).await.unwrap().tables();
    assert_eq!(tables[0].rows.len(), 6 + 3 + 3 + 3);
    assert_eq!(tables[1].rows[0], ["email", "4", "4", "9s"]);
}

/// The group notes a batch of one record, and its offset moves on by one.
async fn move_on(fixture: &Fixture, service: Service) {
    let now = crate::domain::format_timestamp(fixture.reader.ambient.now());
    let own = format!("grp = '{}' AND topic = 'payment.events'", service.group().unwrap());
    fixture
        .run(format!(
            "INSERT INTO consumer_batches (grp, topic, partition, from_offset, to_offset, events, applied, skipped, parked, attempts, \
             started_at, ended_at) SELECT grp, topic, partition, next_offset, next_offset, 1, 1, 0, 0, 1, '{now}', '{now}' \
             FROM consumer_offsets WHERE {own}"
        ))
        .await;
    fixture.run(format!("UPDATE consumer_offsets SET next_offset = next_offset + 1, updated_at = '{now}' WHERE {own}")).await;
}

/// A group that has read something, and a record that has waited for it since; its member lives.
async fn waiting(millis: u64) -> Fixture {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.consume().await;
    fixture.wait(1000);
    fixture.paid("B").await;
    fixture.wait(millis);
    fixture.member(Service::Analytics).await;
    fixture
}

async fn members(fixture: &Fixture, started_ms: u64, silent_ms: u64, name: &str) {
    let now = fixture.reader.ambient.now();
    let ago = |millis| crate::domain::format_timestamp(now - std::time::Duration::from_millis(millis));
    fixture
        .run(format!(
            "INSERT INTO group_members (grp, member, state, started_at, seen_at) \
             VALUES ('payctl.analytics', '{name}', 'running', '{}', '{}') \
             ON CONFLICT (grp, member) DO UPDATE SET started_at = excluded.started_at, seen_at = excluded.seen_at",
            ago(started_ms),
            ago(silent_ms)
        ))
        .await;
}

#[tokio::test]
async fn a_group_that_moves_and_gets_more_than_it_takes_is_slow() {
    let fixture = waiting(6000).await;
    fixture.member(Service::Accounting).await;
    move_on(&fixture, Service::Accounting).await;
    let group = of(&fixture, Service::Accounting).await;
    assert_eq!((group.status, group.drain, group.lag), (Status::Slow, Drain::Never, Some(3)), "{:?}", group.reason);
    let reason = group.reason.unwrap();
    assert!(reason.contains("takes 0.4/s and gets 0.6/s; its oldest record waits for 6s; next record PY"), "{reason}");
    assert_eq!((group.payments_at_risk, group.payments_late), (1, 1), "six seconds are late");
}

#[tokio::test]
async fn an_offset_that_went_back_is_rewound_until_the_group_is_where_it_was() {
    let fixture = waiting(1000).await;
    let before = of(&fixture, Service::Analytics).await;
    assert_eq!(before.status, Status::Ok);
    let read = before.partitions.iter().find(|partition| partition.next_offset.is_some()).unwrap();
    let (place, stood) = (format!("{}/{}", read.topic, read.partition), read.next_offset.unwrap());
    let now = crate::domain::format_timestamp(fixture.reader.ambient.now());
    let set = async |offset: i64| {
        let own = format!("grp = 'payctl.analytics' AND topic = '{}'", read.topic);
        fixture.run(format!("UPDATE consumer_offsets SET next_offset = {offset}, updated_at = '{now}' WHERE {own}")).await;
    };
    set(1).await;
    let group = of(&fixture, Service::Analytics).await;
    assert_eq!(group.status, Status::Rewound);
    assert_eq!(group.reason.unwrap(), format!("{place}: the offset went back from {stood} to 1, and what lies between is read again"));
    set(stood).await;
    assert_eq!(of(&fixture, Service::Analytics).await.status, Status::Ok);
}

#[tokio::test]
async fn what_a_silent_member_had_is_on_its_way_to_the_others_unless_it_stood_before() {
    let fixture = waiting(6000).await;
    members(&fixture, 60_000, 4000, "m2").await;
    let group = of(&fixture, Service::Analytics).await;
    assert_eq!((group.status, group.members, group.member_rows.len()), (Status::Rebalancing, 1, 2));
    let reason = group.reason.unwrap();
    assert!(reason.ends_with("for 6s: member m2 was last seen 4s ago, and what it had goes to the others"), "{reason}");
    fixture.wait(20_000);
    members(&fixture, 60_000, 0, "m1").await;
    members(&fixture, 60_000, 4000, "m2").await;
    assert_eq!(of(&fixture, Service::Analytics).await.status, Status::Stalled, "it stood for 22 s when m2 was last seen");
}

#[tokio::test]
async fn a_member_that_has_just_come_has_not_stalled_yet() {
    let fixture = waiting(60_000).await;
    members(&fixture, 4000, 0, "m1").await;
    let group = of(&fixture, Service::Analytics).await;
    assert_eq!(group.status, Status::Rebalancing);
    let reason = group.reason.unwrap();
    assert!(reason.ends_with("for 1m00s: member m1 came 4s ago, and nobody has taken the partition since"), "{reason}");
    members(&fixture, 30_000, 0, "m1").await;
    assert_eq!(of(&fixture, Service::Analytics).await.status, Status::Stalled);
}

#[tokio::test]
async fn a_condition_is_met_by_a_group_and_says_why() {
    let fixture = waiting(6000).await;
    let report = lag(&fixture.reader, &[Service::Analytics], By::Group).await.unwrap();
    let found = |text: &str| report.found(&[text.parse().unwrap()]);
    assert!(found("stalled")[0].starts_with("analytics: STALLED: "), "{:?}", found("stalled"));
    let lag = report.groups[0].lag.unwrap();
    assert_eq!(found(&format!("lag>{}", lag - 1)), [format!("analytics: lag {lag} > {}", lag - 1)]);
    assert_eq!(found("age>5s"), ["analytics: the oldest record waits for 6s > 5s"]);
    for quiet in ["stopped", "lost", "unknown", &format!("lag>{lag}"), "age>6s"] {
        assert_eq!(found(quiet), Vec::<String>::new(), "{quiet}");
    }
}

#[tokio::test]
async fn only_rows_that_are_wanted_are_shown() {
    let fixture = waiting(6000).await;
    let report = lag(&fixture.reader, &[Service::Analytics], By::Partition).await.unwrap();
    let all = report.tables()[0].rows.len();
    let behind = report.clone().only(Filter { lag: Some(0), age_ms: None });
    let rows = behind.tables()[0].rows.len();
    assert!(rows > 0 && rows < all, "{rows} of {all}");
    let old = report.only(Filter { lag: None, age_ms: Some(60_000) });
    assert!(old.tables()[0].rows.is_empty() && old.groups.is_empty());
}

/// The tables as they are, with what is random in them replaced.
fn told(tables: &[crate::ops::Table]) -> String {
    let mut lines = Vec::new();
    for table in tables {
        lines.push(table.columns.iter().map(|column| column.header).collect::<Vec<_>>().join(" | "));
        lines.extend(table.rows.iter().map(|row| row.join(" | ")));
        lines.extend(table.notes.iter().map(|note| format!("({note})")));
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_look_is_shown_as_reviewed() {
    let fixture = waiting(252_000).await;
    move_on(&fixture, Service::Accounting).await;
    let mut history = History::default();
    let look = async |by| lag(&fixture.reader, &[Service::Accounting, Service::Analytics], by).await.unwrap();
    let first = look(By::Group).await;
    let watched = history.extend(first.clone());
    let mut shown = vec![told(&first.tables()), told(&first.wide()), told(&history.extend(watched).tables())];
    for by in [By::Topic, By::Member] {
        shown.push(told(&look(by).await.tables()));
    }
    let behind = look(By::Partition).await.only(Filter { lag: Some(0), age_ms: None });
    shown.push(told(&behind.tables()));
    let filters = [(r"PY[0-9]{14}[0-9A-Z]{10}", "PY"), (r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID")];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!("look", shown.join("\n\n"));
        insta::assert_snapshot!("look_json", serde_json::to_string_pretty(&behind).unwrap());
    });
}
