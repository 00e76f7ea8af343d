use std::path::{Path, PathBuf};

use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;

use crate::config::Ambient;
use crate::http::{ApiError, ErrorCode, Internal, RawBody, Reply, Router, parse_strict};
use crate::services::{Service, ServiceContext};
use crate::store::{Class, DeskOrder, Store, StoreError, Tx};

/// The largest order, in bytes: a plan with all its entries.
const ORDER_LIMIT: usize = 4 * 1024 * 1024;

#[derive(Clone)]
struct Desk {
    store: Store,
    ambient: Ambient,
    data_dir: PathBuf,
}

#[derive(Deserialize)]
struct Wanted {
    /// Whose rows are meant: the console may have found the platform of another directory.
    data_dir: PathBuf,
    order: DeskOrder,
}

/// `POST /internal/desk`: how the console changes dead letters while this process holds their file. It is one writer that way,
/// and readers of the log hear of the record in the audit trail at once.
pub(super) fn routes(context: &ServiceContext) -> Router {
    let desk = Desk { store: context.store.clone(), ambient: context.ambient.clone(), data_dir: context.config.data_dir.clone() };
    Router::new().route("/internal/desk", post(carry_out)).with_state(desk)
}

async fn carry_out(State(desk): State<Desk>, _internal: Internal, RawBody(body): RawBody<ORDER_LIMIT>) -> Result<Reply, ApiError> {
    let wanted: Wanted = parse_strict(&body).map_err(|error| ApiError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    if real(&wanted.data_dir) != real(&desk.data_dir) {
        return Err(ApiError::new(ErrorCode::Conflict, "this platform runs on another data directory"));
    }
    let (order, ambient) = (wanted.order, desk.ambient.clone());
    let work = async move |tx: &mut Tx| tx.at_desk(&order, &ambient, Service::is_ordered_group).await;
    let answer = desk.store.write::<_, StoreError, _>(Class::Background, work).await?;
    Reply::ok(&answer)
}

/// The directory itself, whatever it is called by.
fn real(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}
