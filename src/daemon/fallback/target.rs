use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use crate::domain::Timestamp;
use crate::services::Service;
use crate::store::{Store, StoreError, Tx, Unpublished};
use crate::telemetry;

use super::post::{PostError, Posted, Poster};

/// Rows read at once.
const PAGE: i64 = 500;
/// Aggregates whose events are posted at the same time.
const AT_ONCE: usize = 16;
/// Earlier versions fetched for one event at most.
const CATCH_UP: i64 = 100;
/// Numbers are taken before the commit, so a row may come behind younger ones; never so late, since transactions are cut off
/// before.
const LATE: Duration = Duration::from_mins(1);

/// Why a group was not served to the end.
#[derive(Debug, thiserror::Error)]
pub(super) enum PassError {
    #[error("the outbox cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Post(#[from] PostError),
}

/// One group, and what it was posted in this outage.
pub(super) struct Target {
    pub(super) service: Service,
    base: String,
    /// Everything up to here was posted and nothing comes in between any more.
    safe: i64,
    /// What was posted behind that.
    posted: HashSet<i64>,
}

impl Target {
    pub(super) fn new(service: Service, base: String) -> Self {
        Self { service, base, safe: 0, posted: HashSet::new() }
    }

    /// Forgets how far it was served: the outage is over.
    pub(super) fn reset(&mut self) {
        self.safe = 0;
        self.posted.clear();
    }

    /// Posts whatever the outbox holds for this group and was not posted yet.
    pub(super) async fn pass(&mut self, store: &Store, poster: &Poster, now: Timestamp) -> Result<(), PassError> {
        let (mut after, mut safe) = (self.safe, self.safe);
        loop {
            let page = store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.unpublished_after(after, PAGE).await).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            safe = page.iter().filter(|event| event.created_at + LATE < now).map(|event| event.seq).fold(safe, i64::max);
            self.page(store, poster, page).await?;
        }
        self.safe = safe;
        self.posted.retain(|seq| *seq > safe);
        Ok(())
    }

    async fn page(&mut self, store: &Store, poster: &Poster, page: Vec<Unpublished>) -> Result<(), PassError> {
        let mut aggregates: BTreeMap<(String, String), Vec<Unpublished>> = BTreeMap::new();
        for event in page {
            if self.service.topics().contains(&event.topic) && !self.posted.contains(&event.seq) {
                aggregates.entry((event.aggregate_type.clone(), event.aggregate_id.clone())).or_default().push(event);
            }
        }
        let base = &self.base;
        let posting = aggregates.into_values().map(|events| async move { in_order(store, poster, base, events).await });
        let mut posting = stream::iter(posting).buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some((taken, error)) = posting.next().await {
            telemetry::fallback_posted(self.service.name(), u64::try_from(taken.len()).unwrap_or(0));
            self.posted.extend(taken);
            failed = failed.or(error);
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Posts one aggregate's events one after the other; which of them are dealt with, and why not all.
async fn in_order(store: &Store, poster: &Poster, base: &str, events: Vec<Unpublished>) -> (Vec<i64>, Option<PassError>) {
    let mut taken = Vec::with_capacity(events.len());
    for event in events {
        match caught_up(store, poster, base, &event).await {
            Ok(true) => taken.push(event.seq),
            // An earlier version is parked or lost there; only the log gets on with that.
            Ok(false) => break,
            Err(error) => return (taken, Some(error)),
        }
    }
    (taken, None)
}

/// Posts an event, and before it what the group says it misses; `false` where the group still misses something.
async fn caught_up(store: &Store, poster: &Poster, base: &str, event: &Unpublished) -> Result<bool, PassError> {
    let Posted::Wanted(version) = poster.post(base, event).await? else { return Ok(true) };
    let wanted = event.clone();
    let earlier = store.read::<_, StoreError, _>(async move |tx: &mut Tx| tx.versions_before(&wanted, version, CATCH_UP).await).await?;
    for before in &earlier {
        if poster.post(base, before).await? != Posted::Taken {
            return Ok(false);
        }
    }
    Ok(poster.post(base, event).await? == Posted::Taken)
}
