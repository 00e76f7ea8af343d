use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::{MerchantId, Timestamp, format_timestamp};
use crate::telemetry;

use super::{AuditPayload, ENVELOPE_VERSION, Envelope, EventKind, Metadata, Payload, Topic, TopicPartition, partition_of};

/// What set an event off: carried from request to event to event.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// Ties everything that one request set off together.
    pub correlation_id: String,
    /// The event or request that caused this one.
    pub causation_id: String,
    /// The W3C trace id, 32 hex digits; empty when there is none.
    pub trace_id: String,
}

impl Cause {
    /// The cause of whatever `event` sets off.
    pub fn of(event: &super::Event) -> Self {
        Self {
            correlation_id: event.metadata.correlation_id.clone(),
            causation_id: event.event_id.to_string(),
            trace_id: event.metadata.trace_id.clone(),
        }
    }
}

/// An event about to be published.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Unique, UUIDv7.
    pub event_id: Uuid,
    /// What happened.
    pub kind: EventKind,
    /// The topic, where the kind may travel on several.
    pub topic: Topic,
    /// The aggregate it happened to.
    pub aggregate_id: String,
    /// Counts the aggregate's events from 1 without a gap.
    pub aggregate_version: i64,
    /// Whose event it is.
    pub merchant_id: Option<MerchantId>,
    /// The record's key; decides the partition.
    pub key: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What set it off.
    pub cause: Cause,
    /// The service that writes it.
    pub producer: &'static str,
    /// What it says.
    pub payload: Payload,
}

impl NewEvent {
    /// The record of the audit trail of `what`, under the ids of the event and of the record, written and kept under the merchant's
    /// key, or where it is about none, under the producer's name.
    pub fn audit(
        [event_id, record_id]: [Uuid; 2],
        (at, merchant_id): (Timestamp, Option<MerchantId>),
        (producer, cause): (&'static str, Cause),
        what: AuditPayload,
    ) -> Self {
        let kind = EventKind::AuditRecorded;
        Self {
            event_id,
            kind,
            topic: kind.topic(),
            aggregate_id: record_id.to_string(),
            aggregate_version: 1,
            merchant_id,
            key: merchant_id.map_or_else(|| producer.to_owned(), |id| id.to_string()),
            timestamp: at,
            cause,
            producer,
            payload: Payload::Audit(Box::new(what)),
        }
    }
}

/// The headers of a record (contract section 3), all text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the headers are those of the contract, under the same names")]
pub struct RecordHeaders {
    pub event_id: String,
    pub event_type: String,
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub aggregate_version: String,
    pub timestamp: String,
    pub version: String,
    pub sha256: String,
    pub traceparent: String,
}

/// A record as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it lies.
    pub at: TopicPartition,
    /// Its offset there.
    pub offset: i64,
    /// The key, as bytes of text.
    pub key: String,
    /// The headers as a JSON object of texts.
    pub headers: String,
    /// The exact published bytes; none where it is a tombstone.
    pub value: Vec<u8>,
    /// Whether there is no value at all, which is another thing than an empty one. No event of ours is written so.
    pub is_tombstone: bool,
    /// When the log took it.
    pub created_at: String,
}

impl Record {
    /// Takes what it says out of its memory, which may say something else then.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let Self { at, offset, is_tombstone, .. } = *self;
        let [key, headers, created_at] = [&mut self.key, &mut self.headers, &mut self.created_at].map(std::mem::take);
        Self { at, offset, key, headers, value: std::mem::take(&mut self.value), is_tombstone, created_at }
    }
}

/// The largest event in bytes, key and headers included. It is refused where it is made: a broker that refused it later would
/// keep it, and all that its aggregate has to say, from everybody.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

/// A new event could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// What it says has no JSON.
    #[error("event {0} cannot be encoded")]
    Json(Uuid, #[source] serde_json::Error),
    /// It says too much.
    #[error("event {event_id} has {bytes} bytes, more than the {MAX_EVENT_BYTES} that are allowed")]
    TooLarge {
        /// Which event.
        event_id: Uuid,
        /// Its size, key and headers included.
        bytes: usize,
    },
}

/// An event in the form in which it is stored and published.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// Topic and partition.
    pub at: TopicPartition,
    /// The exact bytes of the value.
    pub value: Vec<u8>,
    /// The headers as JSON text.
    pub headers: String,
}

/// An event with the bytes that it is stored as, made before the transaction that publishes it.
#[derive(Debug, Clone)]
pub struct EncodedEvent {
    /// What is published.
    pub event: NewEvent,
    /// Its bytes.
    pub encoded: Encoded,
}

impl EncodedEvent {
    /// Writes the event down.
    pub fn new(event: NewEvent) -> Result<Self, EncodeError> {
        let encoded = encode(&event)?;
        Ok(Self { event, encoded })
    }
}

/// The aggregate id of an order: its number is unique only within its merchant.
pub fn order_aggregate_id(merchant: MerchantId, order_no: &str) -> String {
    format!("{merchant}/{order_no}")
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What an envelope takes beside its payload, about.
const ENVELOPE_BYTES: usize = 640;

/// Writes the value once; every copy of the event has these bytes.
pub fn encode(event: &NewEvent) -> Result<Encoded, EncodeError> {
    let fail = |error| EncodeError::Json(event.event_id, error);
    let envelope = Envelope {
        event_id: event.event_id,
        event_type: event.kind.as_str().to_owned(),
        aggregate_type: event.kind.aggregate_type().as_str().to_owned(),
        aggregate_id: event.aggregate_id.clone(),
        timestamp: event.timestamp,
        version: ENVELOPE_VERSION.to_owned(),
        metadata: Metadata {
            aggregate_version: event.aggregate_version,
            merchant_id: event.merchant_id,
            correlation_id: event.cause.correlation_id.clone(),
            causation_id: event.cause.causation_id.clone(),
            trace_id: event.cause.trace_id.clone(),
            producer: event.producer.to_owned(),
        },
        payload: event.payload.to_raw().map_err(fail)?,
    };
    let mut value = Vec::with_capacity(envelope.payload.get().len() + ENVELOPE_BYTES);
    serde_json::to_writer(&mut value, &envelope).map_err(fail)?;
    let headers = RecordHeaders {
        event_id: event.event_id.to_string(),
        event_type: envelope.event_type,
        aggregate_type: envelope.aggregate_type,
        aggregate_id: envelope.aggregate_id,
        aggregate_version: event.aggregate_version.to_string(),
        timestamp: format_timestamp(event.timestamp),
        version: envelope.version,
        sha256: sha256_hex(&value),
        traceparent: traceparent(&event.cause, event.producer),
    };
    let headers = serde_json::to_string(&headers).map_err(fail)?;
    let bytes = value.len().saturating_add(headers.len()).saturating_add(event.key.len());
    if bytes > MAX_EVENT_BYTES {
        return Err(EncodeError::TooLarge { event_id: event.event_id, bytes });
    }
    let partition = partition_of(event.key.as_bytes(), event.topic.partitions());
    Ok(Encoded { at: TopicPartition { topic: event.topic, partition }, value, headers })
}

/// Where the event stands in its trace; empty without a trace.
fn traceparent(cause: &Cause, producer: &str) -> String {
    telemetry::traceparent(&cause.trace_id, &cause.causation_id, producer).map_or_else(String::new, |context| context.to_string())
}
