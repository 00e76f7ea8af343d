use std::sync::Arc;
use std::time::Duration;

use crate::event::{Topic, TopicPartition};
use crate::log::{Delivery, LogError};

use super::config::Shared;
use super::mailbox::Mailbox;
use super::member;

/// How long leaving the group may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// The loop's side of a group's member.
pub(in crate::log) struct KafkaSubscription {
    mailbox: Arc<Mailbox>,
    /// Why there is no thread behind it.
    stillborn: Option<LogError>,
}

impl KafkaSubscription {
    pub(in crate::log) fn new(config: &Shared, group: &str, topics: &[Topic]) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let stillborn = member::start(Arc::clone(config), group, topics, Arc::clone(&mailbox)).err();
        Self { mailbox, stillborn }
    }

    pub(in crate::log) async fn next(&mut self, limit: u32) -> Result<Delivery, LogError> {
        if let Some(error) = &self.stillborn {
            return Err(error.clone());
        }
        loop {
            if let Some(error) = self.mailbox.take_failure() {
                return Err(error);
            }
            if let Some(delivery) = self.ready(limit) {
                return Ok(delivery);
            }
            // A bell that rang since then is still ringing.
            self.mailbox.heard().await;
        }
    }

    pub(in crate::log) fn ready(&mut self, limit: u32) -> Option<Delivery> {
        self.mailbox.take(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    pub(in crate::log) fn seek(&mut self, at: TopicPartition, offset: i64) {
        self.mailbox.order(|state| state.seek(at, offset));
    }

    pub(in crate::log) fn hold(&mut self, at: TopicPartition) {
        self.mailbox.order(|state| state.hold(at));
    }

    pub(in crate::log) fn owns(&self, at: TopicPartition) -> bool {
        self.mailbox.lock().owns(at)
    }

    pub(in crate::log) fn release(&mut self, partitions: &[TopicPartition]) {
        self.mailbox.order(|state| state.orders.released.extend(partitions));
    }

    pub(in crate::log) fn mirror(&mut self, at: TopicPartition, next_offset: i64) {
        // The thread looks by itself; it need not be woken for a mirror.
        self.mailbox.lock().mirror(at, next_offset);
    }

    pub(in crate::log) async fn close(self) {
        self.mailbox.order(|state| state.orders.stop = true);
        let ended = async {
            while !self.mailbox.has_ended() {
                self.mailbox.heard().await;
            }
        };
        if self.stillborn.is_none() && tokio::time::timeout(CLOSE_PATIENCE, ended).await.is_err() {
            tracing::warn!("a consumer did not leave its group in time; the broker will notice by its silence");
        }
    }
}

impl Drop for KafkaSubscription {
    fn drop(&mut self) {
        self.mailbox.order(|state| state.orders.stop = true);
    }
}
