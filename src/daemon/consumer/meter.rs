use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::domain::parse_timestamp;
use crate::event::TopicPartition;
use crate::log::{EventLog, LogError};
use crate::store::{Store, StoreError, Tx};
use crate::telemetry::{
    self, CONSUMER_BATCH, CONSUMER_DURATION, CONSUMER_LAG, CONSUMER_LAG_AGE, CONSUMER_OFFSET, CONSUMER_PAUSED, CONSUMER_RETRIES,
    DEAD_LETTERS, EVENTS_APPLIED, EVENTS_PARKED, EVENTS_SKIPPED,
};

use super::apply::SliceOutcome;

/// Measuring a long backlog takes its time, and must not take it from the group.
const REST_FACTOR: u32 = 50;

/// What one group tells of itself.
pub(super) struct Meter {
    /// The group as consoles and metrics call it.
    pub(super) service: &'static str,
    log: EventLog,
    last: Mutex<Last>,
}

/// What was last told of where the group stands.
struct Last {
    /// When the lag may next be measured.
    rested_at: Instant,
    /// What is told of a partition stays until something else is told.
    told: HashSet<TopicPartition>,
}

/// How far the group is behind in one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Lag {
    records: i64,
    oldest_s: f64,
}

impl Meter {
    pub(super) fn new(service: &'static str, log: &EventLog) -> Self {
        Self { service, log: log.clone(), last: Mutex::new(Last { rested_at: Instant::now(), told: HashSet::new() }) }
    }

    /// Counts a slice that was committed.
    pub(super) fn committed(&self, at: TopicPartition, records: usize, outcome: SliceOutcome, took: Duration) {
        for (metric, events) in [(&EVENTS_APPLIED, outcome.applied), (&EVENTS_SKIPPED, outcome.skipped), (&EVENTS_PARKED, outcome.parked)] {
            telemetry::count(metric, &[("group", self.service), ("topic", at.topic.name())], u64::try_from(events).unwrap_or(0));
        }
        let group = [("group", self.service)];
        telemetry::observe(&CONSUMER_BATCH, &group, f64::from(u32::try_from(records).unwrap_or(u32::MAX)));
        telemetry::observe(&CONSUMER_DURATION, &group, took.as_secs_f64());
    }

    /// Counts a further try.
    pub(super) fn tries_again(&self) {
        telemetry::count(&CONSUMER_RETRIES, &[("group", self.service)], 1);
    }

    /// Says whether the group cannot go on at present.
    pub(super) fn paused(&self, is_paused: bool) {
        telemetry::set(&CONSUMER_PAUSED, &[("group", self.service)], f64::from(u8::from(is_paused)));
    }

    /// Measures wherever the group comes to stand, for ever.
    pub(super) async fn follow(&self, store: &Store, group: &str, mut standing: watch::Receiver<Vec<(TopicPartition, i64)>>) {
        while standing.changed().await.is_ok() {
            let places = standing.borrow_and_update().clone();
            self.measure(store, group, places).await;
        }
    }

    /// Measures where the group stands. What cannot be asked at present keeps its last value.
    async fn measure(&self, store: &Store, group: &str, standing: Vec<(TopicPartition, i64)>) {
        for (at, next) in &standing {
            self.partition(&CONSUMER_OFFSET, *at, float(*next));
        }
        self.forget(&standing);
        let started = Instant::now();
        if started < self.last().rested_at {
            return;
        }
        let lags = if self.log.has_gaps() { counted(store, standing).await.ok() } else { self.subtracted(store, standing).await.ok() };
        for (at, lag) in lags.unwrap_or_default() {
            self.partition(&CONSUMER_LAG, at, float(lag.records));
            self.partition(&CONSUMER_LAG_AGE, at, lag.oldest_s);
        }
        if let Ok(open) = dead_letters(store, group.to_owned()).await {
            telemetry::set(&DEAD_LETTERS, &[("group", self.service)], float(open));
        }
        self.last().rested_at = Instant::now() + started.elapsed() * REST_FACTOR;
    }

