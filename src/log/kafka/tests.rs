use std::sync::Arc;
use std::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use uuid::Uuid;

use crate::event::{Record, Topic, TopicPartition};
use crate::log::{Bounds, Delivery, LogError, Standing};

use super::check::{Evidence, judge};
use super::mailbox::Mailbox;
use super::reader::Reader;
use super::{Admin, KafkaConfig, Publisher, Sasl, Security};

const AT: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 3 };

fn record(offset: i64, event_id: Uuid) -> Record {
    Record {
        at: AT,
        offset,
        key: "key".to_owned(),
        headers: format!(
            r#"{{"event_id":"{event_id}","event_type":"payment.created","aggregate_type":"payment","aggregate_id":"PY1","aggregate_version":"1","timestamp":"2026-01-02T03:04:05.678901Z","version":"1.0","sha256":"","traceparent":""}}"#
        ),
        value: format!("value {offset}").into_bytes(),
        is_tombstone: false,
        created_at: "2026-01-02T03:04:05.678901Z".to_owned(),
    }
}

/// The verdict over a group that has read event 7 at offset 9 of cluster `ours`, on a log from `start` to `end`.
fn verdict(cluster_id: &str, (start, end): (i64, i64), last: Option<(i64, u128)>) -> Result<i64, String> {
    let standing = Standing { at: AT, next_offset: 10, last_event_id: Some(Uuid::from_u128(7)), cluster_id: Some("ours".to_owned()) };
    let last = last.map(|(offset, event)| record(offset, Uuid::from_u128(event)));
    judge("payctl.order", &standing, &Evidence { cluster_id, bounds: Bounds { start, end }, last: last.as_ref() })
}

#[test]
fn a_group_goes_on_where_it_stands_in_the_log_that_it_has_read() {
    assert_eq!(verdict("ours", (0, 100), Some((9, 7))), Ok(10));
    assert_eq!(verdict("ours", (0, 10), Some((9, 7))), Ok(10), "at the very end");
    assert_eq!(verdict("ours", (10, 100), None), Ok(10), "retention came just so far");
}

#[test]
fn a_new_group_starts_where_the_log_starts() {
    let standing = Standing { at: AT, next_offset: 0, last_event_id: None, cluster_id: Some("ours".to_owned()) };
    let evidence = Evidence { cluster_id: "ours", bounds: Bounds { start: 40, end: 50 }, last: None };
    assert_eq!(judge("payctl.order", &standing, &evidence), Ok(40));
}

#[test]
fn a_log_that_is_not_the_one_that_was_read_is_refused_with_its_cure() {
    for (found, says) in [
        (verdict("theirs", (0, 100), Some((9, 7))), "these brokers are cluster theirs"),
        (verdict("ours", (0, 4), None), "the log ends at 4"),
        (verdict("ours", (11, 100), None), "retention has overtaken it"),
        (verdict("ours", (0, 100), Some((9, 8))), "lies there"),
        (verdict("ours", (0, 100), Some((12, 9))), "is not in the log"),
        (verdict("ours", (0, 100), None), "is not in the log"),
    ] {
        let told = found.expect_err(says);
        assert!(told.contains(says) && told.starts_with("payment.events/3: "), "{told}");
        assert!(told.contains("payctl groups reset-offsets payctl.order --topic payment.events"), "{told}");
        assert!(told.contains("payctl events republish --topic payment.events"), "{told}");
    }
}

#[test]
fn a_binary_without_tls_refuses_to_speak_it_in_one_line() {
    let sasl = Some(Sasl { mechanism: "SCRAM-SHA-512".to_owned(), username: "u".to_owned(), password: crate::config::Secret::new("p") });
    let config = KafkaConfig { brokers: "broker:9092".to_owned(), security: Security::SaslSsl, sasl, ..KafkaConfig::default() };
    let told = config.check().err().map(|error| error.to_string());
    let refused = "this payctl was built without Kafka TLS and cannot speak SASL_SSL; use a binary built with --features kafka-tls";
    assert_eq!(told.as_deref(), (!cfg!(feature = "kafka-tls")).then_some(refused));
    assert!(matches!(KafkaConfig::default().check(), Err(LogError::Refused(told)) if told.contains("KAFKA_BROKERS")));
}

#[test]
fn names_on_the_brokers_carry_the_prefix_and_nothing_else_is_ours() {
    let config = KafkaConfig { prefix: "staging.".to_owned(), ..KafkaConfig::default() };
    assert_eq!(config.topic_name(Topic::OrderEvents), "staging.order.events");
    assert_eq!(config.group_name("payctl.order"), "staging.payctl.order");
    assert_eq!(config.topic_of("staging.order.events"), Some(Topic::OrderEvents));
    assert_eq!(config.topic_of("order.events"), None);
}

