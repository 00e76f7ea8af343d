use crate::config::Ambient;
use crate::telemetry::{self, Span, SpanContext, SpanKind};

use super::mailer::SendError;
use super::post::Post;
use super::store::Letter;

/// What the letter follows from: the row names the event that it is about, and this service's own work on that event.
pub(super) fn origin_of(letter: &Letter) -> Option<SpanContext> {
    telemetry::traceparent(&letter.trace_id, &letter.source_event_id.to_string(), "notification")
}

/// Sends a letter as a step of the trace that it belongs to.
pub(super) async fn deliver(post: &Post, letter: &Letter, ambient: &Ambient) -> Result<(), SendError> {
    let Some(parent) = origin_of(letter) else { return post.deliver(letter).await };
    let context = SpanContext { span: ambient.random_u64().max(1), ..parent };
    let start = (telemetry::is_on() && context.sampled).then(|| ambient.now());
    let result = telemetry::within(context, post.deliver(letter)).await;
    if let Some(start) = start {
        telemetry::record(Span {
            context,
            parent: Some(parent.span),
            name: format!("send {}", letter.channel),
            kind: SpanKind::Client,
            service: "notification",
            start,
            end: ambient.now(),
            attributes: vec![
                ("payctl.template", letter.template.as_str().into()),
                ("payctl.payment_no", letter.payment_no.as_str().into()),
                ("payctl.refusals", letter.refusals.into()),
            ],
            error: result.as_ref().err().map(|error| kind(error).to_owned()),
        });
    }
    result
}

/// A server's own words may repeat an address, and those belong into no trace.
const fn kind(error: &SendError) -> &'static str {
    match error {
        SendError::Unreachable(_) => "unreachable",
        SendError::Refused { permanent: true, .. } => "refused for good",
        SendError::Refused { .. } => "refused",
        SendError::Unsendable(_) => "cannot be written",
    }
}
