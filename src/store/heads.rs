use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::watch;

use crate::event::{Topic, TopicPartition};

use super::sqlite::Connection;
use super::{Fresh, FromValue as _, StoreError};

/// The next offset of every partition, known without a query, and a bell that rings after each commit that appended.
pub(crate) struct Heads {
    next: BTreeMap<TopicPartition, AtomicI64>,
    bell: watch::Sender<u64>,
    fresh: Fresh,
}

impl Heads {
    /// Reads where the log ends; one index look-up a partition.
    pub(super) fn load(engine: &Connection) -> Result<Self, StoreError> {
        let mut next = BTreeMap::new();
        for at in Topic::ALL.iter().flat_map(|topic| topic.all_partitions()) {
            let rows = engine.query(
                "SELECT coalesce(max(seq), 0) + 1 FROM events WHERE topic = $1 AND partition = $2",
                &[at.topic.name().into(), at.partition.into()],
            )?;
            let end = rows.first().and_then(|row| row.0.first()).and_then(i64::from_value).unwrap_or(1);
            next.insert(at, AtomicI64::new(end));
        }
        Ok(Self { next, bell: watch::channel(0).0, fresh: Fresh::default() })
    }

    /// Knows only of what this process publishes from now on. Where the log is elsewhere, nobody asks for more than the bell.
    pub(super) fn from_now_on() -> Self {
        let partitions = Topic::ALL.iter().flat_map(|topic| topic.all_partitions());
        Self { next: partitions.map(|at| (at, AtomicI64::new(1))).collect(), bell: watch::channel(0).0, fresh: Fresh::default() }
    }

    /// Where the next record of this partition will lie at the earliest.
    pub(crate) fn end(&self, at: TopicPartition) -> i64 {
        self.next.get(&at).map_or(1, |next| next.load(Ordering::Acquire))
    }

    /// Rings after every commit that appended events.
    pub(crate) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// What was just committed and is to be relayed from here.
    pub(crate) const fn fresh(&self) -> &Fresh {
        &self.fresh
    }

    /// Called by the writer after its commit.
    pub(super) fn advance(&self, appended: &[(TopicPartition, i64)]) {
        for (at, seq) in appended {
            if let Some(next) = self.next.get(at) {
                next.fetch_max(seq.saturating_add(1), Ordering::Release);
            }
        }
        if !appended.is_empty() {
            self.bell.send_modify(|rings| *rings = rings.wrapping_add(1));
        }
    }
}

impl std::fmt::Debug for Heads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heads").field("partitions", &self.next.len()).finish_non_exhaustive()
    }
}
