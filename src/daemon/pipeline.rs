use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::{Ambient, Config, Profile, Secret};
use crate::event::Topic;
use crate::log::{Admin, EventLog, KafkaConfig, LogError, Publisher};
use crate::store::Store;

use super::StartError;
use super::fallback::Fallback;
use super::relay::{Relay, StoreOutbox};

/// How long to wait before topics are tried again that could not be made.
const AGAIN: Duration = Duration::from_secs(2);

impl From<LogError> for StartError {
    fn from(error: LogError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What carries commits to the brokers, where the log is there.
pub(super) struct Pipeline {
    fallback: Fallback,
    pub(super) relay: Relay<StoreOutbox, Publisher>,
    config: KafkaConfig,
    /// The development profile needs no preparation; in production topics are made by a person.
    makes_topics: bool,
}

/// The log that the configuration names, and what carries commits to it; succeeds whether a broker answers or not.
pub(super) fn open(config: &Config, store: &Store, ambient: &Ambient, token: &Secret) -> Result<(EventLog, Option<Pipeline>), StartError> {
    let log = EventLog::open(&config.kafka, store)?;
    if config.kafka.brokers.is_empty() {
        return Ok((log, None));
    }
    let kafka = KafkaConfig::from(&config.kafka);
    let outbox = StoreOutbox::new(store, &ambient.uuid().to_string());
    let relay = Relay::new(outbox, Publisher::new(&kafka)?).traced(ambient);
    let makes_topics = matches!(config.profile, Profile::Development);
    let fallback = Fallback::new(config, (store, &log, ambient), token.clone());
    Ok((log, Some(Pipeline { fallback, relay, config: kafka, makes_topics })))
}

impl Pipeline {
    pub(super) async fn run(self, stop: CancellationToken) {
        let Self { fallback, relay, config, makes_topics } = self;
        let publishing = async {
            if !makes_topics || make_topics(&config, &stop).await {
                relay.run(stop.clone()).await;
            }
        };
        tokio::join!(publishing, fallback.run(stop.clone()));
    }
}

/// Tries until the topics are there; `false` when the platform stops before.
async fn make_topics(config: &KafkaConfig, stop: &CancellationToken) -> bool {
    let mut is_told = false;
    loop {
        let made = match Admin::new(config) {
            Ok(admin) => admin.create_missing(Topic::ALL).await,
            Err(error) => Err(error),
        };
        match made {
            Ok(topics) if topics.is_empty() => return true,
            Ok(topics) => {
                tracing::info!(topics = topics.len(), "topics made on the brokers");
                return true;
            }
            Err(error) if !is_told => tracing::warn!(%error, "the topics cannot be made yet"),
            Err(_) => {}
        }
        is_told = true;
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}
