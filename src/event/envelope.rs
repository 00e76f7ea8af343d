use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::domain::{MerchantId, Timestamp};

use super::{EventKind, Payload, TopicPartition};

/// The envelope version that this build writes; readers take any `1.x`.
pub const ENVELOPE_VERSION: &str = "1.0";

/// What is said of an event beside its payload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Metadata {
    /// Counts the aggregate's events from 1 without a gap.
    pub aggregate_version: i64,
    /// Whose event it is; absent on events of a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<MerchantId>,
    /// Ties everything that one request set off together.
    #[serde(default)]
    pub correlation_id: String,
    /// The event or request that caused this one.
    #[serde(default)]
    pub causation_id: String,
    /// The W3C trace id, 32 hex digits.
    #[serde(default)]
    pub trace_id: String,
    /// The service that wrote it.
    #[serde(default)]
    pub producer: String,
}

/// The record's value (contract section 3). Unknown fields are ignored. `P` is its payload's text, owned or borrowed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope<P = Box<RawValue>> {
    /// Unique, UUIDv7.
    pub event_id: Uuid,
    /// `payment.success` and the like.
    pub event_type: String,
    /// `payment` and the like.
    pub aggregate_type: String,
    /// `PY…` and the like.
    pub aggregate_id: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// `major.minor`.
    pub version: String,
    /// The rest of what is said of it.
    pub metadata: Metadata,
    /// What it says.
    pub payload: P,
}

impl Envelope<&RawValue> {
    pub(in crate::event) fn into_owned(self) -> Envelope {
        Envelope {
            event_id: self.event_id,
            event_type: self.event_type,
            aggregate_type: self.aggregate_type,
            aggregate_id: self.aggregate_id,
            timestamp: self.timestamp,
            version: self.version,
            metadata: self.metadata,
            payload: self.payload.to_owned(),
        }
    }
}

/// A decoded event at its place in the log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Where it was read.
    pub at: TopicPartition,
    /// Its offset there.
    pub offset: i64,
    /// Unique, UUIDv7.
    pub event_id: Uuid,
    /// What happened.
    pub kind: EventKind,
    /// The aggregate it happened to.
    pub aggregate_id: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Version, merchant, correlation.
    pub metadata: Metadata,
    /// What it says.
    pub payload: Payload,
}

impl Event {
    /// Under what an ordered group holds later events back: the payment for refunds, else the aggregate.
    pub fn hold_key(&self) -> &str {
        match &self.payload {
            Payload::Refund(refund) => &refund.payment_no,
            _ => &self.aggregate_id,
        }
    }
}
