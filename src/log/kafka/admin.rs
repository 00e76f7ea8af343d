use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::RDKafkaErrorCode;

use crate::event::Topic;
use crate::log::LogError;

use super::KafkaConfig;
use super::config::TOPIC_MAX_BYTES;
use super::context::Plain;
use super::error::{explained, log_error, unanswered};

/// How long the brokers may take for an administrative request.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long they may take to tell each other of a new topic …
const SETTLING: Duration = Duration::from_secs(3);
/// … and how often they are asked meanwhile, since they do not tell when they are done.
const ASK_AGAIN: Duration = Duration::from_millis(50);
const MILLIS_A_DAY: i64 = 86_400_000;

/// What a topic should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlan {
    /// The topic.
    pub topic: Topic,
    /// What it is called on the brokers.
    pub name: String,
    /// How many partitions it has.
    pub partitions: usize,
    /// How long a record is kept, in milliseconds.
    pub retention_ms: i64,
    /// How many copies there are; `None` where the brokers decide.
    pub replication: Option<i32>,
}

impl TopicPlan {
    /// What the catalogue and the configuration ask of these topics.
    pub fn of(config: &KafkaConfig, topics: &[Topic]) -> Vec<Self> {
        let plan = |topic: &Topic| Self {
            topic: *topic,
            name: config.topic_name(*topic),
            partitions: usize::from(topic.partitions()),
            retention_ms: i64::from(topic.retention_days()) * MILLIS_A_DAY,
            replication: (config.replication > 0).then(|| i32::from(config.replication)),
        };
        topics.iter().map(plan).collect()
    }
}

/// A topic that is not what it should be; only a person changes that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The topic.
    pub topic: Topic,
    /// The setting: `partitions`, `retention.ms`, `replication.factor`, `cleanup.policy`, `max.message.bytes`; `topic` where it is missing.
    pub setting: &'static str,
    /// What it should be.
    pub wanted: String,
    /// What it is.
    pub found: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is {} and should be {}", self.topic, self.setting, self.found, self.wanted)
    }
}

/// Creates topics and looks after them. It changes nothing that is there.
pub struct Admin {
    config: KafkaConfig,
    client: Arc<AdminClient<Plain>>,
}

/// Partitions of a topic, and the fewest copies that one of them has.
#[derive(Debug, Clone, Copy)]
struct Shape {
    partitions: usize,
    copies: usize,
}

impl Admin {
    /// Succeeds whether a broker answers or not.
    pub fn new(config: &KafkaConfig) -> Result<Self, LogError> {
        config.check()?;
        let client = config.client().create_with_context(Plain).map_err(|error| log_error(&error))?;
        Ok(Self { config: config.clone(), client: Arc::new(client) })
    }

    /// Which cluster answers and how many brokers it has; waits for `patience` at most where nobody says how long.
    pub(super) async fn hello(&self, patience: Duration) -> Result<(String, usize), LogError> {
        let (client, config) = (Arc::clone(&self.client), self.config.clone());
        let patience = config.waits(patience);
        let asking = tokio::task::spawn_blocking(move || {
            let metadata = client.inner().fetch_metadata(None, patience).map_err(|error| explained(&config, "their names", &error))?;
            let cluster = client.inner().fetch_cluster_id(patience);
            Ok((cluster.unwrap_or_else(|| "unknown".to_owned()), metadata.brokers().len()))
        });
        asking.await.unwrap_or_else(|error| Err(LogError::Broker(error.to_string())))
    }

    pub(super) fn client(&self) -> &AdminClient<Plain> {
        &self.client
    }

    /// Creates those of `topics` that are missing, as the catalogue has them; tells which these were.
    pub async fn create_missing(&self, topics: &[Topic]) -> Result<Vec<Topic>, LogError> {
        let plans = TopicPlan::of(&self.config, topics);
        let there = self.shapes().await?;
        let missing: Vec<&TopicPlan> = plans.iter().filter(|plan| !there.contains_key(&plan.name)).collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let (retentions, min_insync): (Vec<String>, String) =
            (missing.iter().map(|plan| plan.retention_ms.to_string()).collect(), self.config.min_insync.to_string());
        let largest = TOPIC_MAX_BYTES.to_string();
        let topics: Vec<NewTopic<'_>> = missing
            .iter()
            .zip(&retentions)
            .map(|(plan, retention)| {
                // -1 leaves the number of copies to the brokers.
                let copies = TopicReplication::Fixed(plan.replication.unwrap_or(-1));
                let topic = NewTopic::new(&plan.name, i32::try_from(plan.partitions).unwrap_or(1), copies)
                    .set("retention.ms", retention)
                    .set("max.message.bytes", &largest)
                    .set("cleanup.policy", "delete");
                if self.config.min_insync > 0 { topic.set("min.insync.replicas", &min_insync) } else { topic }
            })
            .collect();
        let answers =
            self.client.create_topics(&topics, &self.options()).await.map_err(|error| unanswered(&self.config, "topics", &error))?;
        for answer in answers {
            match answer {
                // Another process was faster, which is as good.
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => return Err(LogError::Broker(format!("topic {name} cannot be created: {code}"))),
            }
        }
        self.wait_for(&missing).await?;
        Ok(missing.iter().map(|plan| plan.topic).collect())
    }

