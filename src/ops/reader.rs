use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Ambient;
use crate::event::{Record, Topic, TopicPartition};
use crate::log::{Bounds, EventLog, LogError};
use crate::store::Store;

/// How long brokers may take to tell each other of a topic that was just made; a topic that is not there costs as much.
const SETTLING: Duration = Duration::from_secs(3);
/// Brokers do not tell when they are done, so they are asked again after so long.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// What every question is asked of; nothing in `ops` opens anything itself.
#[derive(Clone)]
pub struct Reader {
    /// The platform's database, possibly open for reading only.
    pub store: Store,
    /// The platform's event log.
    pub log: EventLog,
    /// Clock and randomness.
    pub ambient: Ambient,
}

impl Reader {
    /// A reader of this pair.
    pub const fn new(store: Store, log: EventLog, ambient: Ambient) -> Self {
        Self { store, log, ambient }
    }

    /// A reader of the embedded pair: one database that is the log as well.
    pub fn embedded(store: Store, ambient: Ambient) -> Self {
        Self { log: EventLog::embedded(&store), store, ambient }
    }

    /// Begin and end of every partition of a topic; what passes by itself within three seconds is not told.
    pub(super) async fn bounds(&self, topic: Topic) -> Result<BTreeMap<u16, Bounds>, LogError> {
        settled(SETTLING, async || self.log.bounds(topic).await).await
    }

    /// Records of one partition with offsets from `from` on, at most `limit`, in order; as patient as [`Self::bounds`].
    pub(super) async fn records(&self, at: TopicPartition, from: i64, limit: u32) -> Result<Vec<Record>, LogError> {
        settled(SETTLING, async || self.log.read(at, from, limit).await).await
    }
}

async fn settled<T>(patience: Duration, ask: impl AsyncFn() -> Result<T, LogError>) -> Result<T, LogError> {
    let until = Instant::now() + patience;
    loop {
        match ask().await {
            Err(LogError::Unsettled(_)) if Instant::now() < until => tokio::time::sleep(ASK_AGAIN).await,
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// How often something was asked that answers this, and with what it ended.
    async fn asked(patience: Duration, answer: impl Fn(u32) -> Result<u32, LogError>) -> (u32, Result<u32, LogError>) {
        let asked = AtomicU32::new(0);
        let found = settled(patience, async || answer(asked.fetch_add(1, Ordering::Relaxed))).await;
        (asked.into_inner(), found)
    }

    #[tokio::test]
    async fn what_brokers_have_not_told_each_other_yet_is_asked_again_for_a_while_and_nothing_else_is() {
        let unsettled = || Err(LogError::Unsettled("planted".to_owned()));
        let (times, found) = asked(Duration::from_mins(1), |before| if before < 3 { unsettled() } else { Ok(before) }).await;
        assert_eq!((times, found.unwrap()), (4, 3));
        let (times, found) = asked(ASK_AGAIN, |_| unsettled()).await;
        assert!((1..4).contains(&times) && matches!(found, Err(LogError::Unsettled(_))), "{times}");
        let (times, found) = asked(Duration::from_mins(1), |_| Err(LogError::Broker("away".to_owned()))).await;
        assert!(times == 1 && matches!(found, Err(LogError::Broker(_))), "{times}");
    }
}
