use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use serde::Deserialize;

use crate::domain::NumberKind;
use crate::http::{ApiError, Caller, ErrorCode, List, Page, Reply, Router};
use crate::store::Store;

use super::query;

pub(super) fn routes(store: Store) -> Router {
    Router::new().route("/api/v1/notifications", get(list)).with_state(store)
}

#[derive(Debug, Deserialize)]
struct Params {
    payment_no: Option<String>,
    page: Option<String>,
    page_size: Option<String>,
}

/// What was sent, or waits, for the caller's own payments.
async fn list(State(store): State<Store>, caller: Caller, asking: Result<Query<Params>, QueryRejection>) -> Result<Reply, ApiError> {
    let Query(params) = asking.map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "the query cannot be read, or names a field twice"))?;
    let page = Page::parse(params.page.as_deref(), params.page_size.as_deref())?;
    let payment_no = params.payment_no;
    if payment_no.as_deref().is_some_and(|number| !NumberKind::Payment.matches(number)) {
        return Err(ApiError::field("payment_no", "payment_no is a payment number such as PY20260102030405A1B2C3D4E5"));
    }
    let (rows, total) = store
        .read(async move |tx| query::of_merchant(tx, caller.merchant_id, payment_no.as_deref(), page.page_size, page.offset()).await)
        .await?;
    Reply::ok(&List::new(rows, total, page))
}
