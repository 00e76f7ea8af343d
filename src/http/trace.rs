use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http_body_util::Empty;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::config::Ambient;

use super::ApiError;

/// The W3C trace id of a request, 32 hex digits: the caller's own where it sent a `traceparent`.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

impl TraceId {
    /// The caller's trace id, or a new one.
    pub fn of(headers: &HeaderMap, ambient: &Ambient) -> Self {
        let given = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(trace_id_of);
        Self(given.unwrap_or_else(|| format!("{:016x}{:016x}", ambient.random_u64(), ambient.random_u64())))
    }
}

/// The trace id inside a `traceparent` (W3C Trace Context, version 00).
fn trace_id_of(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let usable = version.len() == 2 && trace.len() == 32 && hex(trace) && trace.bytes().any(|b| b != b'0');
    usable.then(|| trace.to_owned())
}

impl<S: Sync> FromRequestParts<S> for TraceId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self(String::new())))
    }
}

/// A success: `data` is wrapped into the envelope by [`super::finish`].
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) data: Box<RawValue>,
}

impl Reply {
    /// 200 with `data`.
    pub fn ok(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::with_status(StatusCode::OK, data)
    }

    /// Another 2xx with `data`.
    pub fn with_status(status: StatusCode, data: &impl Serialize) -> Result<Self, ApiError> {
        let data = serde_json::value::to_raw_value(data)
            .map_err(|_| ApiError::new(super::ErrorCode::Internal, "the answer cannot be written down"))?;
        Ok(Self { status, data })
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::new(Empty::new()));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// The success envelope of contract section 5 as bytes.
pub fn success_body(data: &RawValue, trace_id: &str) -> Vec<u8> {
    format!(r#"{{"code":0,"message":"success","data":{},"trace_id":"{trace_id}"}}"#, data.get()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_traceparent_is_taken_over() {
        let good = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id_of(&format!("00-{good}-00f067aa0ba902b7-01")).as_deref(), Some(good));
        for bad in
            ["", "00", "00-xyz-1-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-0-01"]
        {
            assert_eq!(trace_id_of(bad), None, "{bad}");
        }
    }
}