fn offsets(delivery: Option<Delivery>) -> Vec<i64> {
    let Some(Delivery::Records(_, records)) = delivery else { panic!("{delivery:?}") };
    records.iter().map(|record| record.offset).collect()
}

/// A mailbox whose loop has sought the partition to 0, which the thread has done.
fn reading() -> Mailbox {
    let mailbox = Mailbox::default();
    mailbox.lock().assign(&[AT]);
    assert!(matches!(mailbox.take(1), Some(Delivery::Assigned(of)) if of == [AT]));
    mailbox.lock().seek(AT, 0);
    mailbox.lock().orders.seeks.clear();
    mailbox
}

fn buffer(mailbox: &Mailbox, offsets: std::ops::Range<i64>) -> Vec<TopicPartition> {
    mailbox.lock().buffer(offsets.map(|offset| record(offset, Uuid::nil())))
}

#[test]
fn a_seek_forgets_what_was_fetched_ahead_and_what_comes_before_it_is_done() {
    let mailbox = reading();
    buffer(&mailbox, 0..5);
    assert_eq!(offsets(mailbox.take(2)), [0, 1]);
    mailbox.lock().seek(AT, 1);
    buffer(&mailbox, 5..9);
    assert!(mailbox.take(9).is_none());
    mailbox.lock().orders.seeks.clear();
    buffer(&mailbox, 0..4);
    assert_eq!(offsets(mailbox.take(9)), [1, 2, 3]);
    buffer(&mailbox, 2..5);
    assert_eq!(offsets(mailbox.take(9)), [4], "nothing is handed out twice");
}

#[test]
fn a_gap_is_asked_for_once_more_before_it_is_believed() {
    let mailbox = reading();
    buffer(&mailbox, 0..2);
    buffer(&mailbox, 7..9);
    assert_eq!(mailbox.lock().orders.seeks.get(&AT), Some(&2), "it is read again where it broke off");
    assert_eq!(offsets(mailbox.take(9)), [0, 1]);
    mailbox.lock().orders.seeks.clear();
    buffer(&mailbox, 2..4);
    assert_eq!(offsets(mailbox.take(9)), [2, 3], "the client had gone astray");
    buffer(&mailbox, 7..9);
    mailbox.lock().orders.seeks.clear();
    buffer(&mailbox, 7..9);
    assert!(mailbox.lock().orders.seeks.is_empty());
    assert_eq!(offsets(mailbox.take(9)), [7, 8], "there is nothing between");
}

#[test]
fn a_full_partition_is_paused_once_and_goes_on_when_there_is_room() {
    let mailbox = reading();
    assert_eq!(buffer(&mailbox, 0..3000), [AT]);
    assert_eq!(buffer(&mailbox, 3000..3100), []);
    assert_eq!(offsets(mailbox.take(2000)).len(), 2000);
    assert!(mailbox.lock().orders.resumes.is_empty());
    assert_eq!(offsets(mailbox.take(1000)).len(), 1000);
    assert!(mailbox.lock().orders.resumes.contains(&AT));
}

#[test]
fn a_revoked_partition_hands_out_nothing_more_and_waits_to_be_released() {
    let mailbox = reading();
    buffer(&mailbox, 0..5);
    mailbox.lock().revoke(&[AT]);
    assert!(!mailbox.lock().owns(AT));
    assert!(mailbox.lock().orders.released.is_empty(), "the loop may have a batch open");
    assert!(matches!(mailbox.take(9), Some(Delivery::Revoked(of)) if of == [AT]));
    assert!(mailbox.take(9).is_none());
}

#[test]
fn where_a_partition_stands_is_told_until_it_is_given_up() {
    let mailbox = reading();
    mailbox.lock().mirror(AT, 3);
    mailbox.lock().revoke(&[AT]);
    assert_eq!(mailbox.lock().orders.commits.get(&AT), Some(&3), "nobody else knows of it yet");
    mailbox.lock().mirror(AT, 4);
    assert_eq!(mailbox.lock().orders.commits.get(&AT), Some(&4), "a batch was open");
    mailbox.lock().forget(&[AT]);
    mailbox.lock().mirror(AT, 5);
    assert!(mailbox.lock().orders.commits.is_empty(), "somebody else may have got on since");
}

