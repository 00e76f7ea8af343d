use std::borrow::Cow;

use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use serde::Serializer as _;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::{Timestamp, parse_timestamp, write_timestamp};
use crate::event::{Decoded, Record, RecordHeaders, TopicPartition, decode, is_unescaped};

use super::KafkaConfig;

/// What the headers of a record of ours come to as JSON, about.
const HEADERS_BYTES: usize = 512;

/// A record as we hand it on; `None` where the message is from no topic of ours.
pub(super) fn record_from<M: Message>(config: &KafkaConfig, message: &M) -> Option<Record> {
    let topic = config.topic_of(message.topic())?;
    let partition = u16::try_from(message.partition()).ok()?;
    Some(record_at(TopicPartition { topic, partition }, message))
}

/// A record of this partition.
pub(super) fn record_at<M: Message>(at: TopicPartition, message: &M) -> Record {
    let mut record = blank(at);
    put(&mut record, message);
    record
}

/// A record of this partition before it says anything.
pub(super) const fn blank(at: TopicPartition) -> Record {
    Record { at, offset: 0, key: String::new(), headers: String::new(), value: Vec::new(), is_tombstone: true, created_at: String::new() }
}

/// Makes a record of the same partition say what this message says, in the memory that it has.
pub(super) fn put<M: Message>(record: &mut Record, message: &M) {
    record.offset = message.offset();
    record.key.clear();
    record.key.push_str(&String::from_utf8_lossy(message.key().unwrap_or_default()));
    let json = std::mem::take(&mut record.headers);
    record.headers = match message.headers() {
        None => "{}".to_owned(),
        Some(headers) => usual_headers(headers, json).unwrap_or_else(|| any_headers(headers)),
    };
    record.value.clear();
    record.value.extend_from_slice(message.payload().unwrap_or_default());
    record.is_tombstone = message.payload().is_none();
    record.created_at.clear();
    let taken = message.timestamp().to_millis().and_then(Timestamp::from_timestamp_millis).unwrap_or_default();
    write_timestamp(taken, &mut record.created_at);
}

/// The headers as a JSON object of texts, where they come as the relay sends them: by name, each once, and no text needs an escape. It
/// is written into the memory of `json`.
fn usual_headers<H: Headers>(headers: &H, json: String) -> Option<String> {
    let mut json = json.into_bytes();
    json.clear();
    json.reserve(HEADERS_BYTES);
    let mut last = "";
    for header in headers.iter() {
        if header.key <= last {
            return None;
        }
        last = header.key;
        json.extend_from_slice(if json.is_empty() { b"{\"" } else { b",\"" });
        json.extend_from_slice(last.as_bytes());
        json.extend_from_slice(b"\":\"");
        json.extend_from_slice(header.value.unwrap_or_default());
        json.push(b'"');
    }
    json.push(b'}');
    // Any other quotation mark stands inside a text.
    let quotes = memchr::memchr_iter(b'"', &json).count();
    (headers.count() > 0 && quotes == headers.count() * 4 && is_unescaped(&json)).then(|| String::from_utf8(json).ok())?
}

/// The headers as a JSON object of texts, by name. Of a name that comes twice the last counts, as in other clients.
fn any_headers<H: Headers>(headers: &H) -> String {
    let mut pairs: Vec<(&str, Cow<'_, str>)> =
        headers.iter().map(|header| (header.key, String::from_utf8_lossy(header.value.unwrap_or_default()))).collect();
    pairs.reverse();
    pairs.sort_by_key(|(name, _)| *name);
    pairs.dedup_by_key(|(name, _)| *name);
    let mut text = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, Option<&[u8]>)]) -> OwnedHeaders {
        pairs.iter().fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: *value }))
    }

    #[test]
    fn headers_in_order_that_need_no_escape_are_written_as_any_others_are() {
        let usual = headers(&[("event_id", Some(b"a")), ("event_type", Some("é".as_bytes())), ("traceparent", None)]);
        assert_eq!(usual_headers(&usual, String::new()).as_deref(), Some(r#"{"event_id":"a","event_type":"é","traceparent":""}"#));
        assert_eq!(usual_headers(&usual, "before".to_owned()), Some(any_headers(&usual)));
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_counts_and_what_is_no_text_is_replaced() {
        for (pairs, expected) in [
            (&[][..], "{}"),
            (&[("b", Some(&b"1"[..])), ("a", Some(b"2"))], r#"{"a":"2","b":"1"}"#),
            (&[("a", Some(b"1")), ("a", Some(b"2"))], r#"{"a":"2"}"#),
            (&[("a", Some(b"\xff"))], "{\"a\":\"\u{fffd}\"}"),
            (&[("a", Some(b"\",\"b\":\""))], r#"{"a":"\",\"b\":\""}"#),
            (&[("a", Some(b"1\n2"))], r#"{"a":"1\n2"}"#),
            (&[("a\"", Some(b"\\"))], r#"{"a\"":"\\"}"#),
        ] {
            let headers = headers(pairs);
            assert_eq!(usual_headers(&headers, String::new()), None, "{expected}");
            assert_eq!(any_headers(&headers), expected);
        }
    }
}
