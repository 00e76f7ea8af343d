#![expect(clippy::disallowed_methods, reason = "a test runs the relay as a task of its own")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::event::{Record, Topic, TopicPartition, partition_of};
use crate::log::{EventLog, LogError, PublishError, Publisher};
use crate::store::{Aside, Placed, Refusal, SHARDS, ShardLease, StoreError, refused_shard};
use crate::testing::TestBroker;

use super::share::fair_share;
use super::{Outbox, Relay, Sink};

const TOPIC: Topic = Topic::PaymentEvents;
const SOON: Duration = Duration::from_secs(30);

/// An outbox in memory, shared by relays that each have a name.
#[derive(Clone)]
struct Memory {
    name: &'static str,
    tables: Arc<Tables>,
}

struct Tables {
    rows: Mutex<BTreeMap<i64, (u16, Record)>>,
    leases: Mutex<BTreeMap<u16, (&'static str, i64)>>,
    relays: Mutex<Vec<&'static str>>,
    placed: Mutex<BTreeMap<i64, Placed>>,
    /// Rings for the relay …
    commits: watch::Sender<u64>,
    /// … and for the test.
    settled: watch::Sender<u64>,
}

impl Memory {
    fn new(name: &'static str) -> Self {
        let tables = Tables {
            rows: Mutex::default(),
            leases: Mutex::default(),
            relays: Mutex::default(),
            placed: Mutex::default(),
            commits: watch::channel(0).0,
            settled: watch::channel(0).0,
        };
        Self { name, tables: Arc::new(tables) }
    }

    /// Commits `each` events of each of `aggregates`, in turns.
    fn commit(&self, aggregates: i64, versions: std::ops::Range<i64>) {
        let mut rows = self.tables.rows.lock().unwrap();
        let mut seq = rows.keys().last().copied().unwrap_or(0).max(self.tables.placed.lock().unwrap().keys().last().copied().unwrap_or(0));
        for version in versions {
            for aggregate in 0..aggregates {
                seq += 1;
                let key = format!("PY{aggregate}");
                let at = TopicPartition { topic: TOPIC, partition: partition_of(key.as_bytes(), TOPIC.partitions()) };
                let record = Record {
                    at,
                    offset: seq,
                    key: key.clone(),
                    headers: format!(r#"{{"aggregate_id":"{key}"}}"#),
                    value: version.to_string().into_bytes(),
                    is_tombstone: false,
                    created_at: "2026-01-02T03:04:05.678901Z".to_owned(),
                };
                rows.insert(seq, (partition_of(key.as_bytes(), SHARDS), record));
            }
        }
        drop(rows);
        self.tables.commits.send_modify(|rings| *rings += 1);
    }

    async fn empty(&self) {
        let mut settled = self.tables.settled.subscribe();
        let emptied = settled.wait_for(|_| self.tables.rows.lock().unwrap().is_empty());
        tokio::time::timeout(SOON, emptied).await.expect("the outbox is emptied").unwrap();
    }

    /// Waits until only so many rows are left.
    async fn left(&self, count: usize) {
        let mut settled = self.tables.settled.subscribe();
        let left = settled.wait_for(|_| self.tables.rows.lock().unwrap().len() == count);
        tokio::time::timeout(SOON, left).await.expect("so many rows are left").unwrap();
    }

    /// The number of the row that holds this version of an aggregate.
    fn seq_of(&self, key: &str, version: usize) -> i64 {
        let rows = self.tables.rows.lock().unwrap();
        let own: Vec<i64> = rows.iter().filter(|(_, (_, record))| record.key == key).map(|(seq, _)| *seq).collect();
        own[version - 1]
    }

    fn owners(&self) -> Vec<&'static str> {
        self.tables.leases.lock().unwrap().values().map(|(owner, _)| *owner).collect()
    }
}

impl Outbox for Memory {
    async fn share(&self, held: &[ShardLease]) -> Result<Vec<ShardLease>, StoreError> {
        let alive = {
            let mut relays = self.tables.relays.lock().unwrap();
            if !relays.contains(&self.name) {
                relays.push(self.name);
            }
            i64::try_from(relays.len()).unwrap()
        };
        let mut leases = self.tables.leases.lock().unwrap();
        let mut kept: Vec<ShardLease> =
            held.iter().copied().filter(|lease| leases.get(&lease.shard) == Some(&(self.name, lease.epoch))).collect();
        for given_back in kept.split_off(fair_share(SHARDS, alive).min(kept.len())) {
            leases.insert(given_back.shard, ("", given_back.epoch));
        }
        for shard in 0..SHARDS {
            let (owner, epoch) = leases.get(&shard).copied().unwrap_or(("", 0));
            if kept.len() < fair_share(SHARDS, alive) && owner.is_empty() {
                leases.insert(shard, (self.name, epoch + 1));
                kept.push(ShardLease { shard, epoch: epoch + 1 });
            }
        }
        Ok(kept)
    }

