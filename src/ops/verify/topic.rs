use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{Record, RecordHeaders, Topic, TopicPartition, sha256_hex};
use crate::log::Bounds;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::store::{Stored, Tx, Unseen};

/// Records that are read and compared at once.
const PAGE: u32 = 2000;
/// Events that are looked for at once.
const MISSING_PAGE: i64 = 5000;
/// Findings of a topic that are told one by one, of each kind.
const TOLD: usize = 10;
/// Events so near to the end of their retention may be there or not.
const RETENTION_MARGIN: chrono::TimeDelta = chrono::TimeDelta::hours(2);

/// Every topic that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct TopicsVerified {
    /// In the order asked for.
    pub topics: Vec<TopicVerified>,
}

/// What a scan of one topic found.
#[derive(Debug, Clone, Serialize)]
pub struct TopicVerified {
    /// The topic.
    pub topic: &'static str,
    /// Records read.
    pub records: u64,
    /// Events among them that the event store has, each counted once.
    pub distinct: u64,
    /// Further copies of them; no violation, since groups skip them.
    pub duplicates: u64,
    /// Events of the store that are not in the outbox, within retention, and not in the topic.
    pub missing: u64,
    /// Records that are not, byte for byte and in this partition, an event of the store.
    pub foreign: u64,
    /// First copies that lie behind a later version of their aggregate.
    pub out_of_order: u64,
    /// The first of what should not be, of each kind.
    pub findings: Vec<TopicFinding>,
}

/// One thing that should not be.
#[derive(Debug, Clone, Serialize)]
pub struct TopicFinding {
    /// `missing`, `foreign`, `out of order`.
    pub what: &'static str,
    /// Where it lies, or should lie.
    pub place: String,
    /// Which event, where that can be said.
    pub event_id: Option<Uuid>,
    /// What is wrong.
    pub detail: String,
}

impl TopicsVerified {
    /// Whether a topic differs from the event store.
    pub fn is_broken(&self) -> bool {
        self.topics.iter().any(|topic| topic.missing + topic.foreign + topic.out_of_order > 0)
    }
}

/// Scans topics from their start to the end that they have now, outside of every group, and compares them with the event store.
pub async fn verify_topics(reader: &Reader, topics: &[Topic]) -> Result<TopicsVerified, OpsError> {
    let mut found = Vec::new();
    for topic in topics {
        if topic.is_dead_letter() {
            return Err(OpsError::Usage(format!("{topic} has copies of the dead letters, which are not in the event store")));
        }
        found.push(scan(reader, *topic).await?);
    }
    Ok(TopicsVerified { topics: found })
}

/// What is kept of a topic while it is read: two short numbers an event, whatever its size.
struct Scan {
    found: TopicVerified,
    seen: HashSet<Uuid>,
    versions: HashMap<String, i64>,
}

async fn scan(reader: &Reader, topic: Topic) -> Result<TopicVerified, OpsError> {
    let bounds = reader.bounds(topic).await?;
    let mut scan = Scan::new(topic);
    let ranges = bounds.iter().map(|(partition, bounds)| (TopicPartition { topic, partition: *partition }, *bounds)).collect();
    for mut partition in reader.log.scan(ranges).await? {
        // An aggregate's events have one key, so they share their partition.
        scan.versions.clear();
        loop {
            let records = partition.next(PAGE).await?;
            if records.is_empty() {
                break;
            }
            scan.compare(reader, &records).await?;
        }
    }
    scan.look_for_missing(reader, topic, &bounds).await?;
    Ok(scan.found)
}

impl Scan {
    fn new(topic: Topic) -> Self {
        let found = TopicVerified {
            topic: topic.name(),
            records: 0,
            distinct: 0,
            duplicates: 0,
            missing: 0,
            foreign: 0,
            out_of_order: 0,
            findings: Vec::new(),
        };
        Self { found, seen: HashSet::new(), versions: HashMap::new() }
    }

    async fn compare(&mut self, reader: &Reader, records: &[Record]) -> Result<(), OpsError> {
        let claimed: Vec<Option<Uuid>> = records.iter().map(id_of).collect();
        let ids: Vec<Uuid> = claimed.iter().flatten().copied().collect();
        // After reading: what lies in the log was committed before.
        let stored = reader.store.read(async move |tx: &mut Tx| tx.stored_events(&ids).await).await?;
        for (record, id) in records.iter().zip(claimed) {
            self.found.records += 1;
            let Some((id, event)) = id.and_then(|id| Some((id, stored.get(&id)?))) else {
                self.found.foreign += 1;
                self.tell("foreign", place(record.at, record.offset), id, "the event store has no such event".to_owned());
                continue;
            };
            if let Some(wrong) = difference(record, event) {
                self.found.foreign += 1;
                self.tell("foreign", place(record.at, record.offset), Some(id), wrong);
            } else if self.seen.insert(id) {
                self.found.distinct += 1;
                self.in_order(record, id, event);
            } else {
                self.found.duplicates += 1;
            }
        }
        Ok(())
    }

    /// Only first copies count: later ones are skipped by whoever reads.
    fn in_order(&mut self, record: &Record, id: Uuid, event: &Stored) {
        let last = self.versions.entry(event.aggregate.clone()).or_insert(event.version);
        if event.version < *last {
            let detail = format!("{} version {} comes after {last}", event.aggregate, event.version);
            self.found.out_of_order += 1;
            self.tell("out of order", place(record.at, record.offset), Some(id), detail);
        } else {
            *last = event.version;
        }
    }

