use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Topic;
use crate::ops::{OpsError, Reader, Report, Table};

/// Every topic of the platform.
#[derive(Debug, Clone, Serialize)]
pub struct TopicList {
    /// In the order of the contract.
    pub topics: Vec<TopicRow>,
    /// Whether records are kept for ever, whatever the retention says.
    pub keeps_all: bool,
}

/// One topic.
#[derive(Debug, Clone, Serialize)]
pub struct TopicRow {
    /// The wire name.
    pub topic: &'static str,
    /// How many partitions it has.
    pub partitions: u16,
    /// How long a broker keeps a record; the embedded log keeps every one.
    pub retention_days: u32,
    /// How many records lie there now.
    pub records: i64,
    /// What travels on it.
    pub carries: &'static str,
}

/// The catalogue, with the number of records that lie on each topic.
pub async fn list(reader: &Reader) -> Result<TopicList, OpsError> {
    let keeps_all = reader.log.has_gaps();
    let mut counts = reader
        .store
        .read(async move |tx| {
            let mut counts = BTreeMap::new();
            if keeps_all {
                for row in tx.query("SELECT topic, count(*) FROM events GROUP BY topic", &[]).await? {
                    counts.insert(row.get::<String>(0)?, row.get::<i64>(1)?);
                }
            }
            let parked = "SELECT count(CASE WHEN grp = 'payctl.notification' THEN 1 END), count(*) FROM dlq WHERE state = 'failed'";
            if let Some(row) = tx.query_one(parked, &[]).await? {
                let (notification, all) = (row.get::<i64>(0)?, row.get::<i64>(1)?);
                counts.insert(Topic::DlqNotification.name().to_owned(), notification);
                counts.insert(Topic::DlqPayment.name().to_owned(), all - notification);
            }
            Ok::<_, OpsError>(counts)
        })
        .await?;
    if !keeps_all {
        // Dead letters are read from their table, of which the brokers have a copy.
        for topic in Topic::ALL.iter().filter(|topic| !topic.is_dead_letter()) {
            let bounds = reader.bounds(*topic).await?;
            counts.insert(topic.name().to_owned(), bounds.values().map(|bounds| bounds.end - bounds.start).sum());
        }
    }
    let topics = Topic::ALL
        .iter()
        .map(|topic| TopicRow {
            topic: topic.name(),
            partitions: topic.partitions(),
            retention_days: topic.retention_days(),
            records: counts.get(topic.name()).copied().unwrap_or(0),
            carries: topic.carries(),
        })
        .collect();
    Ok(TopicList { topics, keeps_all })
}

impl Report for TopicList {
    const LISTS: &'static [&'static str] = &["topics"];
    const NAMES: Option<&'static str> = Some("topics");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">PARTITIONS", ">RETENTION", ">RECORDS", "CARRIES"]);
        for row in &self.topics {
            table.push([
                row.topic.to_owned(),
                row.partitions.to_string(),
                format!("{}d", row.retention_days),
                row.records.to_string(),
                row.carries.to_owned(),
            ]);
        }
        if self.keeps_all {
            table.notes.push("the embedded log keeps every record; retention applies where the log is a broker".to_owned());
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.topics.iter().map(|row| row.topic.to_owned()).collect()
    }
}
