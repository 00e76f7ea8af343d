use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::{Ambient, Config, Profile, Secret};
use crate::log::EventLog;
use crate::services::Service;
use crate::store::{Class, Store, StoreError, Tx};
use crate::telemetry;

use super::outage::{Change, Outage};
use super::post::Poster;
use super::target::Target;

/// How often the brokers are asked: nothing wakes whoever waits for their absence.
const LOOK: Duration = Duration::from_millis(500);
/// How long one process posts before another may.
const TERM: Duration = Duration::from_secs(5);

/// Watches the brokers, and serves the groups while they are away.
pub(in crate::daemon) struct Fallback {
    store: Store,
    log: EventLog,
    ambient: Ambient,
    owner: Arc<str>,
    poster: Poster,
    targets: Vec<Target>,
}

impl Fallback {
    /// Serves every group that has a URL: a configured one, in development also the one where it listens by default.
    pub(in crate::daemon) fn new(config: &Config, (store, log, ambient): (&Store, &EventLog, &Ambient), token: Secret) -> Self {
        let base = |service: Service| match config.profile {
            Profile::Development => Some(service.url(config)),
            Profile::Production => service.configured_url(&config.urls).map(|_| service.url(config)),
        };
        let with_group = Service::ALL.iter().copied().filter(|service| service.group().is_some());
        Self {
            store: store.clone(),
            log: log.clone(),
            ambient: ambient.clone(),
            owner: ambient.uuid().to_string().into(),
            poster: Poster::new(token),
            targets: with_group.filter_map(|service| Some(Target::new(service, base(service)?))).collect(),
        }
    }

    /// Runs until told to stop.
    pub(in crate::daemon) async fn run(mut self, stop: CancellationToken) {
        let mut outage = Outage::default();
        while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
            let asked_at = Instant::now();
            let has_answered = self.log.ping().await.is_ok();
            match outage.seen(has_answered, asked_at, Instant::now()) {
                Some(Change::Began) => {
                    tracing::warn!("Kafka unavailable, using HTTP fallback");
                    telemetry::fallback_active(true);
                }
                Some(Change::Ended) => {
                    tracing::info!("Kafka answers again, HTTP fallback ends");
                    telemetry::fallback_active(false);
                    self.targets.iter_mut().for_each(Target::reset);
                }
                None => {}
            }
            if outage.is_on() && stop.run_until_cancelled(self.serve()).await.is_none() {
                return;
            }
        }
    }

    async fn serve(&mut self) {
        let owner = Arc::clone(&self.owner);
        let holding = async move |tx: &mut Tx| tx.hold_fallback(&owner, TERM).await;
        match self.store.write::<_, StoreError, _>(Class::Background, holding).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return tracing::debug!(%error, "the lease on the fallback cannot be taken"),
        }
        let (store, poster, now) = (&self.store, &self.poster, self.ambient.now());
        join_all(self.targets.iter_mut().map(|target| async move {
            if let Err(error) = target.pass(store, poster, now).await {
                tracing::debug!(service = %target.service, %error, "a group is not served past the brokers; it is tried again");
            }
        }))
        .await;
    }
}