    async fn look_for_missing(&mut self, reader: &Reader, topic: Topic, bounds: &BTreeMap<u16, Bounds>) -> Result<(), OpsError> {
        let kept = chrono::TimeDelta::days(i64::from(topic.retention_days()));
        let since = reader.ambient.now() - kept + RETENTION_MARGIN;
        let mut after = 0;
        loop {
            let page = reader.store.read(async move |tx: &mut Tx| tx.out_of_outbox(topic, since, after, MISSING_PAGE).await).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            // Asked behind the page, so that all that it names as published lies below these ends, unless the topic is another.
            let later = reader.bounds(topic).await?;
            for event in &page {
                if self.seen.contains(&event.event_id) {
                    continue;
                }
                let end = |bounds: &BTreeMap<u16, Bounds>| bounds.get(&event.partition).map_or(0, |bounds| bounds.end);
                // Published while the topic was being read, so behind what was looked at.
                let is_behind = event.log_offset.is_some_and(|offset| (end(bounds)..end(&later)).contains(&offset));
                if !is_behind {
                    let at = TopicPartition { topic, partition: event.partition };
                    let said = event.log_offset.map_or_else(|| at.to_string(), |offset| place(at, offset));
                    self.found.missing += 1;
                    self.tell("missing", said, Some(event.event_id), format!("stored {}", told(event)));
                }
            }
        }
    }

    fn tell(&mut self, what: &'static str, place: String, event_id: Option<Uuid>, detail: String) {
        if self.found.findings.iter().filter(|finding| finding.what == what).count() < TOLD {
            self.found.findings.push(TopicFinding { what, place, event_id, detail });
        }
    }
}

fn told(event: &Unseen) -> String {
    let time: Timestamp = event.created_at;
    time.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn place(at: TopicPartition, offset: i64) -> String {
    format!("{}/{}@{offset}", at.topic, at.partition)
}

/// The header tells even where the value cannot be read.
fn id_of(record: &Record) -> Option<Uuid> {
    let headers: RecordHeaders = serde_json::from_str(&record.headers).ok()?;
    Uuid::parse_str(&headers.event_id).ok()
}

fn difference(record: &Record, event: &Stored) -> Option<String> {
    if record.at != event.at {
        Some(format!("the event belongs to {}/{}", event.at.topic, event.at.partition))
    } else if sha256_hex(&record.value) != event.sha256 {
        Some("other bytes than those of the event store".to_owned())
    } else {
        None
    }
}

impl Report for TopicsVerified {
    const LISTS: &'static [&'static str] = &["topics"];
    const NAMES: Option<&'static str> = Some("topics");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">RECORDS", "?>DISTINCT", ">DUPLICATES", ">MISSING", ">FOREIGN", ">OUT-OF-ORDER"]);
        let mut findings = Table::new(&["TOPIC", "WHAT", "PLACE", "EVENT", "DETAIL"]);
        "differences from the event store".clone_into(&mut findings.title);
        for topic in &self.topics {
            let counts = [topic.records, topic.distinct, topic.duplicates, topic.missing, topic.foreign, topic.out_of_order];
            table.push([topic.topic.to_owned()].into_iter().chain(counts.map(|count| count.to_string())));
            for finding in &topic.findings {
                findings.push([
                    topic.topic.to_owned(),
                    finding.what.to_owned(),
                    finding.place.clone(),
                    finding.event_id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                    finding.detail.clone(),
                ]);
            }
            let all = topic.missing + topic.foreign + topic.out_of_order;
            if all > topic.findings.len() as u64 {
                findings.notes.push(format!("{}: {} more", topic.topic, all - topic.findings.len() as u64));
            }
        }
        if findings.rows.is_empty() { vec![table] } else { vec![table, findings] }
    }

    fn names(&self) -> Vec<String> {
        self.topics.iter().map(|topic| topic.topic.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 2 };

    fn record(offset: i64, value: &str) -> Record {
        Record {
            at: AT,
            offset,
            key: String::new(),
            headers: "{}".to_owned(),
            value: value.as_bytes().to_vec(),
            is_tombstone: false,
            created_at: String::new(),
        }
    }

    fn stored(version: i64) -> Stored {
        Stored { at: AT, aggregate: "payment/PY1".to_owned(), version, sha256: sha256_hex(b"a") }
    }

    #[test]
    fn other_bytes_under_the_same_id_and_another_partition_are_told() {
        assert_eq!(difference(&record(1, "a"), &stored(1)), None);
        assert_eq!(difference(&record(1, "b"), &stored(1)).as_deref(), Some("other bytes than those of the event store"));
        let elsewhere = Stored { at: TopicPartition { partition: 3, ..AT }, ..stored(1) };
        assert_eq!(difference(&record(1, "a"), &elsewhere).as_deref(), Some("the event belongs to payment.events/3"));
    }

    #[test]
    fn an_earlier_version_behind_a_later_one_is_out_of_order() {
        let mut scan = Scan::new(Topic::PaymentEvents);
        for version in [1, 3, 2, 4] {
            scan.in_order(&record(version, "a"), Uuid::nil(), &stored(version));
        }
        assert_eq!(scan.found.out_of_order, 1);
        assert_eq!(scan.found.findings[0].detail, "payment/PY1 version 2 comes after 3");
    }
}
