use std::sync::OnceLock;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::context::{hex, low};
use super::{SPANS_DROPPED, Sampler, Span, SpanContext, count, span_of_event};

/// Spans that wait for the exporter at most; beyond it they are dropped and counted.
const QUEUE: usize = 8192;

/// The process's tracer. As with metrics there is one, since a step does not know who will ask about it.
static TRACER: OnceLock<Tracer> = OnceLock::new();

struct Tracer {
    sampler: Sampler,
    queue: mpsc::Sender<Span>,
}

/// Where recorded spans wait for the exporter.
pub type SpanQueue = mpsc::Receiver<Span>;

/// Begins to record; `None` where this process does so already.
pub fn install(sampler: Sampler) -> Option<SpanQueue> {
    let (queue, spans) = mpsc::channel(QUEUE);
    TRACER.set(Tracer { sampler, queue }).ok().map(|()| spans)
}

/// Whether anything is recorded. Without a collector this is all that a trace costs.
pub fn is_on() -> bool {
    TRACER.get().is_some()
}

/// Whether this trace is recorded.
pub fn is_sampled(trace: u128) -> bool {
    TRACER.get().is_some_and(|tracer| tracer.sampler.is_sampled(trace))
}

/// The first place of a trace that begins here: its span bears the end of the trace's id, so that it can be named later.
pub fn root(trace: u128) -> SpanContext {
    let trace = trace.max(1);
    SpanContext { trace, span: low(trace).max(1), sampled: is_sampled(trace) }
}

/// Remembers where somebody else's trace came in, for what is done later on account of it.
pub fn entered(context: SpanContext) {
    if let Some(tracer) = TRACER.get() {
        tracer.sampler.remember(context);
    }
}

/// Remembers a decision about a trace, where it is not the one that its id alone would make.
pub fn decided(context: SpanContext) {
    if let Some(tracer) = TRACER.get().filter(|tracer| tracer.sampler.is_sampled(context.trace) != context.sampled) {
        tracer.sampler.remember(context);
    }
}

/// Hands a span of a recorded trace to the exporter; never waits.
pub fn record(span: Span) {
    let Some(tracer) = TRACER.get().filter(|_| span.context.sampled) else { return };
    if tracer.queue.try_send(span).is_err() {
        count(&SPANS_DROPPED, &[("reason", "overflow")], 1);
    }
}

/// The `traceparent` of what `producer` publishes within this trace; `None` where that is no trace id.
///
/// Its span is the one in which the event was handled that caused it, else the one with which the trace came in.
pub fn traceparent(trace_id: &str, causation_id: &str, producer: &str) -> Option<SpanContext> {
    let trace = hex(trace_id, 32).filter(|trace| *trace != 0)?;
    let entry = TRACER.get().and_then(|tracer| tracer.sampler.entry(trace));
    // A trace id may stand there as well, which without its hyphens would pass for an event's.
    let event = Some(causation_id).filter(|id| id.contains('-')).and_then(|id| Uuid::try_parse(id).ok());
    let handled = event.map(|event| span_of_event(event, producer));
    let span = handled.or_else(|| entry.map(|entry| entry.span)).unwrap_or_else(|| low(trace).max(1));
    Some(SpanContext { trace, span, sampled: is_sampled(trace) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_event_causes_follows_from_the_span_that_handled_it() {
        let event = Uuid::from_u128(0x0190_0000_0000_7000_8123_4567_89ab_cdef);
        let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let caused = traceparent(trace_id, &event.to_string(), "order").unwrap();
        assert_eq!(caused.span, span_of_event(event, "order"));
        assert_ne!(caused.span, span_of_event(event, "accounting"), "each service has a span of its own");
        let begun = traceparent(trace_id, "evt_1", "gateway").unwrap();
        assert_eq!(begun.span, 0xa3ce_929d_0e0e_4736, "the first span of a trace bears the end of its id");
        assert_eq!((traceparent("", "", "order"), traceparent("xyz", "", "order")), (None, None));
    }
}
