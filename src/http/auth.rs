use std::sync::Arc;

use axum::extract::FromRequestParts;
use hyper::http::request::Parts;
use subtle::ConstantTimeEq as _;

use crate::domain::MerchantId;

use super::{ApiError, Edge, ErrorCode};

const MAX_KEY_CHARS: usize = 256;

/// The merchant whose `X-API-Key` came with the request: the only source of a merchant's identity.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose key it is.
    pub merchant_id: MerchantId,
    /// Which key, for audit.
    pub key_id: String,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let edge = edge(parts)?;
        let Some(key) = parts.headers.get("x-api-key") else {
            return Err(ApiError::new(ErrorCode::Unauthorized, "send your API key in the header X-API-Key"));
        };
        let invalid = || ApiError::new(ErrorCode::InvalidApiKey, "this API key is unknown or revoked");
        let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY_CHARS).ok_or_else(invalid)?;
        let found = edge.api_keys.find(key).await?.ok_or_else(invalid)?;
        Ok(Self { merchant_id: found.merchant_id, key_id: found.key_id })
    }
}

/// Another service of ours, known by `X-Internal-Token`.
#[derive(Debug, Clone, Copy)]
pub struct Internal;

impl<S: Sync> FromRequestParts<S> for Internal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let edge = edge(parts)?;
        let given = parts.headers.get("x-internal-token").map(hyper::header::HeaderValue::as_bytes).unwrap_or_default();
        if given.ct_eq(edge.internal_token.expose().as_bytes()).into() {
            Ok(Self)
        } else {
            Err(ApiError::new(ErrorCode::Unauthorized, "this route is for the platform's own services"))
        }
    }
}

fn edge(parts: &Parts) -> Result<Arc<Edge>, ApiError> {
    parts.extensions.get::<Arc<Edge>>().cloned().ok_or_else(|| ApiError::new(ErrorCode::Internal, "the edge is not set up"))
}
