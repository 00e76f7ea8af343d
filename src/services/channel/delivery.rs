use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::{Ambient, Secret};
use crate::domain::Timestamp;
use crate::store::{Class, Set, Store, StoreError, Type};
use crate::telemetry::{self, SANDBOX_DELIVERED, SANDBOX_FAILED};

use super::client::{GatewayClient, GatewayError};
use super::signature::sign;

const IN_FLIGHT_MAX: usize = 64;
/// Rows read at once: those in flight are still waiting in the table, so as many again.
const READ_MAX: i64 = 128;
const FIRST_BACKOFF_MS: u64 = 250;
const MAX_BACKOFF_MS: u64 = 30_000;
/// How long a failing database is left alone.
const STORE_PAUSE: Duration = Duration::from_millis(500);

const DELIVERED: Set = Set {
    sql: "UPDATE sandbox_webhooks SET state = 'delivered', attempts = attempts + 1, delivered_at = r.at \
          FROM {rows} AS r WHERE sandbox_webhooks.evt_id = r.evt_id",
    columns: &[("evt_id", Type::Text), ("at", Type::Time)],
};
const RETRY: Set = Set {
    sql: "UPDATE sandbox_webhooks SET attempts = attempts + 1, next_attempt_at = r.at \
          FROM {rows} AS r WHERE sandbox_webhooks.evt_id = r.evt_id",
    columns: &[("evt_id", Type::Text), ("at", Type::Time)],
};

/// Carries the sandbox's webhooks to the gateway: each at least once, in any order, for ever until it is taken.
pub(super) struct Delivery {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) gateway: Arc<dyn GatewayClient>,
    pub(super) secret: Secret,
    /// Notified when a webhook was written.
    pub(super) announced: Arc<Notify>,
}

struct Waiting {
    evt_id: String,
    body: String,
    attempts: i64,
    due: Timestamp,
}

struct Outcome {
    evt_id: String,
    attempts: i64,
    result: Result<(), GatewayError>,
}

/// What is being done at this moment; lost in a crash, and then done again.
#[derive(Default)]
struct Flight {
    posts: FuturesUnordered<BoxFuture<'static, Outcome>>,
    evt_ids: HashSet<String>,
    /// Whether the gateway refused the last one, so that an outage is told once.
    is_refused: bool,
}

impl Delivery {
    /// Runs until it is told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut flight = Flight::default();
        loop {
            let sleep = match self.round(&mut flight).await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::warn!(error = %error, "sandbox webhooks wait: the database cannot be used");
                    Some(STORE_PAUSE)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.announced.notified() => {}
                () = pause(sleep) => {}
                Some(outcome) = flight.posts.next(), if !flight.posts.is_empty() => {
                    if let Err(error) = self.land(&mut flight, outcome).await {
                        tracing::warn!(error = %error, "delivered sandbox webhooks could not be marked and go out again");
                    }
                }
            }
        }
    }

    /// Sends what is due; how long until the next is, where nothing else will wake us.
    async fn round(&self, flight: &mut Flight) -> Result<Option<Duration>, StoreError> {
        // Not for every single one that lands: a read fetches many.
        if flight.evt_ids.len() > IN_FLIGHT_MAX / 2 {
            return Ok(None);
        }
        let now = self.ambient.now();
        for row in self.waiting().await? {
            if flight.evt_ids.contains(&row.evt_id) {
                continue;
            }
            if row.due > now {
                return Ok((row.due - now).to_std().ok());
            }
            if flight.evt_ids.len() >= IN_FLIGHT_MAX {
                return Ok(None);
            }
            flight.evt_ids.insert(row.evt_id.clone());
            flight.posts.push(self.post(row));
        }
        Ok(None)
    }

    async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let read = self.store.read(async move |tx| {
            let sql = "SELECT evt_id, body, attempts, next_attempt_at FROM sandbox_webhooks WHERE state = 'waiting' \
                       ORDER BY next_attempt_at LIMIT $1";
            let rows = tx.query(sql, &[READ_MAX.into()]).await?;
            rows.iter()
                .map(|row| Ok(Waiting { evt_id: row.get(0)?, body: row.get(1)?, attempts: row.get(2)?, due: row.get(3)? }))
                .collect::<Result<Vec<_>, StoreError>>()
        });
        read.await
    }

    fn post(&self, row: Waiting) -> BoxFuture<'static, Outcome> {
        let gateway = Arc::clone(&self.gateway);
        // Signed anew for every attempt: the receiver refuses an old signature.
        let signature = sign(&self.secret, self.ambient.now(), &row.body);
        Box::pin(async move {
            let result = gateway.deliver(row.body, signature).await;
            Outcome { evt_id: row.evt_id, attempts: row.attempts, result }
        })
    }

    /// Marks `first` and whatever else has come back by now, in one transaction.
    async fn land(&self, flight: &mut Flight, first: Outcome) -> Result<(), StoreError> {
        let mut outcomes = vec![first];
        while let Some(Some(outcome)) = futures_util::FutureExt::now_or_never(flight.posts.next()) {
            outcomes.push(outcome);
        }
        for outcome in &outcomes {
            flight.evt_ids.remove(&outcome.evt_id);
            flight.note(outcome);
        }
        let now = self.ambient.now();
        let (delivered, failed): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|outcome| outcome.result.is_ok());
        telemetry::count(&SANDBOX_DELIVERED, &[], delivered.len() as u64);
        telemetry::count(&SANDBOX_FAILED, &[], failed.len() as u64);
        let retries: Vec<(String, Timestamp)> =
            failed.into_iter().map(|outcome| (outcome.evt_id, now + self.backoff(outcome.attempts))).collect();
        let write = self.store.write(Class::Background, async move |tx| {
            let rows: Vec<_> = delivered.iter().map(|outcome| vec![(&outcome.evt_id).into(), now.into()]).collect();
            tx.execute_set(&DELIVERED, &rows).await?;
            let rows: Vec<_> = retries.iter().map(|(evt_id, at)| vec![evt_id.into(), (*at).into()]).collect();
            tx.execute_set(&RETRY, &rows).await
        });
        write.await.map(|_| ())
    }

    /// Doubles from attempt to attempt up to a bound, less up to a quarter, so that retries spread.
    fn backoff(&self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts).unwrap_or(0).min(16);
        let full = FIRST_BACKOFF_MS.saturating_mul(1 << doublings).min(MAX_BACKOFF_MS);
        Duration::from_millis(full - self.ambient.random_u64() % (full / 4))
    }
}

impl Flight {
    fn note(&mut self, outcome: &Outcome) {
        match &outcome.result {
            Ok(()) if self.is_refused => tracing::info!("the gateway takes sandbox webhooks again"),
            Err(error) if !self.is_refused => {
                tracing::warn!(event.id = outcome.evt_id, error = %error, "the gateway does not take a sandbox webhook; trying on");
            }
            _ => {}
        }
        self.is_refused = outcome.result.is_err();
    }
}

async fn pause(sleep: Option<Duration>) {
    match sleep {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}
