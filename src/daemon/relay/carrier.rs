use std::collections::{BTreeMap, BTreeSet};

use crate::config::Ambient;
use crate::event::{Record, RecordHeaders, Topic, partition_of};
use crate::fault::{self, Point};
use crate::log::LogError;
use crate::store::{Aside, Placed, Refusal, SHARDS, ShardLease, StoreError, refused_shard};
use crate::telemetry;

use super::outbox::Outbox;
use super::refusals::{Refusals, aggregate_of};
use super::sink::Sink;
use super::spans;

/// Refused rows of one shard that are tried again together, at most.
const AGAIN: u32 = 20;

/// Why a shard stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShardError {
    #[error("a shard has been taken by another relay")]
    Taken,
    #[error("the outbox cannot be read or settled: {0}")]
    Store(#[from] StoreError),
    #[error("the log takes no records: {0}")]
    Log(LogError),
}

/// What a lane's rows are carried with.
pub(super) struct Carrier<'a, O, S> {
    pub(super) outbox: &'a O,
    pub(super) sink: &'a S,
    pub(super) lane: &'a [ShardLease],
    pub(super) refusals: &'a Refusals,
    /// The clock of spans.
    pub(super) ambient: Option<&'a Ambient>,
}

impl<O: Outbox, S: Sink> Carrier<'_, O, S> {
    /// Publishes and settles these rows, without those that wait behind a refused one. A batch that the brokers refuse is halved
    /// until the row that they mean stands alone; that one is set aside, so that all other aggregates go on.
    pub(super) async fn publish(&self, records: Vec<Record>) -> Result<(), ShardError> {
        let mut parts = vec![records];
        while let Some(part) = parts.pop() {
            let (waiting, mut part) = self.refusals.split(part);
            self.set_aside(waiting.iter().map(|record| Aside { seq: record.offset, refusal: None }).collect()).await?;
            if part.is_empty() {
                continue;
            }
            match self.send(&part).await {
                Ok(offsets) => self.settle(&part, &offsets).await?,
                Err(LogError::Record(_)) if part.len() > 1 => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
                Err(LogError::Record(reason)) => {
                    for record in &part {
                        self.refuse(record, &reason).await?;
                    }
                }
                Err(error) => return Err(ShardError::Log(error)),
            }
        }
        Ok(())
    }

    /// Tries refused rows again whose time has come; what waited behind one that is taken now follows it.
    pub(super) async fn retry(&self) -> Result<(), ShardError> {
        let due = self.refusals.take_due(self.lane);
        let shards: BTreeSet<u16> = due.iter().map(|refusal| refused_shard(refusal.shard)).collect();
        if shards.is_empty() {
            return Ok(());
        }
        for record in self.outbox.batch(&shards.into_iter().collect::<Vec<_>>(), AGAIN).await? {
            let Some(refusal) = due.iter().find(|refusal| refusal.seq == record.offset) else { continue };
            match self.send(std::slice::from_ref(&record)).await {
                Ok(offsets) => {
                    // In this order: while the row is there, a crash in between leaves nothing behind it that nobody looks for.
                    self.bring_back(refusal).await?;
                    self.settle(std::slice::from_ref(&record), &offsets).await?;
                    self.forget(refusal);
                }
                Err(LogError::Record(reason)) => self.refuse(&record, &reason).await?,
                Err(error) => return Err(ShardError::Log(error)),
            }
        }
        Ok(())
    }

    /// Hands records to the log and waits for every acknowledgement; the offset of each.
    pub(super) async fn send(&self, records: &[Record]) -> Result<Vec<i64>, LogError> {
        // Without a collector not even the time is asked for.
        let start = self.ambient.filter(|_| telemetry::is_on()).map(Ambient::now);
        let offsets = self.sink.publish(records).await.map_err(|error| error.0)?;
        if let (Some(start), Some(ambient)) = (start, self.ambient) {
            spans::record(records, &offsets, start, ambient.now());
        }
        Ok(offsets)
    }

    /// Takes rows out that are in the log.
    pub(super) async fn settle(&self, records: &[Record], offsets: &[i64]) -> Result<(), ShardError> {
        let placed: Vec<Placed> =
            records.iter().zip(offsets).map(|(record, offset)| Placed { seq: record.offset, at: record.at, offset: *offset }).collect();
        fault::reach(Point::RelayAcknowledged);
        if !self.outbox.settle(self.lane, &placed).await? {
            return Err(ShardError::Taken);
        }
        count(&placed);
        Ok(())
    }

    async fn refuse(&self, record: &Record, reason: &str) -> Result<(), ShardError> {
        if self.refusals.is_full(record.offset) {
            return Err(ShardError::Log(LogError::Record(reason.to_owned())));
        }
        let refusal = self.refusal(record, reason);
        let (event_id, again) = (refusal.event_id, refusal.clone());
        // Known here before the row says so: whatever fails in between, nothing of its aggregate overtakes it.
        if self.refusals.add(refusal) {
            tracing::error!(
                event.id = event_id.map(tracing::field::display),
                topic = %record.at.topic,
                bytes = record.value.len(),
                reason,
                "the brokers refuse an event for its own sake: it stays in the outbox, and later events of its aggregate wait behind it"
            );
        }
        telemetry::relay_refused(self.refusals.count());
        self.set_aside(vec![Aside { seq: record.offset, refusal: Some(reason.to_owned()) }]).await?;
        // What is known here may have been read anew meanwhile, from rows that did not say so yet.
        self.refusals.add(again);
        Ok(())
    }

    fn refusal(&self, record: &Record, reason: &str) -> Refusal {
        let aggregate_id = aggregate_of(record);
        let headers: Option<RecordHeaders> = serde_json::from_str(&record.headers).ok();
        Refusal {
            seq: record.offset,
            // Copies of dead letters have shards of their own, which the row tells in a moment.
            shard: aggregate_id.as_ref().map_or(0, |id| partition_of(id.as_bytes(), SHARDS)),
            aggregate_id,
            event_id: headers.and_then(|headers| uuid::Uuid::parse_str(&headers.event_id).ok()),
            topic: record.at.topic.name().to_owned(),
            reason: reason.to_owned(),
            refused_at: self.ambient.map(Ambient::now).unwrap_or_default(),
        }
    }

    async fn bring_back(&self, refusal: &Refusal) -> Result<(), ShardError> {
        if let Some(aggregate_id) = &refusal.aggregate_id
            && !self.outbox.bring_back(self.lane, aggregate_id).await?
        {
            return Err(ShardError::Taken);
        }
        Ok(())
    }

    fn forget(&self, refusal: &Refusal) {
        self.refusals.forget(refusal.seq);
        telemetry::relay_refused(self.refusals.count());
        tracing::info!(event.id = refusal.event_id.map(tracing::field::display), "an event that the brokers refused is in the log now");
    }

    async fn set_aside(&self, rows: Vec<Aside>) -> Result<(), ShardError> {
        if rows.is_empty() || self.outbox.set_aside(self.lane, &rows).await? { Ok(()) } else { Err(ShardError::Taken) }
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
