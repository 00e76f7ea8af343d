//! What the platform tells about itself while it runs: the catalogue of metrics, the context of traces, and their spans.

mod catalogue;
mod context;
mod emit;
mod metric;
mod otlp;
mod sampler;
mod span;
mod tracer;

pub use catalogue::*;
pub use context::{SpanContext, began_at, current, new_trace, outgoing, within, within_sync};
pub use emit::{
    Counter, Gauge, Histogram, commit, count, counter, fallback_active, fallback_posted, gauge, histogram, observe, outbox, relay_failed,
    relay_published, relay_refused, set,
};
pub use metric::{Kind, Metric, Unit};
pub use otlp::export_request;
pub use sampler::Sampler;
pub use span::{Attribute, Span, SpanKind, span_of_event};
pub use tracer::{SpanQueue, decided, entered, install, is_on, is_sampled, record, root, traceparent};
