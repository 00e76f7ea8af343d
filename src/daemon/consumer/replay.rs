use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::services::{Consumer, HandleError};
use crate::store::{Class, Replay, StoreError, Tx};

use super::batch::{Batch, Content};
use super::group::Member;
use super::plan;

/// Dead letters read at once.
const REPLAYS_AT_ONCE: i64 = 100;
/// Rounds in one heartbeat at most: those that a round frees are tried in the next.
const ROUNDS_PER_BEAT: u32 = 10;

impl Member {
    /// Tries the dead letters that an operator has marked, oldest of each aggregate first, each in a transaction of its own.
    pub(super) async fn replay(&self) {
        for _ in 0..ROUNDS_PER_BEAT {
            let group = Arc::clone(&self.group);
            let due = self.store.read(async move |tx: &mut Tx| tx.replays(&group, REPLAYS_AT_ONCE).await).await.unwrap_or_default();
            if due.is_empty() || self.stop.is_cancelled() || !self.replay_round(due).await {
                return;
            }
        }
    }

    /// One try of each; `false` when the database does not take them at present.
    async fn replay_round(&self, due: Vec<Replay>) -> bool {
        for replay in due {
            let (id, outcome) = (replay.id, self.replay_one(replay).await);
            let Err(error) = outcome else { continue };
            let (code, message) = match error {
                HandleError::Infrastructure(_) => return false,
                HandleError::Transient(message) => ("TRANSIENT", message),
                HandleError::Poison { code, message } => (code, message),
            };
            let group = Arc::clone(&self.group);
            let noted = self.store.write(Class::Consumer, async move |tx: &mut Tx| tx.failed_again(&group, id, code, &message).await).await;
            if noted.is_err() {
                return false;
            }
        }
        true
    }

    async fn replay_one(&self, replay: Replay) -> Result<(), HandleError> {
        let (group, consumer, is_ordered) = (Arc::clone(&self.group), Arc::clone(&self.consumer), self.is_ordered);
        self.store
            .write_by_keys(Class::Consumer, async move |tx: &mut Tx| replay_in(tx, &group, is_ordered, consumer.as_ref(), &replay).await)
            .await
    }
}

/// The same path as a delivery: the same marks, the same handler; what took effect before is not done again.
async fn replay_in(tx: &mut Tx, group: &str, is_ordered: bool, consumer: &dyn Consumer, replay: &Replay) -> Result<(), HandleError> {
    tx.hold_partition(group, replay.record.at).await?;
    if is_ordered && tx.is_behind_failed(group, replay).await? {
        return Ok(tx.wait_again(replay).await?);
    }
    let batch = Batch::decode(vec![replay.record.clone()]);
    if let Some(Content::Undecodable(error)) = batch.items.first().map(|item| &item.content) {
        return Err(HandleError::poison(error.code(), error.to_string()));
    }
    if !is_ordered {
        tx.resolve(group, replay).await?;
        let plan = plan::unordered(tx, group, &batch.items).await?;
        return if plan.apply.is_empty() { Ok(()) } else { consumer.apply(tx, &batch.events).await };
    }
    match turn(tx, group, &batch).await? {
        Turn::NotYet => tx.wait_again(replay).await?,
        Turn::Done => tx.resolve(group, replay).await?,
        Turn::Now(aggregate, version, seen) => {
            tx.resolve(group, replay).await?;
            if !batch.events.is_empty() {
                consumer.apply(tx, &batch.events).await?;
            }
            tx.mark_applied(group, &HashMap::from([(aggregate.as_str(), version)]), &seen).await?;
        }
    }
    Ok(())
}

/// Where an event stands in the order of its aggregate.
enum Turn {
    /// It had its effect, or none is known of it.
    Done,
    /// It is the next version of this aggregate; the aggregate again where it has been marked before.
    Now(String, i64, HashSet<String>),
    /// An earlier version is missing.
    NotYet,
}

async fn turn(tx: &mut Tx, group: &str, batch: &Batch) -> Result<Turn, StoreError> {
    let Some((aggregate, version)) = batch.items.first().and_then(|item| Some((item.aggregate_id.clone()?, item.version?))) else {
        return Ok(Turn::Done);
    };
    let applied = tx.applied_versions(group, &HashSet::from([aggregate.as_str()])).await?;
    let done = applied.get(&aggregate).copied().unwrap_or(0);
    Ok(match version {
        version if version <= done => Turn::Done,
        version if version == done + 1 => Turn::Now(aggregate, version, applied.into_keys().collect()),
        _ => Turn::NotYet,
    })
}