#[test]
fn a_partition_that_is_revoked_before_the_loop_heard_of_it_needs_no_release() {
    let mailbox = Mailbox::default();
    mailbox.lock().assign(&[AT]);
    mailbox.lock().revoke(&[AT]);
    assert!(mailbox.lock().orders.released.contains(&AT));
    assert!(mailbox.take(9).is_none());
}

#[test]
fn the_loop_hears_of_a_loss_before_it_hears_of_what_is_new() {
    let mailbox = reading();
    mailbox.lock().lose_all(LogError::Broker("planted".to_owned()));
    mailbox.lock().assign(&[AT]);
    assert!(mailbox.take_failure().is_some());
    assert!(matches!(mailbox.take(9), Some(Delivery::Revoked(_))));
    assert!(matches!(mailbox.take(9), Some(Delivery::Assigned(_))));
}

/// A broker inside this process.
fn mock() -> (MockCluster<'static, DefaultProducerContext>, KafkaConfig) {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(Topic::PaymentEvents.name(), 6, 1).unwrap();
    let config = KafkaConfig { brokers: cluster.bootstrap_servers(), ..KafkaConfig::default() };
    (cluster, config)
}

fn batch() -> Vec<Record> {
    (0..5).map(|offset| record(offset, Uuid::nil())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_records_lie_one_behind_the_other() {
    let (_cluster, config) = mock();
    let publisher = Publisher::new(&config).unwrap();
    assert_eq!(publisher.publish(&batch()).await.unwrap(), [0, 1, 2, 3, 4]);
    assert_eq!(publisher.publish(&batch()).await.unwrap(), [5, 6, 7, 8, 9]);
    assert_eq!(publisher.publish(&[]).await.unwrap(), [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_that_passes_is_not_seen() {
    let (cluster, config) = mock();
    let publisher = Publisher::new(&config).unwrap();
    publisher.publish(&batch()).await.unwrap();
    let passing = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
    cluster.request_errors(RDKafkaApiKey::Produce, &[passing, passing]);
    let offsets = publisher.publish(&batch()).await.unwrap();
    // Of a record that the client had to send twice it may learn that it is there, and not where.
    assert_eq!(offsets.len(), 5);
    assert!(offsets.iter().filter(|offset| **offset >= 0).is_sorted(), "{offsets:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_error_that_stays_the_producer_can_be_used_again() {
    let (cluster, config) = mock();
    let publisher = Publisher::new(&config).unwrap();
    publisher.publish(&batch()).await.unwrap();
    cluster.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED]);
    let refused = publisher.publish(&batch()).await.unwrap_err();
    assert!(matches!(refused.0, LogError::Refused(_)), "{refused}");
    assert_eq!(publisher.publish(&batch()).await.unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_abandoned_fails_at_once_and_later_calls_work() {
    let (cluster, config) = mock();
    let publisher = Publisher::new(&config).unwrap();
    publisher.publish(&batch()).await.unwrap();
    cluster.broker_down(1).unwrap();
    let (records, stuck) = (Arc::new(batch()), publisher.clone());
    let mut waiting = Box::pin(async move { stuck.publish(&records).await });
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut waiting).await.is_err(), "an outage is waited for");
    publisher.abandon();
    assert!(tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it fails").is_err());
    cluster.broker_up(1).unwrap();
    let again = tokio::time::timeout(Duration::from_secs(10), publisher.publish(&batch())).await;
    assert!(again.expect("the broker is back").is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_client_complained_of_in_an_outage_does_not_spoil_the_questions_after_it() {
    let (cluster, config) = mock();
    Publisher::new(&config).unwrap().publish(&batch()).await.unwrap();
    let reader = Reader::start(&Arc::new(config)).unwrap();
    assert_eq!(reader.read(AT, 0, 1).await.unwrap().len(), 1);
    for _ in 0..2 {
        cluster.broker_down(1).unwrap();
        assert!(reader.ping().await.is_err(), "the outage is noticed");
        cluster.broker_up(1).unwrap();
        while reader.ping().await.is_err() {}
    }
    assert_eq!(reader.read(AT, 0, 1).await.expect("the first question is answered").len(), 1);
}

#[tokio::test]
async fn brokers_that_nobody_reaches_are_named_with_the_reason() {
    // Port 1 is for a service that nobody runs any more.
    let config = KafkaConfig { brokers: "127.0.0.1:1".to_owned(), patience: Some(Duration::from_secs(3)), ..KafkaConfig::default() };
    let said = Admin::new(&config).unwrap().hello(Duration::from_secs(1)).await.unwrap_err().to_string();
    assert!(said.contains("127.0.0.1:1 asked for their names: ") && said.contains("Connection refused"), "{said}");
}
