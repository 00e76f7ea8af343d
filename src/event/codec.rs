use serde_json::value::RawValue;

use super::{Envelope, Event, EventKind, Payload, Record, TopicPartition};

/// The envelope's major version that this build reads.
const MAJOR_VERSION: &str = "1";

/// What a record turned out to be.
#[derive(Debug)]
pub enum Decoded {
    /// An event of a known type.
    Event(Box<Event>),
    /// A well-formed event of a type that this version does not know: skipped and counted.
    UnknownType(Box<Envelope>),
}

/// A record that cannot be read; it is parked.
#[derive(Debug, thiserror::Error)]
pub enum UndecodableRecord {
    /// The value is not an envelope.
    #[error("not an event envelope: {0}")]
    Envelope(String),
    /// Written by a newer major version.
    #[error("envelope version {0} is not 1.x")]
    Version(String),
    /// The payload lacks what its type promises.
    #[error("payload of {kind}: {reason}")]
    Payload {
        /// The event's type.
        kind: EventKind,
        /// What is wrong, without any value.
        reason: String,
    },
}

impl UndecodableRecord {
    /// The stable code kept with a parked record.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "UNDECODABLE_ENVELOPE",
            Self::Version(_) => "UNSUPPORTED_VERSION",
            Self::Payload { .. } => "UNDECODABLE_PAYLOAD",
        }
    }
}

/// Reads a record of the log.
pub fn decode(record: &Record) -> Result<Decoded, UndecodableRecord> {
    decode_value(record.at, record.offset, &record.value)
}

/// Reads the value of a record that lies at `at`, `offset`.
pub fn decode_value(at: TopicPartition, offset: i64, value: &[u8]) -> Result<Decoded, UndecodableRecord> {
    // Text is looked through once, not string by string.
    let read = std::str::from_utf8(value).map_or_else(|_| serde_json::from_slice(value), serde_json::from_str);
    let envelope: Envelope<&RawValue> = read.map_err(|error| UndecodableRecord::Envelope(place(&error)))?;
    if envelope.version.split('.').next() != Some(MAJOR_VERSION) {
        return Err(UndecodableRecord::Version(envelope.version));
    }
    let Some(kind) = EventKind::parse(&envelope.event_type) else {
        return Ok(Decoded::UnknownType(Box::new(envelope.into_owned())));
    };
    let payload = Payload::decode(kind, envelope.payload).map_err(|error| UndecodableRecord::Payload { kind, reason: place(&error) })?;
    Ok(Decoded::Event(Box::new(Event {
        at,
        offset,
        event_id: envelope.event_id,
        kind,
        aggregate_id: envelope.aggregate_id,
        timestamp: envelope.timestamp,
        metadata: envelope.metadata,
        payload,
    })))
}

/// Category and place of a JSON error; its full text could quote a customer's data.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Io => "unreadable",
        serde_json::error::Category::Syntax => "malformed JSON",
        serde_json::error::Category::Data => "a field is missing or of the wrong type",
        serde_json::error::Category::Eof => "JSON ends early",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}
