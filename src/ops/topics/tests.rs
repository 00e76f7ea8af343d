use super::*;
use crate::domain::parse_timestamp;
use crate::event::Topic;
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT};
use crate::services::Service;

async fn tail(fixture: &Fixture, query: TailQuery) -> (Vec<TailRecord>, String) {
    let (tail, page) = Tail::start(&fixture.reader, query).await.unwrap();
    (page.lines, tail.footer().to_string())
}

fn of(topic: Topic) -> TailQuery {
    TailQuery { topics: vec![topic], ..TailQuery::default() }
}

fn types(lines: &[TailRecord]) -> Vec<&str> {
    lines.iter().map(|line| line.event_type.as_deref().unwrap_or("?")).collect()
}

#[tokio::test]
async fn every_topic_is_listed_with_its_records() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let found = list(&fixture.reader).await.unwrap();
    assert_eq!(found.topics.len(), Topic::ALL.len());
    assert_eq!(found.topics[0].records, 3);
    assert_eq!(found.tables()[0].rows[0][..4], ["payment.events", "6", "7d", "3"]);
}

#[tokio::test]
async fn the_last_records_of_several_topics_come_merged_by_time() {
    let fixture = Fixture::new();
    for order in ["A", "B", "C"] {
        fixture.paid(order).await;
        fixture.wait(1000);
    }
    let query = TailQuery { topics: vec![Topic::PaymentEvents, Topic::OrderEvents], last: Some(6), ..TailQuery::default() };
    let (lines, footer) = tail(&fixture, query).await;
    assert_eq!(types(&lines), ["order.paid", "payment.created", "payment.processing", "payment.success", "order.created", "order.paid"]);
    assert_eq!(footer, "-- 6 shown · scanned 15 records, 2 topics, 9/9 partitions, 03:04:06→03:04:07 · COMPLETE · 0 undecodable");
}

#[tokio::test]
async fn a_range_that_holds_more_than_is_shown_says_so() {
    let fixture = Fixture::new();
    for order in ["A", "B", "C"] {
        fixture.paid(order).await;
        fixture.wait(1000);
    }
    let since = parse_timestamp("2026-01-02T03:04:06.000000Z").unwrap();
    let (lines, footer) = tail(&fixture, TailQuery { since: Some(since), ..of(Topic::OrderEvents) }).await;
    assert_eq!(lines.len(), 4);
    assert!(footer.contains("COMPLETE"), "{footer}");
    let (lines, footer) = tail(&fixture, TailQuery { since: Some(since), last: Some(3), ..of(Topic::OrderEvents) }).await;
    assert_eq!(lines.len(), 3);
    assert!(footer.contains("PARTIAL(the last 3)"), "{footer}");
    let until = parse_timestamp("2026-01-02T03:04:06.000000Z").unwrap();
    let (lines, _) = tail(&fixture, TailQuery { until: Some(until), ..of(Topic::OrderEvents) }).await;
    assert_eq!(types(&lines), ["order.created", "order.paid"]);
}

#[tokio::test]
async fn filters_look_behind_the_records_that_do_not_match() {
    let fixture = Fixture::new();
    let first = fixture.paid("FIRST").await;
    for order in 0..200 {
        fixture.created(&format!("N{order}")).await;
    }
    let (lines, footer) = tail(&fixture, TailQuery { payment: Some(first.payment_no.clone()), ..of(Topic::PaymentEvents) }).await;
    assert_eq!(types(&lines), ["payment.created", "payment.processing", "payment.success"]);
    assert!(footer.starts_with("-- 3 shown · scanned 203 records, 1 topic, 6/6 partitions"), "{footer}");
    let (lines, _) = tail(&fixture, TailQuery { key: Some("nobody".to_owned()), ..of(Topic::PaymentEvents) }).await;
    assert!(lines.is_empty());
    let (lines, _) = tail(&fixture, TailQuery { key: Some(MERCHANT.to_string()), last: Some(2), ..of(Topic::PaymentEvents) }).await;
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn a_partition_that_does_not_exist_is_a_usage_error() {
    let fixture = Fixture::new();
    let query = TailQuery { partition: Some(6), ..of(Topic::PaymentEvents) };
    let error = Tail::start(&fixture.reader, query).await.err().unwrap();
    assert_eq!(error.to_string(), "payment.events has partitions 0 to 5, not 6");
}

#[tokio::test]
async fn an_undecodable_record_is_shown_with_the_reason_and_counted() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.unguarded().await;
    let bytes = crate::testing::TestPlatform::bytes_type();
    fixture.run(format!("UPDATE events SET value = CAST('{{\"x\":' AS {bytes}) WHERE event_type = 'payment.processing'")).await;
    let (lines, footer) = tail(&fixture, of(Topic::PaymentEvents)).await;
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1].summary, "UNDECODABLE not an event envelope: JSON ends early at line 1 column 5 · 7b2278223a…");
    assert_eq!(lines[1].undecodable.as_ref().unwrap().code, "UNDECODABLE_ENVELOPE");
    assert!(footer.ends_with("· 1 undecodable"), "{footer}");
}

#[tokio::test]
async fn addresses_and_free_text_are_not_shown() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    for topic in [Topic::PaymentEvents, Topic::OrderEvents, Topic::NotificationsEmail] {
        let (tail, page) = Tail::start(&fixture.reader, of(topic)).await.unwrap();
        let text = format!("{}{:?}{}", serde_json::to_string(&page).unwrap(), page.tables(), tail.footer());
        assert!(!text.contains("test@example.com"), "{text}");
        assert!(text.contains("t***@example.com"), "{text}");
    }
}

#[tokio::test]
async fn following_shows_only_what_came_after() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let (mut tail, page) = Tail::start(&fixture.reader, of(Topic::PaymentEvents)).await.unwrap();
    assert_eq!(page.lines.len(), 3);
    assert!(tail.follow().await.unwrap().lines.is_empty());
    fixture.created("B").await;
    assert_eq!(types(&tail.follow().await.unwrap().lines), ["payment.created"]);
    assert!(tail.follow().await.unwrap().lines.is_empty());
    assert_eq!((tail.footer().shown, tail.footer().scanned), (4, 4));
}

#[tokio::test]
async fn dead_letter_topics_show_the_failed_rows_of_their_groups() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    fixture.park(Service::Order, paid.success, "resolved").await;
    fixture.park(Service::Notification, paid.created, "failed").await;
    let (lines, _) = tail(&fixture, of(Topic::DlqPayment)).await;
    assert_eq!(types(&lines), ["payment.success"]);
    assert_eq!(lines[0].payment_no.as_deref(), Some(paid.payment_no.as_str()));
    assert_eq!(lines[0].amount, Some(10_000));
    assert!(lines[0].summary.starts_with("accounting parked payment.events/"), "{}", lines[0].summary);
    let (lines, _) = tail(&fixture, of(Topic::DlqNotification)).await;
    assert_eq!(types(&lines), ["payment.created"]);
}
