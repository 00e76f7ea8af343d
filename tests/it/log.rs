//! What every engine of the event log must do.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use payctl::config::Ambient;
use payctl::event::{NewEvent, Record, Topic, TopicPartition, encode, partition_of};
use payctl::log::{Delivery, EventLog, LogError, Subscription};
use payctl::store::{Class, Store, StoreError, Tx};

use crate::engine::{Embedded, Engine, conformance, event};
use crate::kafka::Kafka;

conformance! { embedded on super::Embedded::new();
    a_record_is_what_was_published
    keys_lie_where_java_clients_put_them
    the_records_of_a_partition_keep_the_order_of_their_commits
    bounds_tell_where_a_partition_begins_and_ends
    reading_starts_where_it_is_told_and_stops_at_its_limit
    a_scan_reads_every_partition_once_from_where_it_began_to_where_it_ended
    a_subscription_is_first_told_what_is_its_own
    nothing_is_delivered_before_the_caller_has_said_from_where
    a_subscription_delivers_everything_from_there_on
    seeking_back_delivers_again
    beyond_the_end_there_is_nothing_yet
    a_partition_with_a_backlog_does_not_starve_the_others
    a_commit_wakes_a_subscription_that_waits_without_polling
    what_was_rolled_back_is_never_delivered
    subscriptions_do_not_disturb_each_other
    writers_and_a_reader_at_once_lose_and_repeat_nothing
    what_was_published_before_is_there_after_opening_again
}

conformance! { kafka if super::Kafka::reachable().await; {
    a_record_is_what_was_published
    keys_lie_where_java_clients_put_them
    the_records_of_a_partition_keep_the_order_of_their_commits
    bounds_tell_where_a_partition_begins_and_ends
    reading_starts_where_it_is_told_and_stops_at_its_limit
    a_scan_reads_every_partition_once_from_where_it_began_to_where_it_ended
    a_subscription_is_first_told_what_is_its_own
    nothing_is_delivered_before_the_caller_has_said_from_where
    a_subscription_delivers_everything_from_there_on
    seeking_back_delivers_again
    a_partition_with_a_backlog_does_not_starve_the_others
    a_commit_wakes_a_subscription_that_waits_without_polling
    what_was_rolled_back_is_never_delivered
    subscriptions_do_not_disturb_each_other
    writers_and_a_reader_at_once_lose_and_repeat_nothing
    what_was_published_before_is_there_after_opening_again
} }

const TOPIC: Topic = Topic::PaymentEvents;
/// Long enough for anything that is going to happen.
const SOON: Duration = Duration::from_secs(10);
/// Long enough to see that nothing happens.
const QUIET: Duration = Duration::from_millis(200);

async fn publish(engine: &impl Engine, store: &Store, events: Vec<NewEvent>) {
    store.write(Class::Ingress, async move |tx: &mut Tx| tx.publish(&events).await).await.unwrap();
    engine.relayed(store).await;
}

/// `count` events of one aggregate under `key`, versions from `first` on.
fn events(ambient: &Ambient, payment_no: &str, key: &str, first: i64, count: i64) -> Vec<NewEvent> {
    (first..first + count).map(|version| event(ambient, payment_no, version, key)).collect()
}

/// A key for each partition of the topic.
fn keys() -> BTreeMap<u16, String> {
    let mut found = BTreeMap::new();
    for number in 0..1000 {
        let key = format!("key-{number}");
        found.entry(partition_of(key.as_bytes(), TOPIC.partitions())).or_insert(key);
    }
    assert_eq!(found.len(), usize::from(TOPIC.partitions()));
    found
}

fn at(key: &str) -> TopicPartition {
    TopicPartition { topic: TOPIC, partition: partition_of(key.as_bytes(), TOPIC.partitions()) }
}

/// A group that nobody else is in.
fn group() -> String {
    format!("suite-{}", Ambient::system().uuid())
}

/// A subscription that reads every partition from its start.
async fn subscribed(log: &EventLog) -> Subscription {
    let mut subscription = log.subscribe(&group(), &[TOPIC]);
    let Delivery::Assigned(partitions) = subscription.next(1).await.unwrap() else { panic!("assigned first") };
    for at in partitions {
        subscription.seek(at, 0);
    }
    subscription
}

async fn records(subscription: &mut Subscription, limit: u32) -> (TopicPartition, Vec<Record>) {
    match tokio::time::timeout(SOON, subscription.next(limit)).await.expect("records are due").unwrap() {
        Delivery::Records(at, records) => (at, records),
        Delivery::Assigned(_) | Delivery::Revoked(_) => panic!("assigned once only"),
    }
}

