use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::sync::oneshot;

use crate::event::{Record, Topic, TopicPartition};
use crate::log::{Bounds, LogError, Standing};

use super::check::{Evidence, judge};
use super::config::Shared;
use super::context::Plain;
use super::error::{explained, is_outage, late, log_error};
use super::record::record_from;

/// Questions that may wait.
const QUESTIONS: usize = 64;
/// How long the brokers may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the client may have complained of meanwhile, at most; more is left for the next question.
const COMPLAINTS: usize = 10_000;
/// How long before a health check calls them away.
const PING_PATIENCE: Duration = Duration::from_secs(2);

type Reply<T> = oneshot::Sender<Result<T, LogError>>;
type Verdicts = Vec<(TopicPartition, Result<i64, LogError>)>;

/// What can be asked of the log without belonging to a group; a closed set.
enum Question {
    Bounds(Topic, Reply<BTreeMap<u16, Bounds>>),
    Since(Topic, i64, Reply<BTreeMap<u16, i64>>),
    Read(TopicPartition, i64, usize, Reply<Vec<Record>>),
    Check(String, Vec<Standing>, Reply<Verdicts>),
    Cluster(Reply<String>),
    Ping(Reply<()>),
}

/// A consumer outside of every group, on a thread of its own; cheap to clone. The thread ends with the last of them.
#[derive(Clone)]
pub(in crate::log) struct Reader(SyncSender<Question>);

impl Reader {
    pub(in crate::log) fn start(config: &Shared) -> Result<Self, LogError> {
        let consumer: BaseConsumer<Plain> = config.reader().create_with_context(Plain).map_err(|error| log_error(&error))?;
        let (sender, questions) = sync_channel(QUESTIONS);
        let desk = Desk { config: Arc::clone(config), consumer };
        let started = std::thread::Builder::new().name("log-reader".to_owned()).spawn(move || desk.run(&questions));
        started.map_err(|error| LogError::Broker(format!("no thread for reading the log: {error}")))?;
        Ok(Self(sender))
    }

    pub(in crate::log) async fn bounds(&self, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
        self.ask(|reply| Question::Bounds(topic, reply)).await
    }

    pub(in crate::log) async fn since(&self, topic: Topic, time_ms: i64) -> Result<BTreeMap<u16, i64>, LogError> {
        self.ask(|reply| Question::Since(topic, time_ms, reply)).await
    }

    pub(in crate::log) async fn read(&self, at: TopicPartition, from: i64, limit: u32) -> Result<Vec<Record>, LogError> {
        self.ask(|reply| Question::Read(at, from, usize::try_from(limit).unwrap_or(usize::MAX), reply)).await
    }

    pub(in crate::log) async fn check(&self, group: &str, standings: Vec<Standing>) -> Result<Verdicts, LogError> {
        self.ask(|reply| Question::Check(group.to_owned(), standings, reply)).await
    }

    pub(in crate::log) async fn cluster_id(&self) -> Result<String, LogError> {
        self.ask(Question::Cluster).await
    }

    pub(in crate::log) async fn ping(&self) -> Result<(), LogError> {
        self.ask(Question::Ping).await
    }

    async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Question) -> Result<T, LogError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(question(reply)).map_err(|_| LogError::Broker("too many questions wait for the brokers".to_owned()))?;
        answer.await.unwrap_or_else(|_| Err(LogError::Broker("the reader of the log has stopped".to_owned())))
    }
}

/// Answers one question after the other.
struct Desk {
    config: Shared,
    consumer: BaseConsumer<Plain>,
}

impl Desk {
    fn run(&self, questions: &Receiver<Question>) {
        while let Ok(question) = questions.recv() {
            // Whoever asked may have left meanwhile, and then nobody wants the answer.
            match question {
                Question::Bounds(topic, reply) => drop(reply.send(self.topic_bounds(topic))),
                Question::Since(topic, time_ms, reply) => drop(reply.send(self.since(topic, time_ms))),
                Question::Read(at, from, limit, reply) => drop(reply.send(self.read(at, from, limit))),
                Question::Check(group, standings, reply) => drop(reply.send(self.check(&group, &standings))),
                Question::Cluster(reply) => drop(reply.send(self.cluster_id())),
                Question::Ping(reply) => drop(reply.send(self.ping())),
            }
        }
    }

    fn ping(&self) -> Result<(), LogError> {
        let name = self.config.topic_name(Topic::PaymentEvents);
        self.consumer.fetch_metadata(Some(&name), PING_PATIENCE).map(drop).map_err(|error| log_error(&error))
    }

    fn cluster_id(&self) -> Result<String, LogError> {
        self.consumer
            .client()
            .fetch_cluster_id(self.config.waits(PATIENCE))
            .ok_or_else(|| LogError::Broker(format!("{} asked for the cluster's id: no broker answers", self.config.brokers)))
    }

    fn topic_bounds(&self, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
        let partitions: Vec<TopicPartition> = topic.all_partitions().collect();
        Ok(self.bounds(&partitions)?.into_iter().map(|(at, bounds)| (at.partition, bounds)).collect())
    }

    fn since(&self, topic: Topic, time_ms: i64) -> Result<BTreeMap<u16, i64>, LogError> {
        let partitions: Vec<TopicPartition> = topic.all_partitions().collect();
        // Where nothing is that young the client answers with the end, which is no number.
        let ends = self.offsets(&partitions, Offset::End)?;
        let found = self.found(&partitions, Offset::Offset(time_ms))?;
        Ok(ends.into_iter().map(|(at, end)| (at.partition, found.get(&at).copied().flatten().unwrap_or(end))).collect())
    }

