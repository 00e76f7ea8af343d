use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::config::Ambient;
use crate::fault::{self, Point};
use crate::store::{Placed, ShardLease};
use crate::telemetry;

use super::carrier::{Carrier, ShardError};
use super::lane::{LANES, Lanes, lane_of};
use super::outbox::Outbox;
use super::refusals::Refusals;
use super::sink::Sink;

/// Rows of one shard that are under way at once.
const BATCH: u32 = 500;
/// Who holds this shard does what only one process need do.
const TENDS: u16 = 0;
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
pub struct RelayStatus(Arc<Mutex<Faults>>);

#[derive(Debug, Default)]
struct Faults {
    /// What will pass by itself.
    passing: Option<String>,
    /// What waits for a person.
    refused: Option<String>,
}

impl RelayStatus {
    /// Why nothing, or not everything, is published at present.
    pub fn fault(&self) -> Option<String> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.passing.clone().or_else(|| faults.refused.clone())
    }

    fn set(&self, fault: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passing = fault;
    }

    fn refuse(&self, reason: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused = reason;
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
    refusals: Refusals,
    ambient: Option<Ambient>,
}

impl<O: Outbox, S: Sink> Relay<O, S> {
    /// A relay from `outbox` to `sink`; it does nothing before it runs.
    pub fn new(outbox: O, sink: S) -> Self {
        Self {
            outbox,
            sink,
            status: RelayStatus::default(),
            held: Vec::new(),
            resting: BTreeMap::new(),
            refusals: Refusals::default(),
            ambient: None,
        }
    }

    /// Tells traces of what it carries, by this clock.
    #[must_use]
    pub fn traced(mut self, ambient: &Ambient) -> Self {
        self.ambient = Some(ambient.clone());
        self
    }

    /// What the health checks look at.
    pub fn status(&self) -> RelayStatus {
        self.status.clone()
    }

    /// Publishes until it is told to stop; what is under way then is waited for, within a limit.
    pub async fn run(mut self, stop: CancellationToken) {
        let Self { outbox, sink, status, held, resting, refusals, ambient } = &mut self;
        let (outbox, sink, refusals, ambient) = (&*outbox, &*sink, &*refusals, ambient.as_ref());
        let mut bell = outbox.bell();
        let mut renewal = tokio::time::interval(RENEW);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = LOOK_FIRST;
        let mut draining = FuturesUnordered::new();
        let mut tending = FuturesUnordered::new();
        let mut lanes = Lanes::new(Instant::now());
        loop {
            let begins = lanes.next();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = renewal.tick() => {
                    renew(outbox, held, refusals, status).await;
                    if tending.is_empty() {
                        let is_ours = held.iter().any(|lease| lease.shard == TENDS);
                        tending.push(tend(outbox, refusals, is_ours));
                    }
                }
                Some(()) = tending.next() => {}
                Some((number, lane, outcome)) = draining.next() => {
                    let lane: Vec<ShardLease> = lane;
                    lanes.end(number);
                    if done(&lane, outcome, resting, status) {
                        renew(outbox, held, refusals, status).await;
                    }
                    status.refuse(refusals.told());
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
                        Ok(waiting) => {
                            let again = held.iter().map(|lease| lease.shard).filter(|shard| refusals.is_due(*shard));
                            lanes.want(waiting.into_iter().chain(again).map(lane_of));
                        }
                        Err(error) => status.set(Some(format!("the outbox cannot be read: {error}"))),
                    }
                }
            }
            for number in lanes.begin(Instant::now()) {
                let lane = shards_of(number, held, resting);
                draining.push(async move {
                    let outcome = drain(&Carrier { outbox, sink, lane: &lane, refusals, ambient }).await;
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

async fn renew<O: Outbox>(outbox: &O, held: &mut Vec<ShardLease>, refusals: &Refusals, status: &RelayStatus) {
    match outbox.share(held).await {
        Ok(shared) => match outbox.refusals().await {
            Ok(found) => {
                refusals.learn(found, &shared);
                *held = shared;
            }
            Err(error) => {
                // Of a shard that is new here it is not known what must wait.
                held.retain(|lease| shared.contains(lease));
                status.set(Some(format!("the outbox cannot be read: {error}")));
            }
        },
        // Whoever cannot renew cannot settle either, so nothing goes wrong while the lease may have ended.
        Err(error) => status.set(Some(format!("the shards cannot be renewed: {error}"))),
    }
}

/// What is due now and then, and what no row should wait for.
async fn tend<O: Outbox>(outbox: &O, refusals: &Refusals, is_ours: bool) {
    if let Ok((rows, oldest)) = outbox.backlog().await {
        telemetry::outbox(rows, oldest);
        telemetry::relay_refused(refusals.count());
    }
    if is_ours {
        outbox.tend().await;
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
async fn drain<O: Outbox, S: Sink>(carrier: &Carrier<'_, O, S>) -> Result<(), ShardError> {
    let Carrier { outbox, lane, .. } = carrier;
    let shards: Vec<u16> = lane.iter().map(|lease| lease.shard).collect();
    if shards.is_empty() {
        return Ok(());
    }
    carrier.retry().await?;
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
        let is_last = records.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        carrier.publish(records).await?;
        if is_last {
            return Ok(());
        }
    }
}