/// Takes `count` records, however they are delivered.
async fn take(subscription: &mut Subscription, count: usize) -> Vec<Record> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let (at, found) = records(subscription, 7).await;
        assert!(!found.is_empty() && found.len() <= 7 && found.iter().all(|record| record.at == at));
        taken.extend(found);
    }
    taken
}

async fn is_quiet(subscription: &mut Subscription) -> bool {
    tokio::time::timeout(QUIET, subscription.next(10)).await.is_err()
}

fn versions(records: &[Record]) -> Vec<i64> {
    let version =
        |record: &Record| serde_json::from_slice::<serde_json::Value>(&record.value).unwrap()["metadata"]["aggregate_version"].as_i64();
    records.iter().map(|record| version(record).unwrap()).collect()
}

async fn a_record_is_what_was_published(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let event = event(&ambient, "PY1", 1, "merchant");
    let encoded = encode(&event).unwrap();
    publish(&engine, &store, vec![event]).await;
    let found = take(&mut subscribed(&engine.log(&store)).await, 1).await;
    let [record] = &found[..] else { panic!("{found:?}") };
    assert_eq!((record.at, &record.key, &record.value), (encoded.at, &"merchant".to_owned(), &encoded.value));
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(json(&record.headers), json(&encoded.headers));
}

async fn keys_lie_where_java_clients_put_them(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    // From Kafka's own test of murmur2: -790332482, 479470107 and -973932308, made positive, modulo 6.
    for (key, partition) in [("foobar", 0), ("abc", 3), ("21", 0)] {
        publish(&engine, &store, vec![event(&ambient, key, 1, key)]).await;
        let found = engine.log(&store).read(TopicPartition { topic: TOPIC, partition }, 0, 100).await.unwrap();
        assert!(found.iter().any(|record| record.key == key), "{key} is not on partition {partition}");
    }
}

async fn the_records_of_a_partition_keep_the_order_of_their_commits(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    for first in [1, 4, 7] {
        publish(&engine, &store, events(&ambient, "PY1", "key", first, 3)).await;
    }
    let found = take(&mut subscribed(&engine.log(&store)).await, 9).await;
    assert_eq!(versions(&found), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert!(found.windows(2).all(|pair| pair[0].offset < pair[1].offset));
}

async fn bounds_tell_where_a_partition_begins_and_ends(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let log = engine.log(&store);
    let empty = log.bounds(TOPIC).await.unwrap();
    assert_eq!(empty.keys().copied().collect::<Vec<_>>(), (0..TOPIC.partitions()).collect::<Vec<_>>());
    assert!(empty.values().all(|bounds| bounds.start == bounds.end));
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 5)).await;
    let bounds = log.bounds(TOPIC).await.unwrap();
    let found = log.read(at("key"), 0, 100).await.unwrap();
    let own = bounds[&at("key").partition];
    assert_eq!((own.start, own.end), (found[0].offset, found[4].offset + 1));
    assert!(bounds.iter().filter(|(partition, _)| **partition != at("key").partition).all(|(_, bounds)| bounds.start == bounds.end));
}

async fn reading_starts_where_it_is_told_and_stops_at_its_limit(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let log = engine.log(&store);
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 10)).await;
    let all = log.read(at("key"), 0, 100).await.unwrap();
    assert_eq!(versions(&all), (1..=10).collect::<Vec<_>>());
    assert_eq!(versions(&log.read(at("key"), all[4].offset, 3).await.unwrap()), [5, 6, 7]);
    assert_eq!(log.read(at("key"), all[9].offset + 1, 3).await.unwrap().len(), 0);
}

