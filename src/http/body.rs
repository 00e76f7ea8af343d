use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::event::MAX_EVENT_BYTES;

use super::{ApiError, ErrorCode, parse_strict};

/// The largest body of an API request, in bytes.
const API_BODY_LIMIT: usize = 64 * 1024;
/// An event repeats what a body says, and may need more bytes for it: a number such as `1e15` is written out.
const _: () = assert!(API_BODY_LIMIT * 8 <= MAX_EVENT_BYTES);
/// The largest body of a channel's webhook, in bytes.
pub const WEBHOOK_BODY_LIMIT: usize = 1024 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a body that is too large is read and dropped, and for how long.
const DISCARDED_BYTES: usize = 1024 * 1024;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);

/// The bytes of a body, whatever they are, up to `LIMIT`.
#[derive(Debug)]
pub struct RawBody<const LIMIT: usize = API_BODY_LIMIT>(pub Bytes);

impl<S: Sync, const LIMIT: usize> FromRequest<S> for RawBody<LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        let declared = request.headers().get(hyper::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > LIMIT as u64) {
            discard(request.into_body()).await;
            return Err(too_large(LIMIT));
        }
        let reading = Limited::new(request.into_body(), LIMIT).collect();
        match tokio::time::timeout(READ_TIMEOUT, reading).await {
            Err(_) => Err(ApiError::new(ErrorCode::RequestTimeout, "the body did not arrive in time")),
            Ok(Ok(collected)) => Ok(Self(collected.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(LIMIT)),
            Ok(Err(_)) => Err(ApiError::new(ErrorCode::InvalidRequest, "the body ended early")),
        }
    }
}

/// Takes a little of what is too much: a client that still writes when its connection closes loses the answer with it.
async fn discard(body: Body) {
    let mut rest = Limited::new(body, DISCARDED_BYTES);
    let reading = async { while let Some(Ok(_)) = rest.frame().await {} };
    // Who is slow has the answer to lose and nothing else.
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, reading).await;
}

/// A JSON body read strictly (no duplicate keys), with the bytes that it was read from.
#[derive(Debug)]
pub struct JsonBody<T> {
    /// What it says.
    pub value: T,
    /// As it was sent, for fingerprints.
    pub bytes: Bytes,
}

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "send the body as application/json"));
        }
        let RawBody(bytes) = RawBody::<API_BODY_LIMIT>::from_request(request, state).await?;
        let value = parse_strict(&bytes).map_err(|error| ApiError::new(ErrorCode::InvalidRequest, error.to_string()))?;
        Ok(Self { value, bytes })
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge, format!("the body may have at most {limit} bytes")).with("limit_bytes", limit)
}