    /// Another member tells of the partitions that are no longer ours.
    fn forget(&self, standing: &[(TopicPartition, i64)]) {
        let ours: HashSet<TopicPartition> = standing.iter().map(|(at, _)| *at).collect();
        let told = std::mem::replace(&mut self.last().told, ours.clone());
        for at in told.difference(&ours) {
            self.partition(&CONSUMER_LAG, *at, 0.0);
            self.partition(&CONSUMER_LAG_AGE, *at, 0.0);
        }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where offsets have no gaps: the end of the partition less the group's place in it.
    async fn subtracted(&self, store: &Store, standing: Vec<(TopicPartition, i64)>) -> Result<Vec<(TopicPartition, Lag)>, LogError> {
        let mut ends = HashMap::new();
        let mut lags = Vec::with_capacity(standing.len());
        for (at, next) in standing {
            if !ends.contains_key(&at) {
                for (partition, bounds) in self.log.bounds(at.topic).await? {
                    ends.insert(TopicPartition { topic: at.topic, partition }, bounds.end);
                }
            }
            let records = ends.get(&at).map_or(0, |end| (end - next).max(0));
            let oldest = if records > 0 { self.log.read(at, next, 1).await?.into_iter().next() } else { None };
            let oldest_s = match oldest {
                Some(record) => age_s(store, record.created_at).await?,
                None => 0.0,
            };
            lags.push((at, Lag { records, oldest_s }));
        }
        Ok(lags)
    }

    fn partition(&self, metric: &'static telemetry::Metric, at: TopicPartition, value: f64) {
        let partition = at.partition.to_string();
        telemetry::set(metric, &[("group", self.service), ("topic", at.topic.name()), ("partition", &partition)], value);
    }
}

/// A partition in which nothing is unread costs one look into the index; the others are counted one by one, so that nobody
/// who reads meanwhile waits for all of them.
async fn counted(store: &Store, standing: Vec<(TopicPartition, i64)>) -> Result<Vec<(TopicPartition, Lag)>, StoreError> {
    let probing = store.read(async move |tx: &mut Tx| {
        let mut found = Vec::with_capacity(standing.len());
        for (at, next) in &standing {
            let sql = "SELECT created_at FROM events WHERE topic = $1 AND partition = $2 AND seq >= $3 ORDER BY seq LIMIT 1";
            let oldest = tx.query_one(sql, &[at.topic.name().into(), at.partition.into(), (*next).into()]).await?;
            let oldest_s = oldest.map(|row| row.get::<String>(0)).transpose()?.map(|created_at| seconds_since(tx, &created_at));
            found.push((*at, *next, oldest_s));
        }
        Ok::<_, StoreError>(found)
    });
    let mut lags = Vec::new();
    for (at, next, oldest_s) in probing.await? {
        let lag = match oldest_s {
            Some(oldest_s) => Lag { records: unread(store, at, next).await?, oldest_s },
            None => Lag::default(),
        };
        lags.push((at, lag));
    }
    Ok(lags)
}

async fn unread(store: &Store, at: TopicPartition, next: i64) -> Result<i64, StoreError> {
    let read = store.read(async move |tx: &mut Tx| {
        let sql = "SELECT count(*) FROM events WHERE topic = $1 AND partition = $2 AND seq >= $3";
        tx.query_one(sql, &[at.topic.name().into(), at.partition.into(), next.into()]).await?.map_or(Ok(0), |row| row.get(0))
    });
    read.await
}

async fn dead_letters(store: &Store, group: String) -> Result<i64, StoreError> {
    let read = store.read(async move |tx: &mut Tx| {
        let open = "SELECT count(*) FROM dlq WHERE grp = $1 AND state IN ('failed', 'blocked', 'replaying')";
        tx.query_one(open, &[group.as_str().into()]).await?.map_or(Ok(0), |row| row.get(0))
    });
    read.await
}

async fn age_s(store: &Store, created_at: String) -> Result<f64, StoreError> {
    store.read(async move |tx: &mut Tx| Ok(seconds_since(tx, &created_at))).await
}

fn seconds_since(tx: &Tx, created_at: &str) -> f64 {
    let age = parse_timestamp(created_at).and_then(|at| (tx.now() - at).to_std().ok());
    age.map_or(0.0, |age| age.as_secs_f64())
}

/// A count as Prometheus holds it; beyond 2^53 it is no longer exact.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other number")]
const fn float(count: i64) -> f64 {
    count as f64
}
