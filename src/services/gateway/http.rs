use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode, Uri};
use serde_json::json;

use crate::http::{ApiError, Caller, ErrorCode, Internal, JsonBody, List, Page, RawBody, Reply, Router, TraceId, WEBHOOK_BODY_LIMIT};
use crate::store::Tx;
use crate::telemetry::{self, PAYMENTS_CREATED};

use super::create::{Answer, CreateRequest};
use super::filter::ListQuery;
use super::idempotency::parse_key;
use super::intent::IntentBody;
use super::query::{Part, list_payments};
use super::refusal::not_found;
use super::request::CreateBody;
use super::service::Gateway;

type Shared = State<Arc<Gateway>>;
type Pairs = Query<Vec<(String, String)>>;

/// The gateway's routes.
pub(super) fn routes(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/api/v1/payments", post(create).get(list))
        .route("/api/v1/payments/{payment_no}", get(show))
        .route("/api/v1/payments/{payment_no}/cancel", post(cancel))
        .route("/internal/payments/{payment_no}", get(show_internal))
        .route("/internal/payments/{payment_no}/intent", post(store_intent))
        .route("/webhooks/stripe", post(receive_webhook))
        .route("/api/v1/webhooks/stripe", post(receive_webhook))
        .with_state(gateway)
}

async fn create(
    State(gateway): Shared,
    caller: Caller,
    TraceId(trace_id): TraceId,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    JsonBody { value: body, bytes }: JsonBody<CreateBody>,
) -> Result<Response, ApiError> {
    let key = parse_key(headers.get_all("idempotency-key").iter().map(HeaderValue::as_bytes))?;
    let request =
        CreateRequest { caller: caller.merchant_id, key, method: method.as_str(), path: uri.path(), bytes: &bytes, body, trace_id };
    let made = gateway.create(request).await;
    telemetry::count(&PAYMENTS_CREATED, &[("outcome", outcome(&made))], 1);
    made.map(respond)
}

/// The label in metrics.
fn outcome(made: &Result<Answer, ApiError>) -> &'static str {
    match made {
        Ok(answer) if answer.replayed => "replayed",
        Ok(answer) if answer.status == 201 => "created",
        Ok(_) => "refused",
        Err(error) => match error.code {
            ErrorCode::DuplicateOrder => "duplicate",
            ErrorCode::IdempotencyMismatch => "mismatch",
            code if code.status() >= 500 => "failed",
            _ => "refused",
        },
    }
}

/// The answer is written here and not by the layer: a repetition gets the same bytes.
fn respond(answer: Answer) -> Response {
    let mut response = Body::from(answer.body).into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if answer.replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

async fn list(
    State(gateway): Shared,
    caller: Caller,
    pairs: Result<Pairs, axum::extract::rejection::QueryRejection>,
) -> Result<Reply, ApiError> {
    let Query(pairs) = pairs.map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "the query cannot be read"))?;
    let ListQuery { mut filter, page } = ListQuery::parse(pairs)?;
    filter.merchant_id = Some(caller.merchant_id);
    let Page { page_size, .. } = page;
    let part = Part { limit: page_size, offset: page.offset(), ..Part::default() };
    let (payments, total) = gateway.store.read(async move |tx: &mut Tx| list_payments(tx, &filter, &part).await).await?;
    let bodies = payments.iter().map(|payment| gateway.view(payment)).collect::<Result<Vec<_>, _>>()?;
    Reply::ok(&List::new(bodies, total, page))
}

async fn show(State(gateway): Shared, caller: Caller, number: Number) -> Result<Reply, ApiError> {
    let payment = gateway.payment_of(caller.merchant_id, payment_no(number)?).await?;
    Reply::ok(&gateway.view(&payment)?)
}

async fn cancel(State(gateway): Shared, caller: Caller, TraceId(trace_id): TraceId, number: Number) -> Result<Reply, ApiError> {
    let payment = gateway.cancel(caller.merchant_id, payment_no(number)?, trace_id).await?;
    Reply::ok(&gateway.view(&payment)?)
}

async fn show_internal(State(gateway): Shared, _: Internal, number: Number) -> Result<Reply, ApiError> {
    Reply::ok(&gateway.payment_for_channel(payment_no(number)?).await?.internal_body())
}

async fn store_intent(
    State(gateway): Shared,
    _: Internal,
    TraceId(trace_id): TraceId,
    number: Number,
    JsonBody { value: body, .. }: JsonBody<IntentBody>,
) -> Result<Reply, ApiError> {
    Reply::ok(&gateway.store_intent(payment_no(number)?, body, trace_id).await?.internal_body())
}

async fn receive_webhook(
    State(gateway): Shared,
    headers: HeaderMap,
    RawBody(body): RawBody<WEBHOOK_BODY_LIMIT>,
) -> Result<Reply, ApiError> {
    gateway.inbox.receive(headers.get_all("stripe-signature").iter().map(HeaderValue::as_bytes), body).await?;
    Reply::ok(&json!({"received": true}))
}

type Number = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// A path that is no text names no payment.
fn payment_no(number: Number) -> Result<String, ApiError> {
    number.map(|Path(number)| number).map_err(|_| not_found())
}
