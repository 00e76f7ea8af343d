use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use crate::config::Secret;
use crate::http::{ApiError, Caller, ErrorCode, JsonBody, List, RawBody, Reply, Router, TraceId, parse_strict};

use super::change::Change;
use super::client::OnBehalf;
use super::orders::{Orders, not_found};
use super::query::list_orders;
use super::request::{CreateBody, ListQuery};

type Shared = State<Arc<Orders>>;
type Number = Result<Path<String>, PathRejection>;

/// The routes of orders.
pub(super) fn routes(orders: Arc<Orders>) -> Router {
    Router::new()
        .route("/api/v1/orders", post(create).get(list))
        .route("/api/v1/orders/{order_no}", get(show))
        .route("/api/v1/orders/{order_no}/pay", post(pay))
        .route("/api/v1/orders/{order_no}/cancel", post(cancel))
        .route("/api/v1/orders/{order_no}/ship", post(ship))
        .route("/api/v1/orders/{order_no}/complete", post(complete))
        .with_state(orders)
}

async fn create(
    State(orders): Shared,
    caller: Caller,
    TraceId(trace_id): TraceId,
    JsonBody { value: body, .. }: JsonBody<CreateBody>,
) -> Result<Reply, ApiError> {
    let new = body.check(caller.merchant_id)?;
    Reply::with_status(StatusCode::CREATED, &orders.create(caller.merchant_id, new, trace_id).await?)
}

async fn list(
    State(orders): Shared,
    caller: Caller,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Reply, ApiError> {
    let Query(pairs) = pairs.map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "the query cannot be read"))?;
    let ListQuery { filter, page } = ListQuery::parse(caller.merchant_id, pairs)?;
    let (found, total) =
        orders.store.read(async move |tx| list_orders(tx, &filter, page.page_size, page.offset()).await).await.map_err(ApiError::from)?;
    Reply::ok(&List::new(found, total, page))
}

async fn show(State(orders): Shared, caller: Caller, number: Number) -> Result<Reply, ApiError> {
    Reply::ok(&orders.find(caller.merchant_id, &order_no(number)?).await?)
}

async fn pay(
    State(orders): Shared,
    caller: Caller,
    TraceId(trace_id): TraceId,
    headers: HeaderMap,
    number: Number,
    body: RawBody,
) -> Result<Reply, ApiError> {
    let options = optional_json(&headers, &body)?;
    let on_behalf = on_behalf(&headers, trace_id)?;
    let checkout = orders.pay(caller.merchant_id, &order_no(number)?, options, on_behalf).await?;
    Reply::with_status(if checkout.made { StatusCode::CREATED } else { StatusCode::OK }, &checkout)
}

async fn cancel(
    State(orders): Shared,
    caller: Caller,
    TraceId(trace_id): TraceId,
    headers: HeaderMap,
    number: Number,
) -> Result<Reply, ApiError> {
    let on_behalf = on_behalf(&headers, trace_id)?;
    Reply::ok(&orders.cancel(caller.merchant_id, &order_no(number)?, on_behalf).await?)
}

async fn ship(State(orders): Shared, caller: Caller, TraceId(trace_id): TraceId, number: Number) -> Result<Reply, ApiError> {
    Reply::ok(&orders.change(caller.merchant_id, order_no(number)?, Change::Ship, trace_id).await?)
}

async fn complete(State(orders): Shared, caller: Caller, TraceId(trace_id): TraceId, number: Number) -> Result<Reply, ApiError> {
    Reply::ok(&orders.change(caller.merchant_id, order_no(number)?, Change::Complete, trace_id).await?)
}

/// A path that is no text names no order.
fn order_no(number: Number) -> Result<String, ApiError> {
    number.map(|Path(number)| number).map_err(|_| not_found())
}

/// The key that the caller has just been known by.
fn on_behalf(headers: &HeaderMap, trace_id: String) -> Result<OnBehalf, ApiError> {
    let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let key = key.ok_or_else(|| ApiError::new(ErrorCode::Unauthorized, "send your API key in the header X-API-Key"))?;
    Ok(OnBehalf { api_key: Secret::new(key), trace_id })
}

fn optional_json(headers: &HeaderMap, RawBody(bytes): &RawBody) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "send the body as application/json"));
    }
    parse_strict(bytes).map_err(|error| ApiError::new(ErrorCode::InvalidRequest, error.to_string()))
}
