//! The HTTP edge that every service shares: error table, reply envelope, credentials, strict bodies, paging, trace ids.

mod api_keys;
mod auth;
mod body;
mod edge;
mod error;
mod free_text;
mod json;
mod layer;
mod meter;
mod page;
mod seen;
mod trace;

pub use api_keys::ApiKeys;
pub use auth::{Caller, Internal};
pub use axum::Router;
pub use body::{JsonBody, RawBody, WEBHOOK_BODY_LIMIT};
pub use edge::Edge;
pub use error::{ApiError, ErrorCode};
pub use free_text::{free_fields, free_text};
pub use json::{InvalidJson, parse_strict};
pub use layer::{error_body, finish, method_not_allowed, not_found};
pub use meter::Meter;
pub use page::{List, Page};
pub use trace::{Reply, TraceId, success_body};