    async fn waiting(&self) -> Result<Vec<u16>, StoreError> {
        Ok(self.tables.rows.lock().unwrap().values().map(|(shard, _)| *shard).collect())
    }

    async fn batch(&self, shards: &[u16], limit: u32) -> Result<Vec<Record>, StoreError> {
        let rows = self.tables.rows.lock().unwrap();
        let own = |wanted: u16| rows.values().filter(move |(shard, _)| *shard == wanted).map(|(_, record)| record.clone());
        Ok(shards.iter().flat_map(|shard| own(*shard).take(usize::try_from(limit).unwrap())).collect())
    }

    async fn settle(&self, leases: &[ShardLease], placed: &[Placed]) -> Result<bool, StoreError> {
        let is_held = |lease: &ShardLease| self.tables.leases.lock().unwrap().get(&lease.shard) == Some(&(self.name, lease.epoch));
        if !leases.iter().all(is_held) {
            return Ok(false);
        }
        for one in placed {
            self.tables.rows.lock().unwrap().remove(&one.seq);
            self.tables.placed.lock().unwrap().entry(one.seq).or_insert(*one);
        }
        self.tables.settled.send_modify(|rings| *rings += 1);
        Ok(true)
    }

    async fn refusals(&self) -> Result<Vec<Refusal>, StoreError> {
        let rows = self.tables.rows.lock().unwrap();
        let refused = rows.values().filter(|(shard, _)| *shard >= refused_shard(0)).map(|(shard, record)| Refusal {
            seq: record.offset,
            shard: shard % 1000,
            aggregate_id: Some(record.key.clone()),
            event_id: None,
            topic: record.at.topic.name().to_owned(),
            reason: "planted".to_owned(),
            refused_at: crate::domain::Timestamp::default(),
        });
        Ok(refused.collect())
    }

    async fn set_aside(&self, _leases: &[ShardLease], aside: &[Aside]) -> Result<bool, StoreError> {
        let mut rows = self.tables.rows.lock().unwrap();
        for one in aside {
            let (shard, _) = rows.get_mut(&one.seq).unwrap();
            *shard = *shard % 1000 + if one.refusal.is_some() { refused_shard(0) } else { 1000 };
        }
        self.tables.settled.send_modify(|rings| *rings += 1);
        Ok(true)
    }

    async fn bring_back(&self, _leases: &[ShardLease], aggregate_id: &str) -> Result<bool, StoreError> {
        let mut rows = self.tables.rows.lock().unwrap();
        for (shard, _) in rows.values_mut().filter(|(shard, record)| *shard < refused_shard(0) && record.key == aggregate_id) {
            *shard %= 1000;
        }
        Ok(true)
    }

    async fn backlog(&self) -> Result<(u64, Duration), StoreError> {
        Ok((self.tables.rows.lock().unwrap().len() as u64, Duration::ZERO))
    }

    async fn leave(&self, held: &[ShardLease]) -> Result<(), StoreError> {
        let mut leases = self.tables.leases.lock().unwrap();
        for lease in held {
            leases.insert(lease.shard, ("", lease.epoch));
        }
        self.tables.relays.lock().unwrap().retain(|name| *name != self.name);
        Ok(())
    }

