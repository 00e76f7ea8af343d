use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::json;

use crate::telemetry;

use super::seen::Seen;
use super::{ApiError, Edge, ErrorCode, Reply, TraceId, success_body};

const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The outermost layer of every service: gives the request its trace id, writes the answer's envelope, counts and logs it.
pub async fn finish(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let seen = Seen::new(&edge, &request);
    let trace_id = TraceId(seen.context.trace_id());
    request.extensions_mut().insert(trace_id.clone());
    request.extensions_mut().insert(Arc::clone(&edge));
    let mut response = if headers_fit(&request) {
        telemetry::within(seen.context, next.run(request)).await
    } else {
        ApiError::new(ErrorCode::HeadersTooLarge, "too many or too large headers").into_response()
    };
    render(&mut response, &trace_id);
    if let Ok(value) = HeaderValue::from_str(&trace_id.0) {
        response.headers_mut().insert("x-trace-id", value);
    }
    seen.answered(response.status());
    response
}

/// Any path that no service knows.
pub async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::RouteNotFound, "no such route")
}

/// A known path with another method.
pub async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "this route does not take that method")
}

fn headers_fit(request: &Request) -> bool {
    let bytes: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    request.headers().len() <= MAX_HEADERS && bytes <= MAX_HEADER_BYTES
}

fn render(response: &mut Response, trace_id: &TraceId) {
    let body = if let Some(reply) = response.extensions_mut().remove::<Reply>() {
        success_body(&reply.data, &trace_id.0)
    } else if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if let Some(seconds) = error.retry_after_s() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        error_body(&error, &trace_id.0)
    } else {
        return;
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = Body::from(body);
}

/// The error envelope of contract section 5 as bytes.
pub fn error_body(error: &ApiError, trace_id: &str) -> Vec<u8> {
    json!({
        "code": error.code.number(),
        "error": error.code.name(),
        "message": error.message,
        "details": error.details,
        "trace_id": trace_id,
    })
    .to_string()
    .into_bytes()
}
