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
