use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config;
use crate::domain::Timestamp;
use crate::event::{Record, Topic, TopicPartition};
use crate::store::Store;

use super::embedded::{self, EmbeddedSubscription};
use super::kafka::{self, KafkaConfig, KafkaSubscription, Reader};
use super::{Admin, Bounds, BrokerGroup, Delivery, ForeignPage, LogError, PartitionScan, Standing};

/// The platform's event log; cheap to clone.
#[derive(Clone)]
pub struct EventLog(Engine);

#[derive(Clone)]
enum Engine {
    Embedded(Store),
    Kafka { config: Arc<KafkaConfig>, reader: Reader },
}

impl EventLog {
    /// The log that the configuration names: Kafka where there are brokers, else the table `events` of `store`.
    pub fn open(settings: &config::KafkaConfig, store: &Store) -> Result<Self, LogError> {
        if settings.brokers.is_empty() { Ok(Self::embedded(store)) } else { Self::kafka(&KafkaConfig::from(settings)) }
    }

    /// The embedded log: the table `events` of `store`.
    pub fn embedded(store: &Store) -> Self {
        Self(Engine::Embedded(store.clone()))
    }

    /// The log on Kafka. Succeeds whether a broker answers or not.
    pub fn kafka(config: &KafkaConfig) -> Result<Self, LogError> {
        config.check()?;
        let config = Arc::new(config.clone());
        Ok(Self(Engine::Kafka { reader: Reader::start(&config)?, config }))
    }

    /// Whether offsets of a partition have gaps, so that what lies between two of them must be counted.
    pub const fn has_gaps(&self) -> bool {
        matches!(self.0, Engine::Embedded(_))
    }

    /// Begin and end of every partition of a topic.
    pub async fn bounds(&self, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
        match &self.0 {
            Engine::Embedded(store) => embedded::bounds(store, topic).await,
            Engine::Kafka { reader, .. } => reader.bounds(topic).await,
        }
    }

    /// The offset of the first record of each partition that is as young as `time`, or the partition's end. The embedded log
    /// keeps no times beside its offsets and answers with each partition's begin.
    pub async fn since(&self, topic: Topic, time: Timestamp) -> Result<BTreeMap<u16, i64>, LogError> {
        match &self.0 {
            Engine::Embedded(store) => {
                let bounds = embedded::bounds(store, topic).await?;
                Ok(bounds.into_iter().map(|(partition, bounds)| (partition, bounds.start)).collect())
            }
            Engine::Kafka { reader, .. } => reader.since(topic, time.timestamp_millis()).await,
        }
    }

    /// Records of one partition with offsets from `from` on, at most `limit`, in order.
    pub async fn read(&self, at: TopicPartition, from: i64, limit: u32) -> Result<Vec<Record>, LogError> {
        match &self.0 {
            Engine::Embedded(store) => embedded::read(store, at, from, limit).await,
            Engine::Kafka { reader, .. } => reader.read(at, from, limit).await,
        }
    }

    /// Reads each of these partitions once from start to end, as fast as the log gives them; one scan for each, in their order.
    pub async fn scan(&self, ranges: Vec<(TopicPartition, Bounds)>) -> Result<Vec<PartitionScan>, LogError> {
        match &self.0 {
            Engine::Embedded(store) => Ok(ranges.into_iter().map(|(at, bounds)| PartitionScan::embedded(store, at, bounds)).collect()),
            Engine::Kafka { config, .. } => {
                let config = Arc::clone(config);
                let scans = blocking(move || kafka::scan(&config, &ranges)).await?;
                Ok(scans.into_iter().map(PartitionScan::kafka).collect())
            }
        }
    }

    /// The first records of any topic of the brokers, ours or not; the embedded log has no others than ours.
    pub async fn foreign(&self, topic: &str, limit: usize) -> Result<ForeignPage, LogError> {
        match &self.0 {
            Engine::Embedded(_) => Err(LogError::Refused("the embedded log has no topics but its own; there are no brokers".to_owned())),
            Engine::Kafka { config, .. } => {
                let name = Topic::parse(topic).map_or_else(|| topic.to_owned(), |topic| config.topic_name(topic));
                let config = Arc::clone(config);
                blocking(move || kafka::read_foreign(&config, &name, limit)).await
            }
        }
    }

    /// Which brokers hold the log; none where it is a table.
    pub fn brokers(&self) -> Option<&str> {
        match &self.0 {
            Engine::Embedded(_) => None,
            Engine::Kafka { config, .. } => Some(&config.brokers),
        }
    }

    /// How long each of these topics keeps a record, in milliseconds, where records are deleted and the brokers tell.
    pub async fn retention(&self, topics: &[Topic]) -> Result<BTreeMap<Topic, i64>, LogError> {
        match &self.0 {
            Engine::Embedded(_) => Ok(BTreeMap::new()),
            Engine::Kafka { config, .. } => Admin::new(config)?.retention(topics).await,
        }
    }

    /// Every group that the brokers know, whoever it belongs to, without where it stands; none where the log is a table.
    pub async fn broker_groups(&self) -> Result<Vec<BrokerGroup>, LogError> {
        match &self.0 {
            Engine::Embedded(_) => Ok(Vec::new()),
            Engine::Kafka { config, .. } => {
                let config = Arc::clone(config);
                blocking(move || kafka::list_groups(&config)).await
            }
        }
    }

