use serde::Serialize;
use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{Decoded, Record, decode, sha256_hex};
use crate::ops::dlq::LetterId;
use crate::ops::topics::TailRecord;
use crate::ops::trace::{Told, applied, readers};
use crate::ops::{OpsError, Reader, dead_letter, group};
use crate::store::{StoreError, Tx, record_from};

/// One event: what it says, where it lies, and who has applied it.
#[derive(Debug, Clone, Serialize)]
pub struct EventDetail {
    /// Its number in the store.
    pub seq: i64,
    /// What it says, with addresses masked and free text left out.
    pub record: TailRecord,
    /// The service that wrote it.
    pub producer: Option<String>,
    /// Ties everything about one payment together.
    pub correlation_id: Option<String>,
    /// The event, request or notice that caused it.
    pub causation_id: Option<String>,
    /// Whether the stored bytes have the hash that was taken when they were made.
    pub is_intact: bool,
    /// Since when it waits in the outbox.
    pub outbox_since: Option<Timestamp>,
    /// Where it lies, and whether the log has the same bytes there.
    pub log: OnLog,
    /// Each group that reads its topic.
    pub groups: Vec<Application>,
    /// When it was read.
    #[serde(skip)]
    pub at: Timestamp,
}

/// What the log has at the place that the database has noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum OnLog {
    /// It is not there yet, or the place is not known.
    Unplaced,
    /// The store is the log.
    Same {
        /// Topic, partition and offset.
        place: String,
    },
    /// The log has the same bytes.
    Confirmed {
        /// Topic, partition and offset.
        place: String,
    },
    /// The log has other bytes there.
    Differs {
        /// Topic, partition and offset.
        place: String,
    },
    /// Retention has taken it from the log.
    Gone {
        /// Topic, partition and offset.
        place: String,
    },
    /// The log does not answer.
    Unknown {
        /// Topic, partition and offset.
        place: String,
        /// Why.
        reason: String,
    },
}

/// How far a group is with the event.
#[derive(Debug, Clone, Serialize)]
pub struct Application {
    /// The group's short name.
    pub group: &'static str,
    /// applied, parked, held, replaying, discarded, or waiting.
    pub state: String,
    /// When its batch ended, where that was noted.
    pub at: Option<Timestamp>,
    /// How often the batch was tried.
    pub attempts: Option<i64>,
    /// Its dead letter.
    pub letter: Option<LetterId>,
}

/// The event of this id, from the permanent store; the log is asked for its copy.
pub async fn show(reader: &Reader, event_id: Uuid) -> Result<EventDetail, OpsError> {
    let (record, mut detail) = reader.store.read(async move |tx: &mut Tx| read(tx, event_id).await).await?;
    if record.offset >= 0 {
        detail.log = on_log(reader, &record).await;
    }
    Ok(detail)
}

async fn read(tx: &mut Tx, event_id: Uuid) -> Result<(Record, EventDetail), OpsError> {
    let sql = "SELECT coalesce(l.log_offset, -1), e.topic, e.partition, e.key, e.headers, e.value, e.created_at, e.seq, \
               e.aggregate_id, e.aggregate_version FROM events e LEFT JOIN event_places l ON l.seq = e.seq WHERE e.event_id = $1";
    let Some(row) = tx.query_one(sql, &[event_id.into()]).await? else {
        return Err(OpsError::NotFound { what: "event", id: event_id.to_string() });
    };
    let (record, seq) = (record_from(&row)?, row.get::<i64>(7)?);
    let headers: serde_json::Value = serde_json::from_str(&record.headers).unwrap_or_default();
    let mut detail = EventDetail {
        seq,
        record: TailRecord::of_record(&record, false),
        producer: None,
        correlation_id: None,
        causation_id: None,
        is_intact: headers.get("sha256").and_then(serde_json::Value::as_str) == Some(sha256_hex(&record.value).as_str()),
        outbox_since: tx.outbox_waiting(&[seq]).await?.get(&seq).copied(),
        log: OnLog::Unplaced,
        groups: Vec::new(),
        at: tx.now(),
    };
    if let Ok(Decoded::Event(event)) = decode(&record) {
        let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        detail.producer = filled(&event.metadata.producer);
        detail.correlation_id = filled(&event.metadata.correlation_id);
        detail.causation_id = filled(&event.metadata.causation_id);
        let told = Told { seq, event: *event, committed_at: row.get(6)? };
        detail.groups = applications(tx, &told).await?;
    }
    Ok((record, detail))
}