async fn a_scan_reads_every_partition_once_from_where_it_began_to_where_it_ended(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let log = engine.log(&store);
    for (number, key) in keys().values().enumerate() {
        publish(&engine, &store, events(&ambient, &format!("PY{number}"), key, 1, 20)).await;
    }
    let mut ranges: Vec<_> =
        log.bounds(TOPIC).await.unwrap().into_iter().map(|(partition, bounds)| (at_partition(partition), bounds)).collect();
    let later = log.read(at("key-0"), 0, 100).await.unwrap()[4].offset;
    ranges.iter_mut().filter(|(place, _)| *place == at("key-0")).for_each(|(_, bounds)| bounds.start = later);
    publish(&engine, &store, events(&ambient, "PY0", "key-0", 21, 5)).await;
    for ((place, bounds), mut scan) in ranges.clone().into_iter().zip(log.scan(ranges).await.unwrap()) {
        let mut found = Vec::new();
        loop {
            let page = scan.next(7).await.unwrap();
            assert!(page.len() <= 7 && page.iter().all(|record| record.at == place));
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        let mut expected = log.read(place, bounds.start, 100).await.unwrap();
        expected.retain(|record| record.offset < bounds.end);
        assert_eq!(found, expected);
        assert_eq!(
            found.len(),
            if place == at("key-0") {
                16
            } else if bounds.start == bounds.end {
                0
            } else {
                20
            }
        );
    }
}

fn at_partition(partition: u16) -> TopicPartition {
    TopicPartition { topic: TOPIC, partition }
}

async fn a_subscription_is_first_told_what_is_its_own(engine: impl Engine) {
    let store = engine.open();
    let mut subscription = engine.log(&store).subscribe(&group(), &[TOPIC, Topic::OrderEvents]);
    let Delivery::Assigned(partitions) = subscription.next(1).await.unwrap() else { panic!("assigned first") };
    let expected: BTreeSet<TopicPartition> = [TOPIC, Topic::OrderEvents].iter().flat_map(|topic| topic.all_partitions()).collect();
    assert_eq!(partitions.len(), expected.len());
    assert_eq!(partitions.into_iter().collect::<BTreeSet<_>>(), expected);
}

async fn nothing_is_delivered_before_the_caller_has_said_from_where(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 3)).await;
    let mut subscription = engine.log(&store).subscribe(&group(), &[TOPIC]);
    let Delivery::Assigned(partitions) = subscription.next(10).await.unwrap() else { panic!("assigned first") };
    assert!(is_quiet(&mut subscription).await);
    partitions.into_iter().filter(|other| *other != at("key")).for_each(|other| subscription.hold(other));
    assert!(is_quiet(&mut subscription).await);
    subscription.seek(at("key"), 0);
    assert_eq!(versions(&records(&mut subscription, 10).await.1), [1, 2, 3]);
}

async fn a_subscription_delivers_everything_from_there_on(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    for (number, key) in keys().values().enumerate() {
        publish(&engine, &store, events(&ambient, &format!("PY{number}"), key, 1, 5)).await;
    }
    let log = engine.log(&store);
    let mut subscription = subscribed(&log).await;
    let middle = log.read(at("key-0"), 0, 100).await.unwrap()[2].offset;
    subscription.seek(at("key-0"), middle);
    let found = take(&mut subscription, 5 * 5 + 3).await;
    assert_eq!(found.iter().filter(|record| record.at == at("key-0")).map(|record| record.offset).min(), Some(middle));
    assert!(is_quiet(&mut subscription).await, "and nothing twice");
    publish(&engine, &store, events(&ambient, "PY0", "key-0", 6, 1)).await;
    assert_eq!(versions(&take(&mut subscription, 1).await), [6]);
}

async fn seeking_back_delivers_again(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 6)).await;
    let mut subscription = subscribed(&engine.log(&store)).await;
    let (at, first) = records(&mut subscription, 4).await;
    assert_eq!(versions(&first), [1, 2, 3, 4]);
    subscription.seek(at, first[2].offset);
    assert_eq!(versions(&records(&mut subscription, 4).await.1), [3, 4, 5, 6]);
}

async fn beyond_the_end_there_is_nothing_yet(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 6)).await;
    let mut subscription = subscribed(&engine.log(&store)).await;
    let (at, found) = records(&mut subscription, 100).await;
    subscription.seek(at, found[0].offset + 1_000_000);
    assert!(is_quiet(&mut subscription).await);
}

async fn a_partition_with_a_backlog_does_not_starve_the_others(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let keys: Vec<String> = keys().into_values().collect();
    publish(&engine, &store, events(&ambient, "PYlong", &keys[0], 1, 200)).await;
    for (number, key) in keys.iter().enumerate().skip(1) {
        publish(&engine, &store, events(&ambient, &format!("PY{number}"), key, 1, 2)).await;
    }
    let mut subscription = subscribed(&engine.log(&store)).await;
    let mut served = BTreeSet::new();
    // The long one alone would take twenty rounds; on a broker the others may come a moment after it.
    for _ in 0..12 {
        served.insert(records(&mut subscription, 10).await.0);
        if served.len() == keys.len() {
            return;
        }
    }
    panic!("only these were served while there was a backlog: {served:?}");
}

