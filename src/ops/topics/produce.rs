use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::domain::format_timestamp;
use crate::event::{Record, Topic, TopicPartition, decode, partition_of, sha256_hex};
use crate::log::{LogError, Publisher};
use crate::ops::{OpsError, Reader, Report, Table};
use crate::store::{DeskOrder, Tx};

use super::RawRecord;
use super::headers::Headers;

/// Records that are published, and waited for, together.
const PAGE: usize = 500;

/// What a file would put on a topic.
#[derive(Debug, Clone, Serialize)]
pub struct ProducePlan {
    /// Which topic.
    pub topic: &'static str,
    /// Lines that were read.
    pub lines: usize,
    /// Where the records would lie.
    pub partitions: Vec<ProducePartition>,
    /// Records of events that the event store has, byte for byte: groups skip what they have applied of them.
    pub known: usize,
    /// Records that groups cannot read, and would park.
    pub undecodable: usize,
    /// Lines that are left out.
    pub unread: Vec<UnreadLine>,
    #[serde(skip)]
    records: Vec<Record>,
    /// Of the whole file.
    sha256: String,
}

/// A partition of it.
#[derive(Debug, Clone, Serialize)]
pub struct ProducePartition {
    /// Which; the key decides.
    pub partition: u16,
    /// Records for it.
    pub records: usize,
}

/// A line that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadLine {
    /// From 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// What was put on a topic.
#[derive(Debug, Clone, Serialize)]
pub struct Produced {
    /// Which topic.
    pub topic: &'static str,
    /// Records that the brokers have acknowledged.
    pub records: usize,
    /// Records that were meant.
    pub wanted: usize,
    /// Lines that were left out.
    pub unread: Vec<UnreadLine>,
    /// Why it ended early; records after the acknowledged ones may be there or not.
    pub fault: Option<String>,
}

/// A line of `topics tail --raw -o jsonl`, as far as it is needed.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    key: String,
    raw: Option<RawRecord>,
}

/// Reads lines as `topics tail --raw -o jsonl` writes them, and says what publishing them would come to; publishes nothing.
pub async fn plan_produce(reader: &Reader, topic: Topic, text: &str) -> Result<ProducePlan, OpsError> {
    if topic.is_dead_letter() {
        return Err(OpsError::Usage(format!("{topic} has copies of the dead letters, which are a table: see payctl dlq import")));
    }
    let created_at = format_timestamp(reader.ambient.now());
    let (mut records, mut unread, mut lines) = (Vec::new(), Vec::new(), 0);
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        lines += 1;
        match record(topic, text, &created_at) {
            Ok(record) => records.push(record),
            Err(reason) => unread.push(UnreadLine { line, reason }),
        }
    }
    let mut partitions: BTreeMap<u16, usize> = BTreeMap::new();
    for record in &records {
        *partitions.entry(record.at.partition).or_default() += 1;
    }
    Ok(ProducePlan {
        topic: topic.name(),
        lines,
        partitions: partitions.into_iter().map(|(partition, records)| ProducePartition { partition, records }).collect(),
        known: known(reader, &records).await?,
        undecodable: records.iter().filter(|record| decode(record).is_err()).count(),
        unread,
        records,
        sha256: sha256_hex(text.as_bytes()),
    })
}

fn record(topic: Topic, text: &str, created_at: &str) -> Result<Record, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| format!("not a line of payctl topics tail (column {})", error.column()))?;
    let raw = line.raw.ok_or("it has no raw value: write it with payctl topics tail --raw -o jsonl")?;
    let value = raw.bytes().map_err(|_| "its value_hex is no hex")?;
    let partition = partition_of(line.key.as_bytes(), topic.partitions());
    Ok(Record {
        at: TopicPartition { topic, partition },
        offset: 0,
        key: line.key,
        headers: serde_json::Value::Object(raw.headers).to_string(),
        is_tombstone: value.is_none(),
        value: value.unwrap_or_default(),
        created_at: created_at.to_owned(),
    })
}

async fn known(reader: &Reader, records: &[Record]) -> Result<usize, OpsError> {
    let id = |record: &Record| Uuid::parse_str(&Headers::of(record).text("event_id")?).ok();
    let mut known = 0;
    for page in records.chunks(PAGE) {
        let ids: Vec<Uuid> = page.iter().filter_map(id).collect::<HashSet<_>>().into_iter().collect();
        let stored = reader.store.read(async move |tx: &mut Tx| tx.stored_events(&ids).await).await?;
        let is_known = |record: &&Record| {
            id(record)
                .and_then(|id| stored.get(&id))
                .is_some_and(|event| event.at == record.at && event.sha256 == sha256_hex(&record.value))
        };
        known += page.iter().filter(is_known).count();
    }
    Ok(known)
}

