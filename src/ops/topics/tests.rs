use super::*;
use crate::domain::parse_timestamp;
use crate::event::Topic;
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT};
use crate::services::Service;

async fn tail(fixture: &Fixture, query: TailQuery) -> (Vec<TailRecord>, String) {
    let (tail, lines) = read(fixture, query).await;
    (lines, tail.footer().to_string())
}

async fn read(fixture: &Fixture, query: TailQuery) -> (Tail, Vec<TailRecord>) {
    let mut tail = Tail::start(&fixture.reader, query).await.unwrap();
    let mut lines = Vec::new();
    while let Some(page) = tail.next().await.unwrap() {
        lines.extend(page.lines);
    }
    (tail, lines)
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
        let mut tail = Tail::start(&fixture.reader, of(topic)).await.unwrap();
        let page = tail.next().await.unwrap().unwrap();
        let text = format!("{}{:?}{}", serde_json::to_string(&page).unwrap(), page.tables(), tail.footer());
        assert!(!text.contains("test@example.com"), "{text}");
        assert!(text.contains("t***@example.com"), "{text}");
    }
}

#[tokio::test]
async fn following_shows_only_what_came_after() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    let (mut tail, lines) = read(&fixture, of(Topic::PaymentEvents)).await;
    assert_eq!(lines.len(), 3);
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

#[tokio::test]
async fn a_range_is_read_forwards_however_long_it_is_and_stays_in_order() {
    let fixture = Fixture::new();
    for order in 0..1200 {
        fixture.created(&format!("N{order}")).await;
        fixture.wait(10);
    }
    let (_, all) = read(&fixture, of(Topic::PaymentEvents)).await;
    assert_eq!(all.len(), 10);
    let first = TailQuery { from_offset: Some(0), ..of(Topic::PaymentEvents) };
    let (tail, lines) = read(&fixture, first).await;
    assert_eq!((lines.len(), tail.footer().shown, tail.footer().scanned), (1200, 1200, 1200));
    assert!(lines.is_sorted_by_key(|line| (line.time, line.offset)));
    let middle = lines[600].clone();
    let (_, rest) = read(&fixture, TailQuery { from_offset: Some(middle.offset), ..of(Topic::PaymentEvents) }).await;
    assert_eq!((rest.len(), rest[0].offset), (600, middle.offset));
    let (_, rest) = read(&fixture, TailQuery { since: middle.time, until: lines[699].time, ..of(Topic::PaymentEvents) }).await;
    assert_eq!((rest.len(), rest[0].offset, rest[99].offset), (100, middle.offset, lines[699].offset));
    let future = TailQuery { since: Some(fixture.reader.ambient.now() + chrono::TimeDelta::hours(1)), ..of(Topic::PaymentEvents) };
    let (tail, rest) = read(&fixture, future).await;
    assert!(rest.is_empty() && tail.footer().to_string().contains("COMPLETE"));
    let beyond = TailQuery { from_offset: Some(1_000_000), ..of(Topic::PaymentEvents) };
    assert!(read(&fixture, beyond).await.1.is_empty());
}

#[tokio::test]
async fn conditions_and_headers_choose_records_and_what_cannot_be_judged_is_shown() {
    let fixture = Fixture::new();
    fixture.paid("A").await;
    fixture.created("B").await;
    let condition = |text: &str| TailQuery { condition: Some(Condition::parse(text).unwrap()), ..of(Topic::PaymentEvents) };
    let (lines, _) = tail(&fixture, condition("value.amount >= 10000 and type = payment.success")).await;
    assert_eq!(types(&lines), ["payment.success"]);
    assert!(tail(&fixture, condition("value.amount > 10000")).await.0.is_empty());
    assert!(tail(&fixture, condition("value.customer_email ~ test@")).await.0.is_empty(), "what is masked cannot be asked for");
    let header = ("event_type".to_owned(), "payment.created".to_owned());
    let (lines, _) = tail(&fixture, TailQuery { headers: vec![header], ..of(Topic::PaymentEvents) }).await;
    assert_eq!(types(&lines), ["payment.created", "payment.created"]);
    fixture.unguarded().await;
    let bytes = crate::testing::TestPlatform::bytes_type();
    fixture.run(format!("UPDATE events SET value = CAST('rubbish' AS {bytes}) WHERE event_type = 'payment.processing'")).await;
    let (lines, footer) = tail(&fixture, condition("value.amount > 10000")).await;
    assert_eq!(lines.len(), 1);
    assert!(footer.ends_with("· 1 undecodable"), "{footer}");
}

#[tokio::test]
async fn nothing_an_empty_value_and_the_word_null_are_told_apart_and_raw_bytes_are_kept() {
    let fixture = Fixture::new();
    fixture.created("A").await;
    let records =
        fixture.reader.records(crate::event::TopicPartition { topic: Topic::PaymentEvents, partition: partition(&fixture).await }, 0, 1);
    let record = records.await.unwrap().remove(0);
    let line = TailRecord::of_record(&record, true);
    assert_eq!(line.raw.as_ref().unwrap().bytes().unwrap().as_deref(), Some(record.value.as_slice()));
    let shown = |value: &[u8], is_tombstone| {
        let line = TailRecord::of_record(&crate::event::Record { value: value.to_vec(), is_tombstone, ..record.clone() }, true);
        (line.summary, line.raw.unwrap().bytes().unwrap())
    };
    assert_eq!(shown(b"", true), ("TOMBSTONE: no value at all".to_owned(), None));
    assert_eq!(shown(b"", false), ("EMPTY: a value of 0 bytes".to_owned(), Some(Vec::new())));
    assert_eq!(shown(b"null", false), ("the JSON word null".to_owned(), Some(b"null".to_vec())));
    assert_eq!(shown(b"\xff\x00", false).1, Some(b"\xff\x00".to_vec()));
    let strange = crate::event::Record { headers: r#"{"event_type":"x","who":"test@example.com"}"#.to_owned(), ..record };
    let line = TailRecord::of_record(&strange, false);
    assert_eq!(serde_json::to_value(&line.headers).unwrap()["who"], "[16 bytes]");
    let expanded = line.expanded(fixture.reader.ambient.now());
    assert!(expanded.contains("\n  header event_type: x\n") && expanded.contains("\"amount\": 10000"), "{expanded}");
    assert!(!expanded.contains("test@example.com"), "{expanded}");
}

/// Where the fixture's merchant lies.
async fn partition(fixture: &Fixture) -> u16 {
    read(fixture, of(Topic::PaymentEvents)).await.1[0].partition
}
