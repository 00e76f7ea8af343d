use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::config::Ambient;
use crate::event::TopicPartition;
use crate::log::{Delivery, EventLog, LogError, Subscription};
use crate::services::{Consumer, Service};
use crate::store::Store;

use super::batch::Batch;
use super::circuit::Circuit;
use super::claims::{Claimant, Claims, Position};
use super::life::Life;
use super::meter::Meter;
use super::pace::{HEARTBEAT, backoff};
use super::status::GroupStatus;

/// Records in one transaction at most: enough to carry the commit …
const BATCH_RECORDS: u32 = 512;
/// … and while requests come in, few enough that one behind it hardly waits.
const PRESSED_RECORDS: u32 = 32;

/// One member of one group: what it applies events with.
pub(super) struct Member {
    pub(super) group: Arc<str>,
    pub(super) is_ordered: bool,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) positions: HashMap<TopicPartition, Position>,
    /// Partitions whose log is not the one that the group has read, and why that is thought.
    pub(super) refused: BTreeMap<TopicPartition, String>,
    pub(super) circuit: Circuit,
    pub(super) status: GroupStatus,
    pub(super) meter: Arc<Meter>,
    pub(super) stop: CancellationToken,
}

/// One member of one group: its place in the log, and what it does with what it finds there.
pub(in crate::daemon) struct Group {
    pub(super) log: EventLog,
    pub(super) subscription: Subscription,
    pub(super) member: Member,
    pub(super) claims: Claims,
    /// Partitions that began behind their first offset when the group began there, as it has told.
    pub(super) gone: BTreeSet<TopicPartition>,
}

/// A delivery, decoded.
enum Work {
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
    Batch(TopicPartition, Arc<Batch>),
}

impl From<Delivery> for Work {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Assigned(partitions) => Self::Assigned(partitions),
            Delivery::Revoked(partitions) => Self::Revoked(partitions),
            Delivery::Records(at, records) => Self::Batch(at, Arc::new(Batch::decode(records))),
        }
    }
}

impl Group {
    pub(in crate::daemon) fn new(
        service: Service,
        consumer: Arc<dyn Consumer>,
        (store, log, ambient): (&Store, &EventLog, &Ambient),
        stop: CancellationToken,
    ) -> Option<Self> {
        let member = Member {
            group: service.group()?.into(),
            is_ordered: service.is_ordered(),
            consumer,
            store: store.clone(),
            ambient: ambient.clone(),
            positions: HashMap::new(),
            refused: BTreeMap::new(),
            circuit: Circuit::default(),
            status: GroupStatus::default(),
            meter: Arc::new(Meter::new(service.name(), log)),
            stop,
        };
        let subscription = log.subscribe(&member.group, service.topics());
        Some(Self { log: log.clone(), subscription, member, claims: Claims::default(), gone: BTreeSet::new() })
    }

    pub(in crate::daemon) fn status(&self) -> GroupStatus {
        self.member.status.clone()
    }

    /// Runs until the group is told to stop; an open batch is finished first. Its sign of life and its measurements are beside the
    /// loop: neither waits for what the loop waits for, nor the loop for them.
    pub(in crate::daemon) async fn run(mut self) {
        let (standing, stands) = watch::channel(Vec::new());
        let (life, meter) = (self.member.life(), Arc::clone(&self.member.meter));
        let (store, group) = (self.member.store.clone(), Arc::clone(&self.member.group));
        let beside = async { tokio::join!(life.go_on(), meter.follow(&store, &group, stands)) };
        tokio::select! {
            () = self.work(&standing) => {}
            _ = beside => {}
        }
        life.end().await;
        self.subscription.close().await;
    }

