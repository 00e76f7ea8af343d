use serde::Serialize;

use crate::event::Topic;
use crate::log::{Admin, Drift, LogError};
use crate::ops::{Report, Table};

/// What to do with topics that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Create them.
    Create,
    /// Only say so.
    Tell,
}

/// A setting of a topic that is not as the catalogue wants it.
#[derive(Debug, Clone, Serialize)]
pub struct TopicDrift {
    /// The setting: `partitions`, `retention.ms`, `replication.factor`, `cleanup.policy`; `topic` where it is missing.
    pub setting: &'static str,
    /// What it should be.
    pub wanted: String,
    /// What it is.
    pub found: String,
}

/// One topic of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct TopicState {
    /// Its name, without any prefix.
    pub topic: &'static str,
    /// Partitions that the catalogue wants.
    pub partitions: u16,
    /// Days that the catalogue wants records kept.
    pub retention_days: u32,
    /// Whether it was created just now.
    pub created: bool,
    /// What is not as it should be.
    pub drift: Vec<TopicDrift>,
}

/// Every topic of the catalogue, as it is on the brokers.
#[derive(Debug, Clone, Serialize)]
pub struct TopicsState {
    /// In the catalogue's order.
    pub topics: Vec<TopicState>,
}

impl TopicsState {
    /// Whether a topic is not as it should be.
    pub fn has_drift(&self) -> bool {
        self.topics.iter().any(|topic| !topic.drift.is_empty())
    }
}

/// Compares the brokers' topics with the catalogue, after creating those that are missing where that is asked for. Nothing that
/// is there is changed.
pub async fn init(admin: &Admin, missing: Missing) -> Result<TopicsState, LogError> {
    let created = match missing {
        Missing::Create => admin.create_missing(Topic::ALL).await?,
        Missing::Tell => Vec::new(),
    };
    let drift = admin.drift(Topic::ALL).await?;
    let state = |topic: &Topic| TopicState {
        topic: topic.name(),
        partitions: topic.partitions(),
        retention_days: topic.retention_days(),
        created: created.contains(topic),
        drift: drift.iter().filter(|drift| drift.topic == *topic).map(shown).collect(),
    };
    Ok(TopicsState { topics: Topic::ALL.iter().map(state).collect() })
}

pub(super) fn shown(drift: &Drift) -> TopicDrift {
    TopicDrift { setting: drift.setting, wanted: drift.wanted.clone(), found: drift.found.clone() }
}

impl Report for TopicsState {
    const LISTS: &'static [&'static str] = &["topics"];
    const NAMES: Option<&'static str> = Some("topics");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">PARTITIONS", ">RETENTION", "STATE"]);
        for topic in &self.topics {
            let differs = topic.drift.iter().map(|drift| format!("{} is {} and should be {}", drift.setting, drift.found, drift.wanted));
            let state = match (topic.created, topic.drift.is_empty()) {
                (_, false) => differs.collect::<Vec<_>>().join("; "),
                (true, true) => "created".to_owned(),
                (false, true) => "ok".to_owned(),
            };
            table.push([topic.topic.to_owned(), topic.partitions.to_string(), format!("{} d", topic.retention_days), state]);
        }
        let created = self.topics.iter().filter(|topic| topic.created).count();
        let drifted = self.topics.iter().filter(|topic| !topic.drift.is_empty()).count();
        table.notes.push(format!("{created} created, {drifted} not as the catalogue has it; what is there is never changed"));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.topics.iter().map(|topic| topic.topic.to_owned()).collect()
    }
}
