use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::event::{Record, Topic, TopicPartition};
use crate::store::Store;

use super::{Bounds, Delivery, LogError};

pub(super) async fn bounds(store: &Store, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
    let found = store
        .read(async move |tx| {
            let mut found = BTreeMap::new();
            for at in topic.all_partitions() {
                found.insert(at.partition, tx.partition_bounds(at).await?);
            }
            Ok::<_, crate::store::StoreError>(found)
        })
        .await?;
    Ok(found.into_iter().map(|(partition, (start, end))| (partition, Bounds { start, end })).collect())
}

pub(super) async fn read(store: &Store, at: TopicPartition, from: i64, limit: u32) -> Result<Vec<Record>, LogError> {
    Ok(store.read(async move |tx| tx.read_partition(at, from, i64::from(limit)).await).await?)
}

/// One process holds the data directory, so every partition is always ours.
pub(super) struct EmbeddedSubscription {
    store: Store,
    bell: watch::Receiver<u64>,
    /// Where to read on, by partition; missing until the caller has sought.
    positions: BTreeMap<TopicPartition, Option<i64>>,
    assigned: bool,
    /// The partition that was served last: the others come first.
    last: Option<TopicPartition>,
}

impl EmbeddedSubscription {
    pub(super) fn new(store: &Store, topics: &[Topic]) -> Self {
        let positions = topics.iter().flat_map(|topic| topic.all_partitions()).map(|at| (at, None)).collect();
        Self { store: store.clone(), bell: store.bell(), positions, assigned: false, last: None }
    }

    pub(super) async fn next(&mut self, limit: u32) -> Result<Delivery, LogError> {
        if !self.assigned {
            self.assigned = true;
            return Ok(Delivery::Assigned(self.positions.keys().copied().collect()));
        }
        loop {
            // Marked seen before looking, so that a commit in between rings again.
            self.bell.borrow_and_update();
            if let Some(delivery) = self.ready(limit).await? {
                return Ok(delivery);
            }
            if self.bell.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(super) async fn ready(&mut self, limit: u32) -> Result<Option<Delivery>, LogError> {
        while let Some((at, from)) = self.behind() {
            self.last = Some(at);
            // Taken before reading: an empty answer then proves that nothing lies below it.
            let end = self.store.heads().end(at);
            let records = read(&self.store, at, from, limit).await?;
            if let Some(last) = records.last() {
                self.positions.insert(at, Some(last.offset + 1));
                return Ok(Some(Delivery::Records(at, records)));
            }
            self.positions.insert(at, Some(end.max(from)));
        }
        Ok(None)
    }

    pub(super) fn seek(&mut self, at: TopicPartition, offset: i64) {
        self.positions.insert(at, Some(offset));
    }

    pub(super) fn hold(&mut self, at: TopicPartition) {
        self.positions.insert(at, None);
    }

    pub(super) fn owns(&self, at: TopicPartition) -> bool {
        self.positions.contains_key(&at)
    }

    /// A partition with unread records, taking turns.
    fn behind(&self) -> Option<(TopicPartition, i64)> {
        let heads = self.store.heads();
        let unread =
            |(at, position): (&TopicPartition, &Option<i64>)| position.filter(|from| heads.end(*at) > *from).map(|from| (*at, from));
        let after =
            self.last.and_then(|last| self.positions.range((std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded)).find_map(unread));
        after.or_else(|| self.positions.iter().find_map(unread))
    }
}
