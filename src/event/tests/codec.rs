use proptest::prelude::*;
use serde_json::{Value, json};

use super::sample::{any_event, event_of};
use crate::event::{
    Decoded, EncodeError, EventKind, MAX_EVENT_BYTES, NewEvent, Payload, RecordHeaders, Topic, TopicPartition, UndecodableRecord,
    decode_value, encode, partition_of, sha256_hex,
};

const AT: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 0 };

fn value_of(event: &NewEvent) -> Vec<u8> {
    encode(event).unwrap().value
}

/// The record's value after `edit` has changed its JSON.
fn edited(event: &NewEvent, edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(&value_of(event)).unwrap();
    edit(&mut value);
    serde_json::to_vec(&value).unwrap()
}

fn text_of(payload: &Payload) -> String {
    payload.to_raw().unwrap().get().to_owned()
}

/// A fixed event of this type: the smallest that the generator makes.
fn simplest(kind: EventKind) -> NewEvent {
    use proptest::strategy::ValueTree as _;
    event_of(kind).new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap().current()
}

proptest! {
    #[test]
    fn every_event_is_read_back_as_it_was_written(event in any_event()) {
        let Decoded::Event(read) = decode_value(AT, 7, &value_of(&event)).unwrap() else { panic!("its type is known") };
        prop_assert_eq!((read.at, read.offset, read.event_id, read.kind), (AT, 7, event.event_id, event.kind));
        prop_assert_eq!((&read.aggregate_id, read.timestamp), (&event.aggregate_id, event.timestamp));
        prop_assert_eq!((read.metadata.aggregate_version, read.metadata.merchant_id), (event.aggregate_version, event.merchant_id));
        prop_assert_eq!(text_of(&read.payload), text_of(&event.payload));
    }

    #[test]
    fn the_headers_say_what_the_value_says(event in any_event()) {
        let encoded = encode(&event).unwrap();
        let headers: RecordHeaders = serde_json::from_str(&encoded.headers).unwrap();
        let value: Value = serde_json::from_slice(&encoded.value).unwrap();
        prop_assert_eq!(&headers.sha256, &sha256_hex(&encoded.value));
        prop_assert_eq!(json!(headers.event_id), value["event_id"].clone());
        prop_assert_eq!(json!(headers.event_type), value["event_type"].clone());
        prop_assert_eq!(json!(headers.aggregate_type), value["aggregate_type"].clone());
        prop_assert_eq!(json!(headers.aggregate_id), value["aggregate_id"].clone());
        prop_assert_eq!(&headers.aggregate_version, &value["metadata"]["aggregate_version"].to_string());
        prop_assert_eq!(json!(headers.version), value["version"].clone());
        prop_assert_eq!(crate::domain::parse_timestamp(&headers.timestamp), Some(event.timestamp));
        prop_assert_eq!(headers.traceparent.split('-').nth(1), Some(event.cause.trace_id.as_str()));
        prop_assert_eq!(encoded.at.partition, partition_of(event.key.as_bytes(), event.topic.partitions()));
    }

    #[test]
    fn unknown_fields_are_ignored_at_every_level(event in any_event(), name in "[a-z]{3,9}_added_later", field in any::<i64>()) {
        let value = edited(&event, |value| {
            value[&name] = json!({"n": field});
            value["metadata"][&name] = json!([field]);
            value["payload"][&name] = json!(field);
        });
        let Decoded::Event(read) = decode_value(AT, 0, &value).unwrap() else { panic!("its type is known") };
        prop_assert_eq!(text_of(&read.payload), text_of(&event.payload));
    }

    #[test]
    fn only_the_major_version_matters(event in any_event(), major in 0u32..30, minor in any::<u32>()) {
        let value = edited(&event, |value| value["version"] = json!(format!("{major}.{minor}")));
        match decode_value(AT, 0, &value) {
            Ok(Decoded::Event(_)) => prop_assert_eq!(major, 1),
            Err(UndecodableRecord::Version(version)) => prop_assert_eq!(version, format!("{major}.{minor}")),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn an_unknown_type_is_no_error(event in any_event(), name in "[a-z]{1,9}\\.[a-z]{1,9}_later") {
        let value = edited(&event, |value| {
            value["event_type"] = json!(name);
            value["payload"] = json!({"whatever": true});
        });
        let Ok(Decoded::UnknownType(envelope)) = decode_value(AT, 0, &value) else { panic!("the type is unknown") };
        prop_assert_eq!(envelope.event_type, name);
    }

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(decode_value(AT, 0, &bytes).unwrap_err().code(), "UNDECODABLE_ENVELOPE");
    }

    #[test]
    fn damaged_records_never_panic(event in any_event(), place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut value = value_of(&event);
        let at = place.index(value.len());
        value[at] = byte;
        if cut {
            value.truncate(at);
            prop_assert!(decode_value(AT, 0, &value).is_err());
        } else {
            let _ = decode_value(AT, 0, &value);
        }
    }
}

#[test]
fn a_payload_that_lacks_a_field_is_refused_without_quoting_it() {
    for kind in EventKind::ALL {
        let value = edited(&simplest(*kind), |value| value["payload"] = json!({"customer_email": "secret@example.com"}));
        let error = decode_value(AT, 0, &value).unwrap_err();
        assert_eq!(error.code(), "UNDECODABLE_PAYLOAD", "{kind}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn optional_fields_may_be_absent() {
    for kind in EventKind::ALL {
        let event = simplest(*kind);
        let value = edited(&event, |value| {
            for name in ["extra", "paid_at", "approved_by", "approved_at", "completed_at", "reason", "refunded_at", "bank_accounts"] {
                // A refund's reason is not optional, a withdrawal's is.
                if !(name == "reason" && kind.aggregate_type().as_str() != "withdrawal") {
                    value["payload"].as_object_mut().unwrap().remove(name);
                }
            }
        });
        assert!(decode_value(AT, 0, &value).is_ok(), "{kind}");
    }
}

#[test]
fn every_type_has_its_own_name_and_a_topic_that_says_so() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.as_str()), Some(*kind));
        assert!(EventKind::ALL.iter().filter(|other| other.as_str() == kind.as_str()).count() == 1, "{kind}");
        let last = kind.as_str().rsplit('.').next().unwrap();
        for topic in kind.topics() {
            assert!(topic.carries().contains(last), "{topic} does not mention {kind}");
        }
        assert_eq!(kind.topic(), kind.topics()[0]);
    }
}

