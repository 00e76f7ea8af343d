use std::borrow::Cow;

use rdkafka::message::{Header, Headers as _, Message, OwnedHeaders};
use serde::Serializer as _;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::{Timestamp, format_timestamp, parse_timestamp};
use crate::event::{Decoded, Record, RecordHeaders, TopicPartition, decode};

use super::KafkaConfig;

/// A record as we hand it on; `None` where the message is from no topic of ours.
pub(super) fn record_from<M: Message>(config: &KafkaConfig, message: &M) -> Option<Record> {
    let topic = config.topic_of(message.topic())?;
    let partition = u16::try_from(message.partition()).ok()?;
    let taken = message.timestamp().to_millis().and_then(Timestamp::from_timestamp_millis).unwrap_or_default();
    Some(Record {
        at: TopicPartition { topic, partition },
        offset: message.offset(),
        key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
        headers: headers_from(message),
        value: message.payload().unwrap_or_default().to_vec(),
        is_tombstone: message.payload().is_none(),
        created_at: format_timestamp(taken),
    })
}

/// The headers as a JSON object of texts, by name. Of a name that comes twice the last counts, as in other clients.
fn headers_from<M: Message>(message: &M) -> String {
    let Some(found) = message.headers() else { return "{}".to_owned() };
    let mut pairs: Vec<(&str, Cow<'_, str>)> =
        found.iter().map(|header| (header.key, String::from_utf8_lossy(header.value.unwrap_or_default()))).collect();
    pairs.reverse();
    pairs.sort_by_key(|(name, _)| *name);
    pairs.dedup_by_key(|(name, _)| *name);
    let mut text = Vec::with_capacity(512);
    let written = serde_json::Serializer::new(&mut text).collect_map(pairs);
    written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
}

/// The headers of a record, as text, in the order of their names, and the event's own time where it says one, in
/// milliseconds since 1970.
pub(super) fn headers_of(record: &Record) -> (OwnedHeaders, Option<i64>) {
    let names: Map<String, Value> = serde_json::from_str(&record.headers).unwrap_or_default();
    let headers = names.iter().fold(OwnedHeaders::new_with_capacity(names.len()), |headers, (key, value)| {
        let other = if value.is_string() { String::new() } else { value.to_string() };
        headers.insert(Header { key, value: Some(value.as_str().unwrap_or(&other).as_bytes()) })
    });
    let told = names.get("timestamp").and_then(Value::as_str).and_then(parse_timestamp);
    (headers, told.or_else(|| parse_timestamp(&record.created_at)).map(|time| time.timestamp_millis()))
}

/// Whose record it is, from its value or, where that cannot be read, from its headers.
pub(super) fn event_id_of(record: &Record) -> Option<Uuid> {
    match decode(record) {
        Ok(Decoded::Event(event)) => Some(event.event_id),
        Ok(Decoded::UnknownType(envelope)) => Some(envelope.event_id),
        Err(_) => {
            let headers: RecordHeaders = serde_json::from_str(&record.headers).ok()?;
            Uuid::parse_str(&headers.event_id).ok()
        }
    }
}