    fn bounds(&self, partitions: &[TopicPartition]) -> Result<BTreeMap<TopicPartition, Bounds>, LogError> {
        let (starts, ends) = (self.offsets(partitions, Offset::Beginning)?, self.offsets(partitions, Offset::End)?);
        let both = starts.into_iter().filter_map(|(at, start)| Some((at, Bounds { start, end: *ends.get(&at)? })));
        Ok(both.collect())
    }

    fn offsets(&self, partitions: &[TopicPartition], which: Offset) -> Result<BTreeMap<TopicPartition, i64>, LogError> {
        let known = |(at, offset): (TopicPartition, Option<i64>)| {
            offset.map(|offset| (at, offset)).ok_or_else(|| LogError::Broker(format!("no offset of {at} is known")))
        };
        self.found(partitions, which)?.into_iter().map(known).collect()
    }

    fn found(&self, partitions: &[TopicPartition], which: Offset) -> Result<BTreeMap<TopicPartition, Option<i64>>, LogError> {
        let asked = list(&self.config, partitions.iter().map(|at| (*at, which)))?;
        let found = self
            .consumer
            .offsets_for_times(asked, self.config.waits(PATIENCE))
            .map_err(|error| explained(&self.config, "offsets", &error))?;
        let mut offsets = BTreeMap::new();
        for element in found.elements() {
            element.error().map_err(|error| log_error(&error))?;
            let (Some(topic), Ok(partition)) = (self.config.topic_of(element.topic()), u16::try_from(element.partition())) else {
                continue;
            };
            let offset = if let Offset::Offset(offset) = element.offset() { Some(offset) } else { None };
            offsets.insert(TopicPartition { topic, partition }, offset);
        }
        Ok(offsets)
    }

    fn read(&self, at: TopicPartition, from: i64, limit: usize) -> Result<Vec<Record>, LogError> {
        let bounds = self.bounds(&[at])?.get(&at).copied().unwrap_or(Bounds { start: 0, end: 0 });
        let from = from.max(bounds.start);
        if limit == 0 || from >= bounds.end {
            return Ok(Vec::new());
        }
        let mut records: Vec<Record> = Vec::new();
        self.fetch(&[(at, from)], |record| {
            let is_last = record.offset + 1 >= bounds.end;
            records.push(record);
            records.len() < limit && !is_last
        })?;
        Ok(records)
    }

    /// Reads from these places until `more` has enough, or nothing comes any more.
    fn fetch(&self, from: &[(TopicPartition, i64)], mut more: impl FnMut(Record) -> bool) -> Result<(), LogError> {
        let places = list(&self.config, from.iter().map(|(at, offset)| (*at, Offset::Offset(*offset))))?;
        // Nobody polls between questions, and what the client complained of since the last one is not this one's answer.
        for _ in 0..COMPLAINTS {
            if self.consumer.poll(Duration::ZERO).is_none() {
                break;
            }
        }
        self.consumer.assign(&places).map_err(|error| log_error(&error))?;
        let until = Instant::now() + self.config.waits(PATIENCE);
        let outcome = loop {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                break Err(late(&self.config));
            };
            let is_enough = match self.consumer.poll(left) {
                Some(Ok(message)) => record_from(&self.config, &message).is_some_and(|record| !more(record)),
                Some(Err(error)) if !is_outage(&error) => break Err(log_error(&error)),
                Some(Err(_)) | None => false,
            };
            if is_enough {
                break Ok(());
            }
        };
        self.consumer.unassign().map_err(|error| log_error(&error))?;
        outcome
    }

    fn check(&self, group: &str, standings: &[Standing]) -> Result<Verdicts, LogError> {
        let partitions: Vec<TopicPartition> = standings.iter().map(|standing| standing.at).collect();
        let (cluster_id, bounds) = (self.cluster_id()?, self.bounds(&partitions)?);
        let mut lasts = self.lasts(standings, &bounds)?;
        let verdict = |standing: &Standing| {
            let at = standing.at;
            let Some(bounds) = bounds.get(&at).copied() else {
                return (at, Err(LogError::Broker(format!("{at} is not in the log"))));
            };
            let last = lasts.remove(&at);
            let evidence = Evidence { cluster_id: &cluster_id, bounds, last: last.as_ref() };
            (at, judge(group, standing, &evidence).map_err(LogError::Refused))
        };
        Ok(standings.iter().map(verdict).collect())
    }

    /// The record that each group read last, where the log should still have one.
    fn lasts(
        &self,
        standings: &[Standing],
        bounds: &BTreeMap<TopicPartition, Bounds>,
    ) -> Result<BTreeMap<TopicPartition, Record>, LogError> {
        let is_there = |standing: &&Standing| {
            let next = standing.next_offset;
            bounds.get(&standing.at).is_some_and(|bounds| next > bounds.start && next <= bounds.end)
        };
        let wanted: Vec<(TopicPartition, i64)> =
            standings.iter().filter(is_there).map(|standing| (standing.at, standing.next_offset - 1)).collect();
        let mut found = BTreeMap::new();
        if !wanted.is_empty() {
            self.fetch(&wanted, |record| {
                found.entry(record.at).or_insert(record);
                found.len() < wanted.len()
            })?;
        }
        Ok(found)
    }
}

/// These places as the client library takes them.
pub(super) fn list(config: &Shared, places: impl Iterator<Item = (TopicPartition, Offset)>) -> Result<TopicPartitionList, LogError> {
    let mut list = TopicPartitionList::new();
    for (at, offset) in places {
        let added = list.add_partition_offset(&config.topic_name(at.topic), i32::from(at.partition), offset);
        added.map_err(|error| log_error(&error))?;
    }
    Ok(list)
}
