use std::time::Duration;

use memchr::memmem;
use tokio::time::Instant;

use crate::domain::Timestamp;
use crate::event::{Record, Topic, TopicPartition};
use crate::log::{Bounds, EventLog, LogError};

/// Records that are read at once.
const PAGE: u32 = 2000;
/// How far back each partition is looked through where nothing says when the thing happened.
const LAST: i64 = 50_000;
/// Records that are kept of one payment; far more than its life gives it.
const MAX_KEPT: usize = 500;

/// A search through the log that ends in time.
pub(super) struct Scan<'a> {
    log: &'a EventLog,
    until: Instant,
    /// How long it may take.
    pub(super) budget: Duration,
    /// Records that were looked at.
    pub(super) records: u64,
    /// Partitions that were looked at to their end.
    pub(super) partitions: usize,
    /// Why not everything was looked at.
    pub(super) cut: Option<String>,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) topic: Topic,
    /// Only from this time on.
    pub(super) since: Option<Timestamp>,
    /// Only this partition.
    pub(super) partition: Option<u16>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(log: &'a EventLog, budget: Duration) -> Self {
        Self { log, until: Instant::now() + budget, budget, records: 0, partitions: 0, cut: None }
    }

    /// The records of a stretch that are wanted. What the brokers do not answer in time ends it and is noted; an error means
    /// that they have answered nothing at all.
    pub(super) async fn find(&mut self, stretch: Stretch, wanted: impl Fn(&Record) -> bool) -> Result<Vec<Record>, LogError> {
        let mut kept = Vec::new();
        let ranges = match self.ranges(stretch).await {
            Ok(ranges) => ranges,
            Err(error) if self.records == 0 && self.partitions == 0 => return Err(error),
            Err(error) => {
                self.cut(error.to_string());
                return Ok(kept);
            }
        };
        let places: Vec<TopicPartition> = ranges.iter().map(|(at, _)| *at).collect();
        let scans = match self.log.scan(ranges).await {
            Ok(scans) => scans,
            Err(error) => {
                self.cut(error.to_string());
                return Ok(kept);
            }
        };
        for (at, mut scan) in places.into_iter().zip(scans) {
            loop {
                let page = match tokio::time::timeout_at(self.until, scan.next(PAGE)).await {
                    Ok(Ok(page)) => page,
                    Ok(Err(error)) => {
                        self.cut(error.to_string());
                        return Ok(kept);
                    }
                    Err(_) => {
                        self.cut(format!("time is up in {at}"));
                        return Ok(kept);
                    }
                };
                if page.is_empty() {
                    break;
                }
                self.records += page.len() as u64;
                kept.extend(page.into_iter().filter(|record| wanted(record)));
                if kept.len() > MAX_KEPT {
                    kept.truncate(MAX_KEPT);
                    self.cut(format!("more than {MAX_KEPT} records fit"));
                    return Ok(kept);
                }
            }
            self.partitions += 1;
        }
        Ok(kept)
    }

    async fn ranges(&mut self, stretch: Stretch) -> Result<Vec<(TopicPartition, Bounds)>, LogError> {
        let young = match stretch.since {
            Some(since) => Some(self.log.since(stretch.topic, since).await?),
            None => None,
        };
        let bounds = self.log.bounds(stretch.topic).await?;
        let mut ranges = Vec::new();
        for (partition, found) in bounds.into_iter().filter(|(partition, _)| stretch.partition.is_none_or(|only| *partition == only)) {
            let last = found.end.saturating_sub(LAST).max(found.start);
            let from = match &young {
                Some(young) => young.get(&partition).copied().unwrap_or(found.start),
                None => last,
            };
            if young.is_none() && last > found.start {
                self.cut(format!("only the last {LAST} records of each partition"));
            }
            ranges.push((TopicPartition { topic: stretch.topic, partition }, Bounds { start: from, ..found }));
        }
        Ok(ranges)
    }

    /// The first reason stands.
    fn cut(&mut self, why: String) {
        self.cut.get_or_insert(why);
    }
}

/// Whether a record's bytes name `needle`; cheaper than reading what they mean.
pub(super) fn names(record: &Record, needle: &str) -> bool {
    !needle.is_empty() && (record.headers.contains(needle) || memmem::find(&record.value, needle.as_bytes()).is_some())
}