async fn a_commit_wakes_a_subscription_that_waits_without_polling(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let mut subscription = subscribed(&engine.log(&store)).await;
    let polls = AtomicUsize::new(0);
    let mut next = Box::pin(subscription.next(10));
    let waiting = std::future::poll_fn(|context| {
        polls.fetch_add(1, Ordering::Relaxed);
        Pin::as_mut(&mut next).poll(context)
    });
    let mut waiting = Box::pin(waiting);
    assert!(tokio::time::timeout(QUIET, &mut waiting).await.is_err(), "it has seen that there is nothing");
    let before = polls.load(Ordering::Relaxed);
    assert!(tokio::time::timeout(QUIET, &mut waiting).await.is_err());
    // The timeout itself looks once at its beginning and once at its end.
    let looked = polls.load(Ordering::Relaxed) - before;
    assert!(looked <= 2, "it looked {looked} times though nothing was committed");
    let (delivery, ()) = tokio::join!(tokio::time::timeout(SOON, waiting), publish(&engine, &store, events(&ambient, "PY1", "key", 1, 1)));
    assert!(matches!(delivery.expect("the commit wakes it"), Ok(Delivery::Records(..))));
}

async fn what_was_rolled_back_is_never_delivered(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let mut subscription = subscribed(&engine.log(&store)).await;
    let (lost, kept) = (events(&ambient, "PYlost", "key", 1, 3), events(&ambient, "PYkept", "key", 1, 1));
    let refused = store
        .write(Class::Ingress, async move |tx: &mut Tx| {
            tx.publish(&lost).await?;
            Err::<(), _>(StoreError::Encode("on purpose".to_owned()))
        })
        .await;
    assert!(refused.is_err());
    assert!(is_quiet(&mut subscription).await);
    publish(&engine, &store, kept).await;
    let found = take(&mut subscription, 1).await;
    assert!(String::from_utf8_lossy(&found[0].value).contains("PYkept"));
    assert!(is_quiet(&mut subscription).await);
}

async fn subscriptions_do_not_disturb_each_other(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    let log = engine.log(&store);
    let (mut one, mut other) = (subscribed(&log).await, subscribed(&log).await);
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 8)).await;
    assert_eq!(versions(&take(&mut one, 8).await), (1..=8).collect::<Vec<_>>());
    assert_eq!(versions(&take(&mut other, 8).await), (1..=8).collect::<Vec<_>>());
    let mut late = log.subscribe(&group(), &[Topic::OrderEvents]);
    late.next(1).await.unwrap();
    late.seek(TopicPartition { topic: Topic::OrderEvents, partition: 0 }, 0);
    assert!(is_quiet(&mut late).await, "another topic's records are not its own");
}

async fn writers_and_a_reader_at_once_lose_and_repeat_nothing(engine: impl Engine) {
    const WRITERS: i64 = 8;
    const EACH: i64 = 50;
    let (store, ambient) = (engine.open(), Ambient::system());
    let mut subscription = subscribed(&engine.log(&store)).await;
    let writers = join_all((0..WRITERS).map(|writer| {
        let (engine, store, ambient) = (&engine, &store, &ambient);
        async move {
            for version in 1..=EACH {
                publish(engine, store, vec![event(ambient, &format!("PY{writer}"), version, &format!("key-{writer}"))]).await;
            }
        }
    }));
    let total = usize::try_from(WRITERS * EACH).unwrap();
    let ((), found) = tokio::join!(writers.map(drop), take(&mut subscription, total));
    for writer in 0..WRITERS {
        let own: Vec<Record> = found.iter().filter(|record| record.key == format!("key-{writer}")).cloned().collect();
        assert_eq!(versions(&own), (1..=EACH).collect::<Vec<_>>(), "writer {writer}");
    }
    assert!(is_quiet(&mut subscription).await);
}

async fn what_was_published_before_is_there_after_opening_again(engine: impl Engine) {
    let (store, ambient) = (engine.open(), Ambient::system());
    publish(&engine, &store, events(&ambient, "PY1", "key", 1, 2)).await;
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
    let store = engine.open();
    let mut subscription = subscribed(&engine.log(&store)).await;
    assert_eq!(versions(&take(&mut subscription, 2).await), [1, 2]);
    publish(&engine, &store, events(&ambient, "PY1", "key", 3, 1)).await;
    assert_eq!(versions(&take(&mut subscription, 1).await), [3]);
}

#[tokio::test]
async fn a_log_whose_database_has_stopped_says_so() {
    let engine = Embedded::new();
    let store = engine.open();
    let log = engine.log(&store);
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
    assert!(matches!(log.bounds(TOPIC).await, Err(LogError::Unavailable(_))));
    assert!(matches!(log.read(at("key"), 0, 1).await, Err(LogError::Unavailable(_))));
}