    async fn work(&mut self, standing: &watch::Sender<Vec<(TopicPartition, i64)>>) {
        let stop = self.member.stop.clone();
        let claimant = Claimant { log: self.log.clone(), store: self.member.store.clone(), group: Arc::clone(&self.member.group) };
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failures: u32 = 0;
        let mut ahead: Option<Work> = None;
        loop {
            let next = async {
                match ahead.take() {
                    Some(work) => Ok(work),
                    None => self.subscription.next(batch_limit(&self.member.store)).await.map(Work::from),
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = heartbeat.tick() => self.beat(standing).await,
                outcome = self.claims.outcome(&claimant) => match outcome {
                    Ok(granted) => self.take_over(granted),
                    Err(reason) => self.member.tell_pause(self.claims.failures(), &reason),
                },
                work = next => match work {
                    Ok(work) => {
                        failures = 0;
                        ahead = self.perform(work).await;
                    }
                    Err(error) => {
                        failures = failures.saturating_add(1);
                        self.member.pause(failures, &error.to_string()).await;
                    }
                },
            }
        }
    }

    /// Once a second: does what operators asked for in rows.
    async fn beat(&mut self, standing: &watch::Sender<Vec<(TopicPartition, i64)>>) {
        self.member.replay().await;
        let places = self.member.positions.iter().map(|(at, position)| (*at, position.next_offset));
        standing.send_replace(places.collect());
        // The cure is a row that an operator changes, or a log that comes back.
        self.claims.want_still(self.member.refused.keys().copied());
    }

    /// Does one piece of work and, while the database is busy with it, fetches and decodes the next.
    async fn perform(&mut self, work: Work) -> Option<Work> {
        let (at, batch) = match work {
            Work::Assigned(partitions) => {
                self.claims.want(partitions);
                return None;
            }
            Work::Revoked(partitions) => {
                self.give_up(&partitions);
                return None;
            }
            Work::Batch(at, batch) => (at, batch),
        };
        let store = self.member.store.clone();
        let (is_done, fetched) = tokio::join!(self.member.process(at, &batch), fetch(&mut self.subscription, batch_limit(&store)));
        // An error of fetching ahead comes again when it is next asked for, and is dealt with there.
        let ahead = fetched.ok().flatten();
        if is_done || self.member.stop.is_cancelled() {
            if let Some(position) = self.member.positions.get(&at) {
                self.subscription.mirror(at, position.next_offset);
            }
            return ahead;
        }
        self.begin_again(at);
        ahead.filter(|work| !matches!(work, Work::Batch(of, _) if *of == at))
    }

    /// Somebody else has taken the partition, or part of the batch is still to be done: reads on where the group stands, unless it
    /// has been taken from us, and must be left to whoever has it now.
    fn begin_again(&mut self, at: TopicPartition) {
        if self.subscription.owns(at) {
            self.member.positions.remove(&at);
            self.subscription.hold(at);
            self.claims.want([at]);
        }
    }
}

async fn fetch(subscription: &mut Subscription, limit: u32) -> Result<Option<Work>, LogError> {
    Ok(subscription.ready(limit).await?.map(Work::from))
}

fn batch_limit(store: &Store) -> u32 {
    if store.is_pressed() { PRESSED_RECORDS } else { BATCH_RECORDS }
}

impl Member {
    /// Waits before the next try; `true` when the group is told to stop meanwhile.
    pub(super) async fn pause(&self, failures: u32, reason: &str) -> bool {
        self.tell_pause(failures, reason);
        self.wait(backoff(failures)).await
    }

    /// Says that the group does not get on at present, and why.
    pub(super) fn tell_pause(&self, failures: u32, reason: &str) {
        if failures == 1 {
            tracing::warn!(group = %self.group, reason, "group pauses and will go on by itself");
        } else {
            tracing::debug!(group = %self.group, reason, failures, "group still pauses");
        }
        self.status.set(Some(reason.to_owned()));
        self.meter.paused(true);
    }

    pub(super) async fn wait(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => true,
            () = tokio::time::sleep(time) => false,
        }
    }

    /// What says that this member lives.
    fn life(&self) -> Life {
        Life {
            group: Arc::clone(&self.group),
            name: format!("{}-{}", self.meter.service, self.ambient.uuid()).into(),
            store: self.store.clone(),
            ambient: self.ambient.clone(),
            status: self.status.clone(),
            meter: Arc::clone(&self.meter),
        }
    }
}
