use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::json;

use crate::config::Ambient;
use crate::domain::format_timestamp;
use crate::event::{Record, Topic, TopicPartition};
use crate::http::{ApiError, ErrorCode, Internal, RawBody, Reply, Router};
use crate::services::Service;

use super::consumer::{Delivered, Direct};

/// The largest envelope, in bytes: what the log takes in one record.
const ENVELOPE_LIMIT: usize = 1024 * 1024;

/// The header that names the topic whose record the body is.
pub(super) const TOPIC_HEADER: &str = "x-payctl-topic";

#[derive(Clone)]
struct Fallback {
    service: Service,
    direct: Direct,
    ambient: Ambient,
}

/// `POST /internal/events` (contract section 9): the way into a group while the broker is away. The body is one envelope, the
/// very bytes of the record; the answer says what became of it, or 409 with the version that must come first.
pub(super) fn routes(service: Service, direct: Direct, ambient: &Ambient) -> Router {
    Router::new().route("/internal/events", post(deliver)).with_state(Fallback { service, direct, ambient: ambient.clone() })
}

async fn deliver(
    State(fallback): State<Fallback>,
    _internal: Internal,
    headers: HeaderMap,
    RawBody(body): RawBody<ENVELOPE_LIMIT>,
) -> Result<Reply, ApiError> {
    let topic = headers.get(TOPIC_HEADER).and_then(|value| Topic::parse(value.to_str().ok()?));
    let topic = topic.ok_or_else(|| ApiError::field(TOPIC_HEADER, format!("{TOPIC_HEADER} names a topic of the catalogue")))?;
    if !fallback.service.topics().contains(&topic) {
        return outcome("ignored");
    }
    match fallback.direct.deliver(record(topic, &body, &fallback.ambient)).await? {
        Delivered::Applied => outcome("applied"),
        Delivered::Done => outcome("done"),
        Delivered::Held => outcome("held"),
        Delivered::Refused(reason) => {
            tracing::warn!(service = %fallback.service, reason, "event refused; it comes again by the log, where it is parked");
            outcome("refused")
        }
        Delivered::Wanted(version) => {
            let message = format!("version {version} of this aggregate must come first");
            Err(ApiError::new(ErrorCode::Conflict, message).with("wanted_version", version))
        }
    }
}

/// The record as far as a handler sees it; it has no place in the log yet.
fn record(topic: Topic, body: &[u8], ambient: &Ambient) -> Record {
    Record {
        at: TopicPartition { topic, partition: 0 },
        offset: -1,
        key: String::new(),
        headers: "{}".to_owned(),
        value: body.to_vec(),
        is_tombstone: false,
        created_at: format_timestamp(ambient.now()),
    }
}

fn outcome(name: &str) -> Result<Reply, ApiError> {
    Reply::ok(&json!({"outcome": name}))
}
