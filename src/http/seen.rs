use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use hyper::{Method, StatusCode};

use crate::domain::Timestamp;
use crate::telemetry::{self, Span, SpanContext, SpanKind};

use super::Edge;
use super::meter::method_name;

/// What is asked by those who watch the platform; a trace of each would bury the others.
const WATCHED: &[&str] = &["/health", "/health/live", "/health/ready", "/metrics"];

/// A request from its headers to its answer, for metrics and traces.
pub(super) struct Seen {
    edge: Arc<Edge>,
    route: Option<MatchedPath>,
    method: Method,
    started: Instant,
    /// Where the request stands in its trace.
    pub(super) context: SpanContext,
    parent: Option<u64>,
    /// Set where a span is to be recorded.
    began_at: Option<Timestamp>,
}

impl Seen {
    /// Begins to watch; the trace is the caller's where it sent a `traceparent`.
    pub(super) fn new(edge: &Arc<Edge>, request: &Request) -> Self {
        edge.meter.begin();
        let route = request.extensions().get::<MatchedPath>().cloned();
        let given = request.headers().get("traceparent").and_then(|value| value.to_str().ok()).and_then(SpanContext::parse);
        let (context, parent) = match given {
            Some(caller) if telemetry::is_on() => {
                let context = SpanContext { span: edge.ambient.random_u64().max(1), ..caller };
                telemetry::entered(context);
                (context, Some(caller.span))
            }
            // Where nothing is recorded the caller's place is passed on as it came.
            Some(caller) => (caller, None),
            None => (telemetry::root(telemetry::new_trace(edge.ambient.now(), edge.ambient.random_u64())), None),
        };
        let is_watched = route.as_ref().is_some_and(|route| WATCHED.contains(&route.as_str()));
        let began_at = (context.sampled && telemetry::is_on() && !is_watched).then(|| edge.ambient.now());
        Self { edge: Arc::clone(edge), route, method: request.method().clone(), started: Instant::now(), context, parent, began_at }
    }

    /// Counts the answer and records the span.
    pub(super) fn answered(self, status: StatusCode) {
        let took = self.started.elapsed();
        let route = self.route.as_ref().map_or("unknown", MatchedPath::as_str);
        self.edge.meter.count(route, &self.method, status.as_u16(), took);
        let Some(began_at) = self.began_at else { return };
        let method = method_name(&self.method);
        telemetry::record(Span {
            context: self.context,
            parent: self.parent,
            name: format!("{method} {route}"),
            kind: SpanKind::Server,
            service: self.edge.service,
            start: began_at,
            end: began_at + took,
            attributes: vec![
                ("http.request.method", method.into()),
                ("http.route", route.into()),
                ("http.response.status_code", i64::from(status.as_u16()).into()),
            ],
            error: status.is_server_error().then(|| status.to_string()),
        });
    }
}

/// Also where the caller went away before there was an answer.
impl Drop for Seen {
    fn drop(&mut self) {
        self.edge.meter.end();
    }
}