    fn bell(&self) -> watch::Receiver<u64> {
        self.tables.commits.subscribe()
    }
}

/// A log in memory that may break in the middle of a batch.
#[derive(Clone, Default)]
struct Paper(Arc<PaperState>);

#[derive(Default)]
struct PaperState {
    records: Mutex<Vec<Record>>,
    /// The next calls publish so many records and then fail.
    faults: Mutex<Vec<usize>>,
    /// The row that is refused for its own sake.
    refused: Mutex<Option<i64>>,
}

impl Sink for Paper {
    async fn publish(&self, records: &[Record]) -> Result<Vec<i64>, PublishError> {
        let refused = *self.0.refused.lock().unwrap();
        if refused.is_some_and(|seq| records.iter().any(|record| record.offset == seq)) {
            return Err(PublishError(LogError::Record("planted".to_owned())));
        }
        let fault = self.0.faults.lock().unwrap().pop();
        let mut written = self.0.records.lock().unwrap();
        written.extend(records.iter().take(fault.unwrap_or(usize::MAX)).cloned());
        match fault {
            None => Ok(records.iter().map(|record| record.offset).collect()),
            Some(_) => Err(PublishError(LogError::Broker("planted".to_owned()))),
        }
    }

    fn abandon(&self) {}
}

fn start<S: Sink>(outbox: &Memory, sink: S) -> (CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(Relay::new(outbox.clone(), sink).run(stop)))
}