async fn applications(tx: &mut Tx, told: &Told) -> Result<Vec<Application>, StoreError> {
    let marks = applied(tx, std::slice::from_ref(told)).await?;
    let commits = group::commits(tx).await?;
    let mut found = Vec::new();
    for service in readers(&told.event) {
        let (id, at, offset) = (told.event.event_id, told.event.at, told.event.offset);
        let name = service.group().unwrap_or_default();
        let letter = dead_letter::of_event(tx, &name, id).await?;
        let mut application = Application { group: service.name(), state: String::new(), at: None, attempts: None, letter: None };
        let is_marked = marks.contains(&(service, id));
        let has_passed = offset >= 0 && commits.get(&(name.clone(), at)).is_some_and(|commit| commit.next_offset > offset);
        let state = match letter.as_ref().map(|letter| letter.state.as_str()) {
            Some("failed") => "parked",
            Some("blocked") => "held",
            Some("replaying") => "replaying",
            Some("discarded") => "discarded",
            _ if is_marked && has_passed => "applied",
            _ if is_marked => "applied past the log",
            _ if has_passed => "SKIPPED",
            _ => "waiting",
        };
        state.clone_into(&mut application.state);
        application.letter = letter.map(|letter| LetterId {
            group: letter.group.clone(),
            topic: letter.topic.clone(),
            partition: letter.partition,
            offset: letter.offset,
        });
        if has_passed && is_marked {
            batch(tx, &name, told, &mut application).await?;
        }
        found.push(application);
    }
    Ok(found)
}

async fn batch(tx: &mut Tx, group: &str, told: &Told, application: &mut Application) -> Result<(), StoreError> {
    let event = &told.event;
    let sql = "SELECT from_offset, ended_at, attempts FROM consumer_batches \
               WHERE grp = $1 AND topic = $2 AND partition = $3 AND to_offset >= $4 ORDER BY to_offset LIMIT 1";
    let place = [group.into(), event.at.topic.name().into(), event.at.partition.into(), event.offset.into()];
    if let Some(row) = tx.query_one(sql, &place).await?
        && row.get::<i64>(0)? <= event.offset
    {
        (application.at, application.attempts) = (Some(row.get(1)?), Some(row.get(2)?));
    }
    Ok(())
}

async fn on_log(reader: &Reader, record: &Record) -> OnLog {
    let place = format!("{}@{}", record.at, record.offset);
    if reader.log.has_gaps() {
        return OnLog::Same { place };
    }
    let answer = match reader.log.ping().await {
        Ok(()) => reader.records(record.at, record.offset, 1).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(found) => match found.first() {
            Some(copy) if copy.offset == record.offset && copy.value == record.value => OnLog::Confirmed { place },
            Some(copy) if copy.offset == record.offset => OnLog::Differs { place },
            _ => OnLog::Gone { place },
        },
        Err(error) => OnLog::Unknown { place, reason: error.to_string() },
    }
}

impl EventDetail {
    /// Whether the log could not be asked.
    pub const fn is_partial(&self) -> bool {
        matches!(self.log, OnLog::Unknown { .. })
    }

    /// Whether something about it contradicts something else.
    pub fn is_finding(&self) -> bool {
        !self.is_intact || matches!(self.log, OnLog::Differs { .. }) || self.groups.iter().any(|group| group.state == "SKIPPED")
    }

    /// Whether a service that reads it has a dead letter of it, for the next command.
    pub fn letter(&self) -> Option<&LetterId> {
        let is_open = |application: &&Application| matches!(application.state.as_str(), "parked" | "held");
        self.groups.iter().filter(is_open).find_map(|application| application.letter.as_ref())
    }

    /// Whether this service is among those that read it.
    #[cfg(test)]
    pub(super) fn state_at(&self, service: crate::services::Service) -> Option<&str> {
        self.groups.iter().find(|application| application.group == service.name()).map(|application| application.state.as_str())
    }
}