#[test]
fn an_event_reads_as_the_contract_shows_it() {
    let mut event = simplest(EventKind::PayoutPaid);
    event.aggregate_version = 3;
    let value: Value = serde_json::from_slice(&value_of(&event)).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&value), ["aggregate_id", "aggregate_type", "event_id", "event_type", "metadata", "payload", "timestamp", "version"]);
    assert_eq!(names(&value["payload"]), ["amount", "channel", "currency", "fee", "payout_no"]);
    assert_eq!(value["metadata"]["aggregate_version"], 3);
    assert_eq!(value["version"], "1.0");
}

#[test]
fn what_a_request_can_say_fits_into_an_event_and_what_is_larger_is_refused_where_it_is_made() {
    let with = |extra: Value| {
        let mut event = simplest(EventKind::PaymentCreated);
        let Payload::Payment(payload) = &mut event.payload else { panic!("a payment") };
        payload.extra.insert("free".to_owned(), extra);
        encode(&event)
    };
    // Numbers like this one grow most when they are written again.
    let body = format!("[{}]", vec!["1e15"; 64 * 1024 / 5].join(","));
    let encoded = with(serde_json::from_str(&body).unwrap()).unwrap();
    assert!(encoded.value.len() > 2 * body.len() && encoded.value.len() < MAX_EVENT_BYTES, "{}", encoded.value.len());
    let refused = with(Value::String("x".repeat(MAX_EVENT_BYTES))).unwrap_err();
    assert!(matches!(refused, EncodeError::TooLarge { bytes, .. } if bytes > MAX_EVENT_BYTES), "{refused}");
}
