use std::collections::BTreeMap;

use crate::event::{Record, Topic, TopicPartition};
use crate::store::Store;

use super::embedded::{self, EmbeddedSubscription};
use super::{Bounds, Delivery, LogError};

/// The platform's event log; cheap to clone.
#[derive(Clone)]
pub struct EventLog {
    store: Store,
}

impl EventLog {
    /// The embedded log: the table `events` of `store`.
    pub fn embedded(store: &Store) -> Self {
        Self { store: store.clone() }
    }

    /// Begin and end of every partition of a topic.
    pub async fn bounds(&self, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
        embedded::bounds(&self.store, topic).await
    }

    /// Records of one partition with offsets from `from` on, at most `limit`, in order.
    pub async fn read(&self, at: TopicPartition, from: i64, limit: u32) -> Result<Vec<Record>, LogError> {
        embedded::read(&self.store, at, from, limit).await
    }

    /// Joins the readers of `topics`.
    pub fn subscribe(&self, topics: &[Topic]) -> Subscription {
        Subscription(EmbeddedSubscription::new(&self.store, topics))
    }
}

/// A group's place among the readers of its topics.
pub struct Subscription(EmbeddedSubscription);

impl Subscription {
    /// The next thing to do; waits without polling until there is one. At most `limit` records.
    pub async fn next(&mut self, limit: u32) -> Result<Delivery, LogError> {
        self.0.next(limit).await
    }

    /// Records that are there already, without waiting; for fetching ahead while others are being applied.
    pub async fn ready(&mut self, limit: u32) -> Result<Option<Delivery>, LogError> {
        self.0.ready(limit).await
    }

    /// Reads on from `offset` in this partition; also forgets what was fetched ahead of it.
    pub fn seek(&mut self, at: TopicPartition, offset: i64) {
        self.0.seek(at, offset);
    }
}
