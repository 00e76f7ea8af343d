use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::event::Topic;
use crate::http::Router;
use crate::log::EventLog;
use crate::services::Dependency;
use crate::store::{Store, StoreError, Tx};

use super::consumer::GroupStatus;
use super::relay::RelayStatus;
use super::observe::Recorder;

const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);
const BROKERS_TIMEOUT: Duration = Duration::from_secs(1);

/// What the health routes of one service ask.
pub(super) struct Health {
    pub(super) service: &'static str,
    pub(super) store: Store,
    pub(super) log: EventLog,
    pub(super) relay: Option<RelayStatus>,
    pub(super) group: Option<GroupStatus>,
    pub(super) dependencies: Box<dyn Fn() -> Vec<Dependency> + Send + Sync>,
    pub(super) stopping: CancellationToken,
    pub(super) metrics: Option<Recorder>,
}

#[derive(Debug, Serialize)]
struct Check {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct HealthReport {
    status: &'static str,
    service: &'static str,
    checks: BTreeMap<&'static str, Check>,
}

/// Health, readiness and metrics, the same for every service.
pub(super) fn routes(health: Health) -> Router {
    Router::new()
        .route("/health", get(whole))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(health))
}

async fn whole(State(health): State<Arc<Health>>) -> Response {
    let report = health.report().await;
    let status = if report.status == "unhealthy" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    json(status, &report)
}

async fn live() -> Response {
    json(StatusCode::OK, &serde_json::json!({"status": "live"}))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let report = health.report().await;
    if health.stopping.is_cancelled() {
        return json(StatusCode::SERVICE_UNAVAILABLE, &serde_json::json!({"status": "stopping", "reason": "the service is shutting down"}));
    }
    if report.status == "unhealthy" {
        return json(StatusCode::SERVICE_UNAVAILABLE, &report);
    }
    json(StatusCode::OK, &serde_json::json!({"status": "ready"}))
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    let text = health.metrics.as_ref().map(Recorder::render).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

impl Health {
    async fn report(&self) -> HealthReport {
        let mut checks = BTreeMap::new();
        let mut worst = 0;
        let mut add = |name, fault: Option<String>, optional: bool| {
            worst = worst.max(match (&fault, optional) {
                (None, _) => 0,
                (Some(_), true) => 1,
                (Some(_), false) => 2,
            });
            checks.insert(name, Check { status: if fault.is_some() { "down" } else { "up" }, reason: fault });
        };
        let database = self.database().await;
        add("database", database.clone(), false);
        if self.log.has_gaps() {
            // On the embedded engine the log is the database, and committing is publishing: nothing waits in an outbox.
            add("log", database, false);
            add("outbox", None, true);
        } else {
            // Without brokers everything is taken and kept; only what follows from it waits.
            add("log", self.brokers().await, true);
            add("outbox", self.relay.as_ref().and_then(RelayStatus::fault), true);
        }
        if let Some(group) = &self.group {
            add("group", group.fault(), true);
        }
        for dependency in (self.dependencies)() {
            add(dependency.name, dependency.fault, dependency.optional);
        }
        HealthReport {
            status: ["healthy", "degraded", "unhealthy"].get(worst).copied().unwrap_or("unhealthy"),
            service: self.service,
            checks,
        }
    }

    async fn brokers(&self) -> Option<String> {
        match tokio::time::timeout(BROKERS_TIMEOUT, self.log.bounds(Topic::PaymentEvents)).await {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the brokers do not answer".to_owned()),
        }
    }

    async fn database(&self) -> Option<String> {
        let ask = self.store.read(async move |tx: &mut Tx| tx.query("SELECT 1", &[]).await.map(drop));
        match tokio::time::timeout(DATABASE_TIMEOUT, ask).await {
            Ok(Ok(())) => self.store.fault().map(|fault: StoreError| fault.to_string()),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the database does not answer".to_owned()),
        }
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_string(body).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