/// The versions of an aggregate, without the copies of what was there before.
fn firsts(records: &[Record], key: &str) -> Vec<i64> {
    let mut seen = Vec::new();
    for record in records.iter().filter(|record| record.key == key) {
        let text = std::str::from_utf8(&record.value).unwrap();
        let version = text.rsplit(' ').next().unwrap().parse().unwrap();
        if !seen.contains(&version) {
            seen.push(version);
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_is_published_once_and_in_order() {
    let (outbox, paper) = (Memory::new("one"), Paper::default());
    outbox.commit(20, 1..6);
    let (stop, task) = start(&outbox, paper.clone());
    outbox.empty().await;
    outbox.commit(20, 6..11);
    outbox.empty().await;
    stop.cancel();
    task.await.unwrap();
    let written = paper.0.records.lock().unwrap().clone();
    assert_eq!(written.len(), 200);
    for aggregate in 0..20 {
        assert_eq!(firsts(&written, &format!("PY{aggregate}")), (1..11).collect::<Vec<_>>());
    }
    assert!(outbox.owners().iter().all(|owner| owner.is_empty()), "the shards are given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_error_a_shard_begins_again_at_its_oldest_row() {
    let (outbox, paper) = (Memory::new("one"), Paper::default());
    outbox.commit(20, 1..11);
    *paper.0.faults.lock().unwrap() = vec![3, 0, 7, 1, 12, 5];
    let (stop, task) = start(&outbox, paper.clone());
    outbox.empty().await;
    stop.cancel();
    task.await.unwrap();
    let written = paper.0.records.lock().unwrap().clone();
    assert!(written.len() > 200, "something was published twice");
    for aggregate in 0..20 {
        assert_eq!(firsts(&written, &format!("PY{aggregate}")), (1..11).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_share_the_shards_and_one_that_leaves_gives_its_own_back() {
    let (one, paper) = (Memory::new("one"), Paper::default());
    let other = Memory { name: "other", ..one.clone() };
    let ((stop_one, task_one), (stop_other, task_other)) = (start(&one, paper.clone()), start(&other, paper.clone()));
    let both = async {
        while one.owners().iter().filter(|owner| **owner == "other").count() != 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, both).await.expect("each has half");
    one.commit(40, 1..4);
    one.empty().await;
    stop_other.cancel();
    task_other.await.unwrap();
    one.commit(40, 4..7);
    one.empty().await;
    stop_one.cancel();
    task_one.await.unwrap();
    assert_eq!(paper.0.records.lock().unwrap().len(), 240, "nothing twice, nothing left");
}

#[tokio::test]
async fn a_relay_whose_shard_was_taken_settles_nothing() {
    let outbox = Memory::new("one");
    outbox.commit(1, 1..2);
    let held = outbox.share(&[]).await.unwrap();
    for epoch in outbox.tables.leases.lock().unwrap().values_mut() {
        *epoch = ("other", epoch.1 + 1);
    }
    let seq = outbox.tables.rows.lock().unwrap().keys().copied().next().unwrap();
    let placed = Placed { seq, at: TopicPartition { topic: TOPIC, partition: 0 }, offset: 0 };
    assert!(matches!(outbox.settle(&held[..1], &[placed]).await, Ok(false)));
    assert_eq!(outbox.tables.rows.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_broker_nothing_is_lost_and_nothing_overtakes_however_often_the_producer_breaks() {
    let Some(broker) = TestBroker::found(&[TOPIC]).await else { return };
    let (outbox, publisher) = (Memory::new("one"), Publisher::new(&broker.config).unwrap());
    let (stop, task) = start(&outbox, publisher.clone());
    for round in 0..10 {
        outbox.commit(50, round * 20 + 1..round * 20 + 21);
        tokio::time::sleep(Duration::from_millis(7 * u64::try_from(round).unwrap())).await;
        publisher.abandon();
    }
    outbox.empty().await;
    stop.cancel();
    task.await.unwrap();
    let log = EventLog::kafka(&broker.config).unwrap();
    let mut written = Vec::new();
    for at in TOPIC.all_partitions() {
        written.extend(log.read(at, 0, 100_000).await.unwrap());
    }
    for aggregate in 0..50 {
        assert_eq!(firsts(&written, &format!("PY{aggregate}")), (1..201).collect::<Vec<_>>());
    }
    let placed = outbox.tables.placed.lock().unwrap().clone();
    assert_eq!(placed.len(), 10_000);
    assert!(placed.values().all(|one| written.iter().any(|record| (record.at, record.offset) == (one.at, one.offset))));
    broker.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_refused_for_its_own_sake_stops_its_aggregate_and_no_other_until_it_is_taken() {
    let (outbox, paper) = (Memory::new("one"), Paper::default());
    outbox.commit(20, 1..6);
    *paper.0.refused.lock().unwrap() = Some(outbox.seq_of("PY7", 2));
    let relay = Relay::new(outbox.clone(), paper.clone());
    let (stop, status) = (CancellationToken::new(), relay.status());
    let task = tokio::spawn(relay.run(stop.clone()));
    outbox.left(4).await;
    outbox.commit(20, 6..8);
    outbox.left(6).await;
    stop.cancel();
    task.await.unwrap();
    let told = status.fault().expect("people hear of it");
    assert!(told.starts_with("the brokers refuse") && told.ends_with("planted; its aggregate waits behind it"), "{told}");
    let written = paper.0.records.lock().unwrap().clone();
    assert_eq!(firsts(&written, "PY7"), [1]);
    assert_eq!(firsts(&written, "PY8"), (1..8).collect::<Vec<_>>());

    // Whoever starts next tries it at once.
    *paper.0.refused.lock().unwrap() = None;
    let (stop, task) = start(&outbox, paper.clone());
    outbox.empty().await;
    stop.cancel();
    task.await.unwrap();
    let written = paper.0.records.lock().unwrap().clone();
    assert_eq!(firsts(&written, "PY7"), (1..8).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_topic_that_takes_only_small_records_a_large_one_stops_its_aggregate_alone() {
    let Some(broker) = TestBroker::found(&[TOPIC]).await else { return };
    broker.limit(TOPIC, 4096).await;
    let (outbox, publisher) = (Memory::new("one"), Publisher::new(&broker.config).unwrap());
    outbox.commit(20, 1..31);
    let large = outbox.seq_of("PY7", 2);
    // Hashes cannot be compressed to nothing, as zeros could.
    let filling: String = (0..400_u32).map(|number| crate::event::sha256_hex(&number.to_be_bytes())).collect();
    outbox.tables.rows.lock().unwrap().get_mut(&large).unwrap().1.value = format!("{filling} 2").into_bytes();
    let (stop, task) = start(&outbox, publisher.clone());
    outbox.left(29).await;
    stop.cancel();
    task.await.unwrap();
    broker.limit(TOPIC, 1_048_588).await;
    let (stop, task) = start(&outbox, publisher);
    outbox.empty().await;
    stop.cancel();
    task.await.unwrap();
    let log = EventLog::kafka(&broker.config).unwrap();
    let mut written = Vec::new();
    for at in TOPIC.all_partitions() {
        written.extend(log.read(at, 0, 100_000).await.unwrap());
    }
    for aggregate in 0..20 {
        assert_eq!(firsts(&written, &format!("PY{aggregate}")), (1..31).collect::<Vec<_>>());
    }
    broker.gone().await;
}