    /// Where these groups stand by their commits on the brokers.
    pub async fn broker_commits(&self, groups: Vec<BrokerGroup>) -> Result<Vec<BrokerGroup>, LogError> {
        match &self.0 {
            Engine::Embedded(_) => Ok(Vec::new()),
            Engine::Kafka { config, .. } => {
                let config = Arc::clone(config);
                blocking(move || kafka::stand_of(&config, groups)).await
            }
        }
    }

    /// What a group of ours is called on the brokers.
    pub fn group_name(&self, group: &str) -> String {
        match &self.0 {
            Engine::Embedded(_) => group.to_owned(),
            Engine::Kafka { config, .. } => config.group_name(group),
        }
    }

    /// Whether the log answers, within two seconds.
    pub async fn ping(&self) -> Result<(), LogError> {
        match &self.0 {
            Engine::Embedded(_) => Ok(()),
            Engine::Kafka { reader, .. } => reader.ping().await,
        }
    }

    /// What tells this log from another of the same make; `None` where it cannot be exchanged behind our back.
    pub async fn cluster_id(&self) -> Result<Option<String>, LogError> {
        match &self.0 {
            Engine::Embedded(_) => Ok(None),
            Engine::Kafka { reader, .. } => reader.cluster_id().await.map(Some),
        }
    }

    /// From where a group reads on in each partition, or why it must not: [`LogError::Refused`] says that this is not the
    /// log that it has read, and names the cure.
    pub async fn check(&self, group: &str, standings: Vec<Standing>) -> Result<Vec<(TopicPartition, Result<i64, LogError>)>, LogError> {
        match &self.0 {
            // Log and offsets are in one database: they cannot part.
            Engine::Embedded(_) => Ok(standings.into_iter().map(|standing| (standing.at, Ok(standing.next_offset))).collect()),
            Engine::Kafka { reader, .. } => reader.check(group, standings).await,
        }
    }

    /// Joins `group` among the readers of `topics`.
    pub fn subscribe(&self, group: &str, topics: &[Topic]) -> Subscription {
        Subscription(match &self.0 {
            Engine::Embedded(store) => Place::Embedded(EmbeddedSubscription::new(store, topics)),
            Engine::Kafka { config, .. } => Place::Kafka(KafkaSubscription::new(config, group, topics)),
        })
    }
}

/// Asks from a thread that may wait.
async fn blocking<T: Send + 'static>(ask: impl FnOnce() -> Result<T, LogError> + Send + 'static) -> Result<T, LogError> {
    tokio::task::spawn_blocking(ask).await.map_err(|error| LogError::Broker(error.to_string()))?
}

/// A group's place among the readers of its topics.
pub struct Subscription(Place);

enum Place {
    Embedded(EmbeddedSubscription),
    Kafka(KafkaSubscription),
}

impl Subscription {
    /// The next thing to do; waits without polling until there is one. At most `limit` records.
    pub async fn next(&mut self, limit: u32) -> Result<Delivery, LogError> {
        match &mut self.0 {
            Place::Embedded(place) => place.next(limit).await,
            Place::Kafka(place) => place.next(limit).await,
        }
    }

    /// What is there already, without waiting; for fetching ahead while others are being applied.
    pub async fn ready(&mut self, limit: u32) -> Result<Option<Delivery>, LogError> {
        match &mut self.0 {
            Place::Embedded(place) => place.ready(limit).await,
            Place::Kafka(place) => Ok(place.ready(limit)),
        }
    }

    /// Reads on from `offset` in this partition; also forgets what was fetched ahead of it.
    pub fn seek(&mut self, at: TopicPartition, offset: i64) {
        match &mut self.0 {
            Place::Embedded(place) => place.seek(at, offset),
            Place::Kafka(place) => place.seek(at, offset),
        }
    }

    /// Reads nothing from this partition until it is sought.
    pub fn hold(&mut self, at: TopicPartition) {
        match &mut self.0 {
            Place::Embedded(place) => place.hold(at),
            Place::Kafka(place) => place.hold(at),
        }
    }

    /// Whether the partition is the caller's, as far as is known here.
    pub fn owns(&self, at: TopicPartition) -> bool {
        match &self.0 {
            Place::Embedded(place) => place.owns(at),
            Place::Kafka(place) => place.owns(at),
        }
    }

    /// Says that nothing is done any more with partitions that were revoked: others may have them.
    pub fn release(&mut self, partitions: &[TopicPartition]) {
        match &mut self.0 {
            Place::Embedded(_) => {}
            Place::Kafka(place) => place.release(partitions),
        }
    }

    /// Tells the log where the group stands, for tools that ask the log; the database has the truth.
    pub fn mirror(&mut self, at: TopicPartition, next_offset: i64) {
        match &mut self.0 {
            Place::Embedded(_) => {}
            Place::Kafka(place) => place.mirror(at, next_offset),
        }
    }

    /// Leaves the group, so that others need not wait for its silence; takes five seconds at most.
    pub async fn close(self) {
        match self.0 {
            Place::Embedded(_) => {}
            Place::Kafka(place) => place.close().await,
        }
    }
}
