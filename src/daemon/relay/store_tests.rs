#![expect(clippy::disallowed_methods, reason = "a test runs relay and group as tasks of their own")]

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::event::{Cause, EventKind, Extra, NewEvent, Payload, PaymentPayload, Topic};
use crate::log::{EventLog, Publisher};
use crate::store::{Aside, Class, FromValue, Placed, SHARDS, Selection, Store, StoreError, Tx, refused_shard};
use crate::testing::{TestBroker, TestPlatform};

use super::{Outbox, Relay, StoreOutbox};

const SOON: Duration = Duration::from_mins(1);

/// A database on a server, where outbox and leases are; nothing, and the reason printed, where there is none.
async fn platform() -> Option<TestPlatform> {
    let platform = TestPlatform::with_outbox()?;
    // Here a relay does what the trigger does for tests that have no brokers.
    run(&platform.context.store, "DROP TRIGGER published_at_once ON events").await;
    Some(platform)
}

async fn run(store: &Store, sql: &'static str) {
    store.write::<_, StoreError, _>(Class::Background, async move |tx: &mut Tx| tx.execute(sql, &[]).await).await.unwrap();
}

async fn ask<T: FromValue + Send + 'static>(store: &Store, sql: &'static str) -> T {
    let asked = store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.query_one(sql, &[]).await).await.unwrap();
    asked.expect("a row").get(0).unwrap()
}

fn event(aggregate: i64, version: i64) -> NewEvent {
    let (merchant_id, now) =
        (crate::domain::MerchantId(uuid::Uuid::from_u128(1)), crate::domain::parse_timestamp("2026-01-02T03:04:05Z").unwrap());
    let payment_no = format!("PY{aggregate}");
    NewEvent {
        event_id: uuid::Uuid::now_v7(),
        kind: EventKind::PaymentCreated,
        topic: Topic::PaymentEvents,
        aggregate_id: payment_no.clone(),
        aggregate_version: version,
        merchant_id: Some(merchant_id),
        key: format!("key-{aggregate}"),
        timestamp: now,
        cause: Cause::default(),
        producer: "gateway",
        payload: Payload::Payment(Box::new(PaymentPayload {
            payment_no,
            merchant_id,
            order_no: "1".to_owned(),
            amount: version,
            currency: crate::domain::Currency::USD,
            channel: "stripe".to_owned(),
            status: crate::domain::PaymentStatus::Pending,
            customer_email: crate::domain::Email::stored(""),
            created_at: now,
            paid_at: None,
            fee_bps: 0,
            fee_amount: 0,
            extra: Extra::new(),
        })),
    }
}

async fn publish(store: &Store, aggregates: i64, versions: std::ops::Range<i64>) {
    let events: Vec<NewEvent> = versions.flat_map(|version| (0..aggregates).map(move |aggregate| event(aggregate, version))).collect();
    store.write::<_, StoreError, _>(Class::Ingress, async move |tx: &mut Tx| tx.publish(&events).await).await.unwrap();
}