    /// Brokers tell each other of a new topic a moment later, and say until then that it does not exist. One of which they go on
    /// to say so is told where topics are compared.
    async fn wait_for(&self, made: &[&TopicPlan]) -> Result<(), LogError> {
        let until = Instant::now() + SETTLING;
        loop {
            let there = self.shapes().await?;
            let is_known = |plan: &&TopicPlan| there.get(&plan.name).is_some_and(|shape| shape.partitions == plan.partitions);
            if made.iter().all(is_known) || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Takes topics of a test away, so that a broker serves many runs.
    #[cfg(test)]
    pub(crate) async fn delete(&self, topics: &[Topic]) {
        let names: Vec<String> = topics.iter().map(|topic| self.config.topic_name(*topic)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.client.delete_topics(&names, &self.options()).await.unwrap();
    }

    /// Sets how large a batch of a test's topic may be.
    #[cfg(test)]
    pub(crate) async fn limit(&self, topic: Topic, bytes: usize) {
        let (name, bytes) = (self.config.topic_name(topic), bytes.to_string());
        let change = rdkafka::admin::AlterConfig::new(ResourceSpecifier::Topic(&name)).set("max.message.bytes", &bytes);
        self.client.alter_configs(&[change], &self.options()).await.unwrap().remove(0).unwrap();
    }

    /// Every setting of these topics that is not as the catalogue and the configuration want it.
    pub async fn drift(&self, topics: &[Topic]) -> Result<Vec<Drift>, LogError> {
        let mut found = Vec::new();
        let shapes = self.shapes().await?;
        let mut there = Vec::new();
        for plan in TopicPlan::of(&self.config, topics) {
            match shapes.get(&plan.name) {
                Some(shape) => {
                    found.extend(shape_drift(&plan, *shape));
                    there.push(plan);
                }
                None => found.push(Drift { topic: plan.topic, setting: "topic", wanted: "there".to_owned(), found: "missing".to_owned() }),
            }
        }
        found.extend(self.config_drift(&there).await?);
        Ok(found)
    }

    async fn config_drift(&self, plans: &[TopicPlan]) -> Result<Vec<Drift>, LogError> {
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<ResourceSpecifier<'_>> = plans.iter().map(|plan| ResourceSpecifier::Topic(&plan.name)).collect();
        let answers =
            self.client.describe_configs(&asked, &self.options()).await.map_err(|error| unanswered(&self.config, "topics", &error))?;
        let mut found = Vec::new();
        // The brokers answer in the order of the question.
        for (plan, answer) in plans.iter().zip(answers) {
            let settings = answer.map_err(|code| LogError::Broker(format!("topic {} cannot be described: {code}", plan.name)))?;
            for (setting, wanted) in [("retention.ms", plan.retention_ms.to_string()), ("cleanup.policy", "delete".to_owned())] {
                let value = settings.get(setting).and_then(|entry| entry.value.clone()).unwrap_or_default();
                if value != wanted {
                    found.push(Drift { topic: plan.topic, setting, wanted, found: value });
                }
            }
            let largest = settings.get("max.message.bytes").and_then(|entry| entry.value.clone()).unwrap_or_default();
            // More does no harm.
            if largest.parse().is_ok_and(|bytes: usize| bytes < TOPIC_MAX_BYTES) {
                let wanted = format!("{TOPIC_MAX_BYTES} or more");
                found.push(Drift { topic: plan.topic, setting: "max.message.bytes", wanted, found: largest });
            }
        }
        Ok(found)
    }

    /// How long each of these topics keeps a record, in milliseconds; nothing for one that is not there or keeps all.
    pub async fn retention(&self, topics: &[Topic]) -> Result<BTreeMap<Topic, i64>, LogError> {
        let names: Vec<String> = topics.iter().map(|topic| self.config.topic_name(*topic)).collect();
        let asked: Vec<ResourceSpecifier<'_>> = names.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
        let answers =
            self.client.describe_configs(&asked, &self.options()).await.map_err(|error| unanswered(&self.config, "topics", &error))?;
        let kept = |answer: rdkafka::admin::ConfigResourceResult| {
            let settings = answer.ok()?;
            settings.get("retention.ms")?.value.as_ref()?.parse::<i64>().ok().filter(|millis| *millis >= 0)
        };
        // The brokers answer in the order of the question.
        Ok(topics.iter().copied().zip(answers).filter_map(|(topic, answer)| Some((topic, kept(answer)?))).collect())
    }

    /// How long the brokers may take.
    pub(super) fn options(&self) -> AdminOptions {
        let patience = Some(self.config.waits(PATIENCE));
        AdminOptions::new().request_timeout(patience).operation_timeout(patience)
    }

    /// Every topic of the brokers. The client blocks for this, so it is asked from a thread that may wait.
    async fn shapes(&self) -> Result<BTreeMap<String, Shape>, LogError> {
        let (client, config) = (Arc::clone(&self.client), self.config.clone());
        let asking = tokio::task::spawn_blocking(move || {
            let metadata =
                client.inner().fetch_metadata(None, config.waits(PATIENCE)).map_err(|error| explained(&config, "topics", &error))?;
            let shape = |topic: &rdkafka::metadata::MetadataTopic| Shape {
                partitions: topic.partitions().len(),
                copies: topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0),
            };
            Ok(metadata.topics().iter().map(|topic| (topic.name().to_owned(), shape(topic))).collect())
        });
        asking.await.unwrap_or_else(|error| Err(LogError::Broker(error.to_string())))
    }
}

fn shape_drift(plan: &TopicPlan, shape: Shape) -> Vec<Drift> {
    let mut found = Vec::new();
    let drift = |setting, wanted: String, found: String| Drift { topic: plan.topic, setting, wanted, found };
    if shape.partitions != plan.partitions {
        found.push(drift("partitions", plan.partitions.to_string(), shape.partitions.to_string()));
    }
    if let Some(wanted) = plan.replication.filter(|wanted| usize::try_from(*wanted) != Ok(shape.copies)) {
        found.push(drift("replication.factor", wanted.to_string(), shape.copies.to_string()));
    }
    found
}
