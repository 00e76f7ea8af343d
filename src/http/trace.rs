use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http_body_util::Empty;
use hyper::StatusCode;
use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::value::RawValue;

use super::ApiError;

/// The W3C trace id of a request, 32 hex digits: the caller's own where it sent a `traceparent`.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

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
