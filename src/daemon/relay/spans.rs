use crate::domain::Timestamp;
use crate::event::{Record, RecordHeaders};
use crate::telemetry::{self, Span, SpanContext, SpanKind, span_of_event};

/// What spans call the relay.
const SERVICE: &str = "relay";

/// Tells each event's trace that it was carried to the brokers; a batch is one step of many traces. Only called where spans
/// are recorded.
pub(super) fn record(records: &[Record], offsets: &[i64], start: Timestamp, end: Timestamp) {
    for (record, offset) in records.iter().zip(offsets) {
        let Ok(headers) = serde_json::from_str::<RecordHeaders>(&record.headers) else { continue };
        let (Some(origin), Ok(event_id)) = (SpanContext::parse(&headers.traceparent), uuid::Uuid::parse_str(&headers.event_id)) else {
            continue;
        };
        if !origin.sampled {
            continue;
        }
        telemetry::record(Span {
            context: SpanContext { span: span_of_event(event_id, SERVICE), ..origin },
            parent: Some(origin.span),
            name: format!("publish {}", headers.event_type),
            kind: SpanKind::Producer,
            service: SERVICE,
            start,
            end,
            attributes: vec![
                ("messaging.system", "kafka".into()),
                ("messaging.operation.type", "send".into()),
                ("messaging.destination.name", record.at.topic.name().into()),
                ("messaging.destination.partition.id", record.at.partition.to_string().into()),
                ("messaging.message.id", headers.event_id.into()),
                ("messaging.batch.message_count", i64::try_from(records.len()).unwrap_or(i64::MAX).into()),
                ("payctl.offset", (*offset).into()),
                ("payctl.aggregate_id", headers.aggregate_id.into()),
            ],
            error: None,
        });
    }
}