async fn emptied(store: &Store) {
    let empty = async {
        while ask::<i64>(store, "SELECT count(*) FROM outbox").await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, empty).await.expect("the outbox is emptied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_has_one_owner_and_whoever_lost_it_settles_nothing() {
    let Some(platform) = platform().await else { return };
    let store = &platform.context.store;
    publish(store, 20, 1..3).await;
    let (one, other) = (StoreOutbox::new(store, "one"), StoreOutbox::new(store, "other"));
    let held = one.share(&[]).await.unwrap();
    assert_eq!(held.len(), usize::from(SHARDS));
    assert!(other.share(&[]).await.unwrap().is_empty(), "all are held");
    let kept = one.share(&held).await.unwrap();
    assert_eq!(kept.len(), 4, "there are two relays now");
    let taken = other.share(&[]).await.unwrap();
    assert_eq!(taken.len(), 4);
    let lost = held.iter().find(|lease| taken.iter().any(|other| other.shard == lease.shard)).unwrap();
    let mut rows = Vec::new();
    for shard in 0..SHARDS {
        rows.extend(one.batch(&[shard], 1000).await.unwrap().into_iter().map(|record| (shard, record)));
    }
    assert_eq!(rows.len(), 40);
    let (_, record) = rows.iter().find(|(shard, _)| *shard == lost.shard).expect("every shard has rows");
    let placed = [Placed { seq: record.offset, at: record.at, offset: 77 }];
    assert!(!one.settle(&[kept[0], *lost], &placed).await.unwrap());
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM published").await, 0);
    let now_owner = taken.iter().find(|lease| lease.shard == lost.shard).unwrap();
    assert!(other.settle(&[*now_owner], &placed).await.unwrap());
    assert_eq!(ask::<i64>(store, "SELECT log_offset FROM published").await, 77);
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM outbox").await, 39);
    other.leave(&taken).await.unwrap();
    assert_eq!(one.share(&kept).await.unwrap().len(), usize::from(SHARDS), "what was given back can be taken at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_reaches_the_brokers_and_its_place_is_noted() {
    let Some(platform) = platform().await else { return };
    let Some(broker) = TestBroker::found(&[Topic::PaymentEvents, Topic::DlqPayment]).await else { return };
    let store = &platform.context.store;
    let (stop, publisher) = (CancellationToken::new(), Publisher::new(&broker.config).unwrap());
    let relay = Relay::new(StoreOutbox::new(store, "one"), publisher);
    let task = tokio::spawn(relay.run(stop.clone()));
    publish(store, 30, 1..21).await;
    emptied(store).await;
    publish(store, 30, 21..41).await;
    emptied(store).await;
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM published").await, 1200);
    let log = EventLog::kafka(&broker.config).unwrap();
    let mut found = 0;
    for at in Topic::PaymentEvents.all_partitions() {
        let mut versions = std::collections::BTreeMap::<String, i64>::new();
        for record in log.read(at, 0, 100_000).await.unwrap() {
            let headers: crate::event::RecordHeaders = serde_json::from_str(&record.headers).unwrap();
            let version: i64 = headers.aggregate_version.parse().unwrap();
            assert_eq!(crate::event::sha256_hex(&record.value), headers.sha256);
            assert_eq!(versions.insert(headers.aggregate_id, version).unwrap_or(0) + 1, version, "in order, none twice");
            found += 1;
        }
    }
    assert_eq!(found, 1200);
    park(store).await;
    emptied(store).await;
    let dlq = crate::event::TopicPartition { topic: Topic::DlqPayment, partition: 0 };
    let [copy] = &log.read(dlq, 0, 10).await.unwrap()[..] else { panic!("one copy") };
    let headers: std::collections::BTreeMap<String, String> = serde_json::from_str(&copy.headers).unwrap();
    assert_eq!((headers["__dlq.errors.topic"].as_str(), headers["__dlq.errors.group"].as_str()), ("payment.events", "payctl.order"));
    assert_eq!((headers["payctl-error-code"].as_str(), headers["payctl-service"].as_str()), ("PLANTED", "order"));
    assert_eq!((headers["event_type"].as_str(), copy.key.as_str()), ("payment.created", "key-1"));
    stop.cancel();
    task.await.unwrap();
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM leases WHERE expires_at > clock_timestamp()").await, 0);
    broker.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_published_again_lies_where_its_new_copy_does() {
    let Some(platform) = platform().await else { return };
    let store = &platform.context.store;
    publish(store, 1, 1..4).await;
    let outbox = StoreOutbox::new(store, "one");
    let held = outbox.share(&[]).await.unwrap();
    let settle = async |offsets: [i64; 3]| {
        for lease in &held {
            let rows = outbox.batch(&[lease.shard], 10).await.unwrap();
            let placed: Vec<Placed> =
                rows.iter().zip(offsets).map(|(record, offset)| Placed { seq: record.offset, at: record.at, offset }).collect();
            if !placed.is_empty() {
                assert!(outbox.settle(&[*lease], &placed).await.unwrap());
            }
        }
    };
    settle([0, 1, 2]).await;
    let selection = Selection { topic: Topic::PaymentEvents, partition: None, from: None };
    let (last, selected) = store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.selected(selection).await).await.unwrap();
    assert_eq!(selected.iter().map(|one| (one.events, one.waiting)).collect::<Vec<_>>(), [(3, 0)]);
    let page = store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.selected_page(selection, 1, last, 10).await).await.unwrap();
    assert_eq!(page.len(), 2, "behind the first");
    let put = async move |tx: &mut Tx| tx.put_back(Topic::PaymentEvents, &page).await;
    assert_eq!(store.write::<_, StoreError, _>(Class::Background, put).await.unwrap(), 2);
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM published").await, 1);
    // In a topic that was made anew the second event takes the place that the first one had.
    settle([0, 1, 2]).await;
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM published").await, 2, "the first one's place is no longer its own");
    assert_eq!(ask::<i64>(store, "SELECT log_offset FROM published WHERE seq = (SELECT max(seq) FROM events)").await, 1);
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_row_and_what_waits_behind_it_are_not_published_until_it_is_taken() {
    let Some(platform) = platform().await else { return };
    let store = &platform.context.store;
    publish(store, 5, 1..4).await;
    let outbox = StoreOutbox::new(store, "one");
    let held = outbox.share(&[]).await.unwrap();
    let all: Vec<u16> = (0..SHARDS).collect();
    let own = |records: &[crate::event::Record]| records.iter().filter(|record| record.key == "key-3").cloned().collect::<Vec<_>>();
    let rows = own(&outbox.batch(&all, 100).await.unwrap());
    let reason = |row: usize| (row == 0).then(|| "too large".to_owned());
    let aside: Vec<Aside> = rows.iter().enumerate().map(|(number, row)| Aside { seq: row.offset, refusal: reason(number) }).collect();
    assert!(outbox.set_aside(&held, &aside).await.unwrap());
    assert_eq!(outbox.batch(&all, 100).await.unwrap().len(), 12);
    let refusals = outbox.refusals().await.unwrap();
    let [refusal] = &refusals[..] else { panic!("one is refused: {refusals:?}") };
    assert_eq!((refusal.seq, refusal.aggregate_id.as_deref(), refusal.reason.as_str()), (rows[0].offset, Some("PY3"), "too large"));
    assert!(refusal.event_id.is_some());
    assert_eq!(ask::<i64>(store, "SELECT count(*) FROM outbox").await, 15, "nothing is lost");
    let again = outbox.batch(&[refused_shard(refusal.shard)], 10).await.unwrap();
    assert_eq!(again.len(), 1);
    let placed = [Placed { seq: again[0].offset, at: again[0].at, offset: 0 }];
    assert!(outbox.settle(&held, &placed).await.unwrap());
    assert!(outbox.bring_back(&held, "PY3").await.unwrap());
    assert!(outbox.refusals().await.unwrap().is_empty());
    let back = own(&outbox.batch(&all, 100).await.unwrap());
    assert_eq!(back.iter().map(|row| row.offset).collect::<Vec<_>>(), rows[1..].iter().map(|row| row.offset).collect::<Vec<_>>());
    let lost = [crate::store::ShardLease { epoch: 77, ..held[0] }];
    assert!(!outbox.set_aside(&lost, &aside).await.unwrap(), "whoever lost a shard sets nothing aside");
}

/// Parks one record, as a group would.
async fn park(store: &Store) {
    let encoded = Arc::new(crate::event::EncodedEvent::new(event(1, 1)).unwrap());
    let park = async move |tx: &mut Tx| {
        let record = crate::event::Record {
            at: encoded.encoded.at,
            offset: 5,
            key: encoded.event.key.clone(),
            headers: encoded.encoded.headers.clone(),
            value: encoded.encoded.value.clone(),
            is_tombstone: false,
            created_at: "2026-01-02T03:04:05Z".to_owned(),
        };
        let parked = crate::store::Parked {
            record: &record,
            event_id: Some(encoded.event.event_id.to_string()),
            event_type: Some("payment.created".to_owned()),
            aggregate_id: Some("PY1".to_owned()),
            hold_key: Some("PY1".to_owned()),
            version: Some(1),
            merchant_id: None,
            state: crate::store::ParkedState::Failed,
            attempts: 1,
            code: "PLANTED".to_owned(),
            message: "planted".to_owned(),
            retryable: false,
        };
        tx.park("payctl.order", &[parked]).await
    };
    store.write::<_, StoreError, _>(Class::Consumer, park).await.unwrap();
}
