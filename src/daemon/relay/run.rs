use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::event::Topic;
use crate::fault::{self, Point};
use crate::log::LogError;
use crate::store::{Placed, ShardLease, StoreError};
use crate::telemetry;

use super::lane::{LANES, Lanes, lane_of};
use super::outbox::Outbox;
use super::sink::Sink;

/// Rows of one shard that are under way at once.
const BATCH: u32 = 500;
/// How often leases are renewed; well within the term.
const RENEW: Duration = Duration::from_secs(1);
/// Commits of other processes ring no bell here, so the outbox is looked at so often while there is work …
const LOOK_FIRST: Duration = Duration::from_millis(5);
/// … and so often while there is none.
const LOOK_LAST: Duration = Duration::from_millis(50);
/// A shard that failed rests so long at first …
const REST_FIRST: Duration = Duration::from_millis(50);
/// … and so long in the end.
const REST_LAST: Duration = Duration::from_secs(5);
/// How long what is under way may take when the platform stops.
const DRAIN: Duration = Duration::from_secs(5);

/// What the health checks see of the relay.
#[derive(Debug, Clone, Default)]
pub struct RelayStatus(Arc<Mutex<Option<String>>>);

impl RelayStatus {
    /// Why nothing is published at present.
    pub fn fault(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, fault: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

/// Publishes what the outbox holds.
pub struct Relay<O, S> {
    outbox: O,
    sink: S,
    status: RelayStatus,
    held: Vec<ShardLease>,
    /// Shards that failed: how often in a row, and until when they rest.
    resting: BTreeMap<u16, (u32, Instant)>,
}

/// Why a shard stopped.
#[derive(Debug, thiserror::Error)]
enum ShardError {
    #[error("a shard has been taken by another relay")]
    Taken,
    #[error("the outbox cannot be read or settled: {0}")]
    Store(#[from] StoreError),
    #[error("the log takes no records: {0}")]
    Log(LogError),
}

impl<O: Outbox, S: Sink> Relay<O, S> {
    /// A relay from `outbox` to `sink`; it does nothing before it runs.
    pub fn new(outbox: O, sink: S) -> Self {
        Self { outbox, sink, status: RelayStatus::default(), held: Vec::new(), resting: BTreeMap::new() }
    }

    /// What the health checks look at.
    pub fn status(&self) -> RelayStatus {
        self.status.clone()
    }

    /// Publishes until it is told to stop; what is under way then is waited for, within a limit.
    pub async fn run(mut self, stop: CancellationToken) {
        let Self { outbox, sink, status, held, resting } = &mut self;
        let (outbox, sink) = (&*outbox, &*sink);
        let mut bell = outbox.bell();
        let mut renewal = tokio::time::interval(RENEW);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = LOOK_FIRST;
        let mut draining = FuturesUnordered::new();
        let mut lanes = Lanes::new(Instant::now());
        loop {
            let begins = lanes.next();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = renewal.tick() => renew(outbox, held, status).await,
                Some((number, lane, outcome)) = draining.next() => {
                    let lane: Vec<ShardLease> = lane;
                    lanes.end(number);
                    if done(&lane, outcome, resting, status) {
                        renew(outbox, held, status).await;
                    }
                    look = LOOK_FIRST;
                }
                Ok(()) = bell.changed() => {
                    lanes.want(0..LANES);
                    look = LOOK_FIRST;
                }
                () = tokio::time::sleep_until(begins.unwrap_or_else(Instant::now)), if begins.is_some() => {}
                () = tokio::time::sleep(look) => {
                    look = look.saturating_mul(2).min(LOOK_LAST);
                    match outbox.waiting().await {
                        Ok(waiting) => lanes.want(waiting.into_iter().map(lane_of)),
                        Err(error) => status.set(Some(format!("the outbox cannot be read: {error}"))),
                    }
                }
            }
            for number in lanes.begin(Instant::now()) {
                let lane = shards_of(number, held, resting);
                draining.push(async move {
                    let outcome = drain(outbox, sink, &lane).await;
                    (number, lane, outcome)
                });
            }
        }
        let ending = async { while draining.next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, ending).await.is_err() {
            // Its rows are still in the outbox: whoever starts next publishes them.
            sink.abandon();
        }
        drop(draining);
        if let Err(error) = outbox.leave(held).await {
            tracing::debug!(%error, "shards are not given back; their leases will end");
        }
    }
}

async fn renew<O: Outbox>(outbox: &O, held: &mut Vec<ShardLease>, status: &RelayStatus) {
    match outbox.share(held).await {
        Ok(shared) => *held = shared,
        // Whoever cannot renew cannot settle either, so nothing goes wrong while the lease may have ended.
        Err(error) => status.set(Some(format!("the shards cannot be renewed: {error}"))),
    }
    if let Ok((rows, oldest)) = outbox.backlog().await {
        telemetry::outbox(rows, oldest);
    }
}

/// Our shards of a lane that do not rest.
fn shards_of(lane: u16, held: &[ShardLease], resting: &BTreeMap<u16, (u32, Instant)>) -> Vec<ShardLease> {
    let now = Instant::now();
    let is_due = |lease: &&ShardLease| lane_of(lease.shard) == lane && resting.get(&lease.shard).is_none_or(|(_, until)| *until <= now);
    held.iter().filter(is_due).copied().collect()
}

/// Takes note of how a lane went; `true` where a shard of it is not ours any more.
fn done(lane: &[ShardLease], outcome: Result<(), ShardError>, resting: &mut BTreeMap<u16, (u32, Instant)>, status: &RelayStatus) -> bool {
    let error = match outcome {
        Ok(()) => {
            for lease in lane {
                resting.remove(&lease.shard);
            }
            status.set(None);
            return false;
        }
        Err(error) => error,
    };
    if matches!(error, ShardError::Log(_)) {
        telemetry::relay_failed(1);
    }
    for lease in lane {
        let failures = resting.get(&lease.shard).map_or(1, |(failures, _)| failures.saturating_add(1));
        let rest = REST_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(REST_LAST);
        resting.insert(lease.shard, (failures, Instant::now() + rest));
        if failures == 1 {
            tracing::warn!(shard = lease.shard, %error, "a shard of the outbox rests and will begin again at its oldest row");
        }
    }
    status.set(Some(error.to_string()));
    matches!(error, ShardError::Taken)
}

/// Publishes shards until they have no more than a moment's rows left.
async fn drain<O: Outbox, S: Sink>(outbox: &O, sink: &S, lane: &[ShardLease]) -> Result<(), ShardError> {
    let shards: Vec<u16> = lane.iter().map(|lease| lease.shard).collect();
    if shards.is_empty() {
        return Ok(());
    }
    loop {
        let records = outbox.batch(&shards, BATCH).await?;
        if records.is_empty() {
            return Ok(());
        }
        if fault::is_due(Point::SettlesBeforePublishing) {
            let guessed: Vec<Placed> =
                records.iter().map(|record| Placed { seq: record.offset, at: record.at, offset: record.offset }).collect();
            outbox.settle(lane, &guessed).await?;
            fault::happen(Point::SettlesBeforePublishing);
        }
        let offsets = sink.publish(&records).await.map_err(|error| ShardError::Log(error.0))?;
        let placed: Vec<Placed> =
            records.iter().zip(offsets).map(|(record, offset)| Placed { seq: record.offset, at: record.at, offset }).collect();
        fault::reach(Point::RelayAcknowledged);
        if !outbox.settle(lane, &placed).await? {
            return Err(ShardError::Taken);
        }
        count(&placed);
        if placed.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
}

fn count(placed: &[Placed]) {
    let mut topics: BTreeMap<Topic, u64> = BTreeMap::new();
    for one in placed {
        *topics.entry(one.at.topic).or_default() += 1;
    }
    for (topic, events) in topics {
        telemetry::relay_published(topic.name(), events);
    }
}
