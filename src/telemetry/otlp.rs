use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::Timestamp;

use super::{Attribute, Span, SpanKind};

/// The body of an OTLP/HTTP export in its JSON encoding: ids in hex, 64-bit numbers as texts, kinds as numbers.
pub fn export_request(spans: &[Span]) -> Value {
    let mut by_service: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for span in spans {
        by_service.entry(span.service).or_default().push(one(span));
    }
    let resources: Vec<Value> = by_service
        .into_iter()
        .map(|(service, spans)| {
            json!({
                "resource": {"attributes": [
                    attribute("service.name", &service.into()),
                    attribute("service.namespace", &"payctl".into()),
                    attribute("service.version", &env!("CARGO_PKG_VERSION").into()),
                ]},
                "scopeSpans": [{"scope": {"name": "payctl"}, "spans": spans}],
            })
        })
        .collect();
    json!({"resourceSpans": resources})
}

fn one(span: &Span) -> Value {
    let mut value = json!({
        "traceId": span.context.trace_id(),
        "spanId": format!("{:016x}", span.context.span),
        "name": span.name,
        "kind": match span.kind {
            SpanKind::Server => 2,
            SpanKind::Client => 3,
            SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
        },
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.end),
        "attributes": span.attributes.iter().map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
        "flags": 1,
    });
    if let Some(object) = value.as_object_mut() {
        if let Some(parent) = span.parent {
            object.insert("parentSpanId".to_owned(), format!("{parent:016x}").into());
        }
        if let Some(error) = &span.error {
            object.insert("status".to_owned(), json!({"code": 2, "message": error}));
        }
    }
    value
}

fn attribute(name: &str, value: &Attribute) -> Value {
    let value = match value {
        Attribute::Text(text) => json!({"stringValue": text}),
        Attribute::Int(number) => json!({"intValue": number.to_string()}),
    };
    json!({"key": name, "value": value})
}

fn nanos(time: Timestamp) -> String {
    (i128::from(time.timestamp_micros()) * 1000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_timestamp;
    use crate::telemetry::SpanContext;

    #[test]
    fn a_span_is_written_as_the_protocol_says() {
        let start = parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap();
        let span = Span {
            context: SpanContext { trace: 0x4bf9_2f35, span: 0xb7, sampled: true },
            parent: Some(1),
            name: "POST /api/v1/payments".to_owned(),
            kind: SpanKind::Server,
            service: "gateway",
            start,
            end: start + std::time::Duration::from_millis(2),
            attributes: vec![("http.route", "/api/v1/payments".into()), ("http.response.status_code", 503.into())],
            error: Some("OVERLOADED".to_owned()),
        };
        let request = export_request(&[span]);
        let written = &request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(written["traceId"], "0000000000000000000000004bf92f35");
        assert_eq!((&written["spanId"], &written["parentSpanId"]), (&json!("00000000000000b7"), &json!("0000000000000001")));
        assert_eq!((&written["kind"], &written["status"]["code"]), (&json!(2), &json!(2)));
        assert_eq!(written["startTimeUnixNano"], "1767323045678901000");
        assert_eq!(written["endTimeUnixNano"], "1767323045680901000");
        assert_eq!(written["attributes"][1], json!({"key": "http.response.status_code", "value": {"intValue": "503"}}));
        assert_eq!(request["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "gateway");
    }
}
