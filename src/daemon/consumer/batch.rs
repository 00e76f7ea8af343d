use uuid::Uuid;

use crate::domain::{format_timestamp, parse_timestamp};
use crate::event::{Decoded, Event, Record, RecordHeaders, UndecodableRecord, decode};

/// What is known of a record before it is applied.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) record: Record,
    pub(super) event_id: Option<Uuid>,
    pub(super) event_type: Option<String>,
    pub(super) aggregate_id: Option<String>,
    pub(super) version: Option<i64>,
    pub(super) merchant_id: Option<String>,
    /// Under what an ordered group holds events back.
    pub(super) hold_key: Option<String>,
    /// UTC date of the event's own time.
    pub(super) day: String,
    pub(super) content: Content,
}

/// What a record holds.
#[derive(Debug)]
pub(super) enum Content {
    /// An event, at this place among the batch's events.
    Event(usize),
    /// A type that this version does not know: it counts as done.
    UnknownType,
    /// It cannot be read: it is parked.
    Undecodable(UndecodableRecord),
}

/// The records of one delivery, decoded once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Item>,
    pub(super) events: Vec<Event>,
}

impl Batch {
    pub(super) fn decode(records: Vec<Record>) -> Self {
        let mut batch = Self { items: Vec::with_capacity(records.len()), events: Vec::with_capacity(records.len()) };
        for record in records {
            let item = match decode(&record) {
                Ok(Decoded::Event(event)) => batch.event(record, *event),
                Ok(Decoded::UnknownType(envelope)) => Item {
                    event_id: Some(envelope.event_id),
                    event_type: Some(envelope.event_type),
                    hold_key: Some(envelope.aggregate_id.clone()),
                    aggregate_id: Some(envelope.aggregate_id),
                    version: Some(envelope.metadata.aggregate_version),
                    merchant_id: envelope.metadata.merchant_id.map(|id| id.to_string()),
                    day: day_of(&format_timestamp(envelope.timestamp)),
                    content: Content::UnknownType,
                    record,
                },
                Err(error) => from_headers(record, error),
            };
            batch.items.push(item);
        }
        batch
    }

    fn event(&mut self, record: Record, event: Event) -> Item {
        let item = Item {
            record,
            event_id: Some(event.event_id),
            event_type: Some(event.kind.as_str().to_owned()),
            aggregate_id: Some(event.aggregate_id.clone()),
            version: Some(event.metadata.aggregate_version),
            merchant_id: event.metadata.merchant_id.map(|id| id.to_string()),
            hold_key: Some(event.hold_key().to_owned()),
            day: day_of(&format_timestamp(event.timestamp)),
            content: Content::Event(self.events.len()),
        };
        self.events.push(event);
        item
    }
}

/// What cannot be decoded may still say in its headers whose it is, so that its aggregate can be held.
fn from_headers(record: Record, error: UndecodableRecord) -> Item {
    let headers: Option<RecordHeaders> = serde_json::from_str(&record.headers).ok();
    let text = |pick: fn(&RecordHeaders) -> &String| headers.as_ref().map(|h| pick(h).clone()).filter(|text| !text.is_empty());
    let aggregate_id = text(|h| &h.aggregate_id);
    Item {
        event_id: text(|h| &h.event_id).and_then(|id| Uuid::parse_str(&id).ok()),
        event_type: text(|h| &h.event_type),
        version: text(|h| &h.aggregate_version).and_then(|version| version.parse().ok()),
        merchant_id: None,
        hold_key: aggregate_id.clone(),
        aggregate_id,
        day: text(|h| &h.timestamp).and_then(|time| parse_timestamp(&time)).map(|time| day_of(&format_timestamp(time))).unwrap_or_default(),
        content: Content::Undecodable(error),
        record,
    }
}

fn day_of(timestamp: &str) -> String {
    timestamp.chars().take(10).collect()
}