impl ProducePlan {
    /// What the audit trail is told before anything is published.
    pub fn record(&self, actor: &str, reason: &str) -> DeskOrder {
        DeskOrder::Record {
            action: "topics.produce".to_owned(),
            target: self.topic.to_owned(),
            after: json!({ "records": self.records.len(), "known": self.known, "undecodable": self.undecodable, "sha256": self.sha256 }),
            actor: actor.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// Publishes what was planned, in its order; tell the audit trail first, see [`ProducePlan::record`].
pub async fn produce(publisher: &Publisher, plan: ProducePlan) -> Produced {
    let mut produced = Produced { topic: plan.topic, records: 0, wanted: plan.records.len(), unread: plan.unread, fault: None };
    for page in plan.records.chunks(PAGE) {
        match publisher.publish(page).await {
            Ok(offsets) => produced.records += offsets.len(),
            Err(error) => {
                let cause: &LogError = &error.0;
                produced.fault = Some(cause.to_string());
                break;
            }
        }
    }
    produced
}

fn unread_table(unread: &[UnreadLine]) -> Option<Table> {
    let mut table = Table::new(&[">LINE", "LEFT OUT BECAUSE"]);
    for line in unread {
        table.push([line.line.to_string(), line.reason.clone()]);
    }
    (!table.rows.is_empty()).then_some(table)
}

impl Report for ProducePlan {
    const LISTS: &'static [&'static str] = &["partitions"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">P", ">RECORDS"]);
        for row in &self.partitions {
            table.push([self.topic.to_owned(), row.partition.to_string(), row.records.to_string()]);
        }
        let new = self.records.len().saturating_sub(self.known).saturating_sub(self.undecodable);
        table.notes.push(format!(
            "{} of {} lines can be published: {} are events of the store, {new} are not, {} cannot be read and would be parked",
            self.records.len(),
            self.lines,
            self.known,
            self.undecodable
        ));
        [Some(table), unread_table(&self.unread)].into_iter().flatten().collect()
    }
}

impl Report for Produced {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">PUBLISHED", ">OF"]);
        table.push([self.topic.to_owned(), self.records.to_string(), self.wanted.to_string()]);
        table
            .notes
            .extend(self.fault.iter().map(|fault| format!("! it ended early, and more may be there than was acknowledged: {fault}")));
        table.notes.push("written to audit.logs".to_owned());
        [Some(table), unread_table(&self.unread)].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_tail_becomes_the_record_that_it_was() {
        let text = r#"{"key":"k","offset":7,"raw":{"headers":{"event_id":"x"},"value":"{}","value_hex":null}}"#;
        let found = record(Topic::PaymentEvents, text, "2026-01-02T03:04:05Z").unwrap();
        assert_eq!((found.key.as_str(), found.value.as_slice(), found.is_tombstone), ("k", &b"{}"[..], false));
        assert_eq!(found.headers, r#"{"event_id":"x"}"#);
        assert_eq!(found.at.partition, partition_of(b"k", Topic::PaymentEvents.partitions()));
        let hex = record(Topic::PaymentEvents, r#"{"key":"k","raw":{"headers":{},"value":null,"value_hex":"ff00"}}"#, "").unwrap();
        assert_eq!((hex.value.as_slice(), hex.is_tombstone), (&[0xff, 0][..], false));
        let gone = record(Topic::PaymentEvents, r#"{"key":"k","raw":{"headers":{},"value":null,"value_hex":null}}"#, "").unwrap();
        assert!(gone.is_tombstone);
    }

    #[test]
    fn a_line_without_its_bytes_is_left_out_with_the_way_to_get_them() {
        let refused = record(Topic::PaymentEvents, r#"{"key":"k","payload":{}}"#, "").unwrap_err();
        assert_eq!(refused, "it has no raw value: write it with payctl topics tail --raw -o jsonl");
        assert!(record(Topic::PaymentEvents, "{", "").unwrap_err().starts_with("not a line of payctl topics tail"));
        assert_eq!(
            record(Topic::PaymentEvents, r#"{"raw":{"headers":{},"value":null,"value_hex":"xy"}}"#, "").unwrap_err(),
            "its value_hex is no hex"
        );
    }
}
