use crate::domain::Timestamp;
use crate::event::RecordHeaders;
use crate::telemetry::{self, Span, SpanContext, SpanKind, span_of_event};

use super::apply::Slice;
use super::batch::Item;

/// Where an event stands in its trace; `None` where it was published outside of any.
pub(super) fn context_of(item: &Item) -> Option<SpanContext> {
    let headers: RecordHeaders = serde_json::from_str(&item.record.headers).ok()?;
    SpanContext::parse(&headers.traceparent)
}

/// Tells each event's trace that the group has worked on it, and how it ended.
///
/// A batch is one step of many traces, so each of its events gets a span of the same duration. Where nothing is recorded
/// the headers are not even looked at.
pub(super) fn record(slice: &Slice, service: &'static str, ended_at: Timestamp) {
    if !telemetry::is_on() {
        return;
    }
    for item in slice.items() {
        let (Some(event_id), Some(origin)) = (item.event_id, context_of(item)) else { continue };
        // What this service does later on account of the event, out of rows, goes by the same decision.
        telemetry::decided(origin);
        if !origin.sampled {
            continue;
        }
        let kind = item.event_type.as_deref().unwrap_or("event");
        telemetry::record(Span {
            context: SpanContext { span: span_of_event(event_id, service), ..origin },
            parent: Some(origin.span),
            name: format!("process {kind}"),
            kind: SpanKind::Consumer,
            service,
            start: slice.started_at,
            end: ended_at,
            attributes: vec![
                ("messaging.operation.type", "process".into()),
                ("messaging.destination.name", slice.at.topic.name().into()),
                ("messaging.destination.partition.id", slice.at.partition.to_string().into()),
                ("messaging.consumer.group.name", slice.group.as_ref().into()),
                ("messaging.message.id", event_id.to_string().into()),
                ("messaging.batch.message_count", i64::try_from(slice.range.len()).unwrap_or(i64::MAX).into()),
                ("payctl.offset", item.record.offset.into()),
                ("payctl.aggregate_id", item.aggregate_id.as_deref().unwrap_or_default().into()),
                ("payctl.attempts", slice.attempts.into()),
            ],
            error: slice.verdict.as_ref().map(|verdict| verdict.code.clone()),
        });
    }
}
