use serde::Serialize;

use crate::event::Topic;
use crate::log::{Admin, TopicPlan};
use crate::ops::{OpsError, Reader, Report, Table};

use super::TailQuery;
use super::init::{self, TopicDrift};
use super::source::Source;

/// One topic as it is.
#[derive(Debug, Clone, Serialize)]
pub struct TopicDetail {
    /// Its name, without any prefix.
    pub topic: &'static str,
    /// What travels on it.
    pub carries: &'static str,
    /// Days that the catalogue wants records kept; the embedded log keeps them for ever.
    pub retention_days: u32,
    /// Copies that are wanted; `None` where the brokers decide, or where there are none.
    pub replication: Option<i32>,
    /// Whether brokers hold it.
    pub on_brokers: bool,
    /// What is not as it should be.
    pub drift: Vec<TopicDrift>,
    /// By number.
    pub partitions: Vec<PartitionRow>,
}

/// One partition.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PartitionRow {
    /// Which.
    pub partition: u16,
    /// The first offset that is still there.
    pub start_offset: i64,
    /// The offset after the last record.
    pub end_offset: i64,
    /// Records there; unknown where offsets have gaps.
    pub records: Option<i64>,
}

/// One topic with its partitions; `admin` where brokers hold it.
pub async fn describe(reader: &Reader, topic: Topic, admin: Option<(&Admin, &TopicPlan)>) -> Result<TopicDetail, OpsError> {
    let drift = match admin {
        Some((admin, _)) => admin.drift(&[topic]).await?.iter().map(init::shown).collect(),
        None => Vec::new(),
    };
    let has_gaps = reader.log.has_gaps() || topic.is_dead_letter();
    let sources = Source::of(reader, topic, &TailQuery::default()).await?;
    let partitions = sources.iter().map(|source| PartitionRow {
        partition: source.at.partition,
        start_offset: source.bounds.start,
        end_offset: source.bounds.end,
        records: (!has_gaps).then_some(source.bounds.end - source.bounds.start),
    });
    Ok(TopicDetail {
        topic: topic.name(),
        carries: topic.carries(),
        retention_days: topic.retention_days(),
        replication: admin.and_then(|(_, plan)| plan.replication),
        on_brokers: admin.is_some(),
        drift,
        partitions: partitions.collect(),
    })
}

impl Report for TopicDetail {
    const LISTS: &'static [&'static str] = &["partitions"];
    const NAMES: Option<&'static str> = Some("topics");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&[">P", ">START", ">END", ">RECORDS"]);
        table.title = format!("{}: {}", self.topic, self.carries);
        for row in &self.partitions {
            table.push([
                row.partition.to_string(),
                row.start_offset.to_string(),
                row.end_offset.to_string(),
                row.records.map_or_else(|| "-".to_owned(), |records| records.to_string()),
            ]);
        }
        if self.on_brokers {
            let copies = self.replication.map_or_else(|| "as the brokers have it".to_owned(), |copies| copies.to_string());
            table.notes.push(format!("retention {} d, copies {copies}", self.retention_days));
        } else {
            table.notes.push("the embedded log keeps every record; its offsets have gaps".to_owned());
        }
        for drift in &self.drift {
            table.notes.push(format!("! {} is {} and should be {}", drift.setting, drift.found, drift.wanted));
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        vec![self.topic.to_owned()]
    }
}
