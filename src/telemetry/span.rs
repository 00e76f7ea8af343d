use uuid::Uuid;

use crate::domain::Timestamp;

use super::SpanContext;

/// One step of a trace, finished.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its place.
    pub context: SpanContext,
    /// The span that it follows from.
    pub parent: Option<u64>,
    /// What was done, with few different values: a route, not a path.
    pub name: String,
    /// Its side of an exchange.
    pub kind: SpanKind,
    /// Which service did it.
    pub service: &'static str,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// What is known of it, under OpenTelemetry's names where there are any. No personal data.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Which side of an exchange a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Answers a request.
    Server,
    /// Asks somebody else.
    Client,
    /// Hands a message on.
    Producer,
    /// Works on a message.
    Consumer,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A number.
    Int(i64),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// The span in which a service worked on an event. It follows from both, so that what comes of the event can name it as its
/// parent without its having been stored.
pub fn span_of_event(event_id: Uuid, service: &str) -> u64 {
    // FNV-1a over the service's name, from the random end of the event's id.
    let (_, random) = event_id.as_u64_pair();
    let mixed = service.bytes().fold(random, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mixed.max(1)
}
