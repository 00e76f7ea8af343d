use std::sync::Arc;

use crate::services::{Consumer, HandleError};
use crate::store::{Class, Replay, StoreError, Tx};

use super::batch::{Batch, Content};
use super::group::Member;
use super::plan;

/// Dead letters tried again in one heartbeat at most.
const REPLAYS_PER_BEAT: i64 = 100;

impl Member {
    /// Tries the dead letters that an operator has marked, oldest of each aggregate first, each in a transaction of its own.
    pub(super) async fn replay(&self) {
        let group = Arc::clone(&self.group);
        let due = self.store.read(async move |tx: &mut Tx| tx.replays(&group, REPLAYS_PER_BEAT).await).await;
        for replay in due.unwrap_or_default() {
            let (id, outcome) = (replay.id, self.replay_one(replay).await);
            let Err(error) = outcome else { continue };
            let (code, message) = match error {
                HandleError::Infrastructure(_) => return,
                HandleError::Transient(message) => ("TRANSIENT", message),
                HandleError::Poison { code, message } => (code, message),
            };
            let noted = self.store.write(Class::Consumer, async move |tx: &mut Tx| tx.failed_again(id, code, &message).await).await;
            if noted.is_err() {
                return;
            }
        }
    }

    async fn replay_one(&self, replay: Replay) -> Result<(), HandleError> {
        let (group, consumer, is_ordered) = (Arc::clone(&self.group), Arc::clone(&self.consumer), self.is_ordered);
        self.store
            .write(Class::Consumer, async move |tx: &mut Tx| replay_in(tx, &group, is_ordered, consumer.as_ref(), &replay).await)
            .await
    }
}

/// The same path as a delivery: the same marks, the same handler; what took effect before is not done again.
async fn replay_in(tx: &mut Tx, group: &str, is_ordered: bool, consumer: &dyn Consumer, replay: &Replay) -> Result<(), HandleError> {
    let batch = Batch::decode(vec![replay.record.clone()]);
    if let Some(Content::Undecodable(error)) = batch.items.first().map(|item| &item.content) {
        return Err(HandleError::poison(error.code(), error.to_string()));
    }
    // Resolved first, so that the event does not find itself among those that it waits behind.
    tx.resolve(group, replay).await?;
    if is_ordered {
        let versions = fresh_versions(tx, group, &batch).await?;
        if versions.is_empty() {
            return Ok(());
        }
        consumer.apply(tx, &batch.events).await?;
        let marks = versions.iter().map(|(aggregate, version)| (aggregate.as_str(), *version)).collect();
        tx.mark_applied(group, &marks).await?;
    } else {
        let plan = plan::unordered(tx, group, &batch.items).await?;
        if !plan.apply.is_empty() {
            consumer.apply(tx, &batch.events).await?;
        }
    }
    Ok(())
}

async fn fresh_versions(tx: &mut Tx, group: &str, batch: &Batch) -> Result<Vec<(String, i64)>, StoreError> {
    let Some((aggregate, version)) = batch.items.first().and_then(|item| Some((item.aggregate_id.clone()?, item.version?))) else {
        return Ok(Vec::new());
    };
    let applied = tx.applied_versions(group, &std::iter::once(aggregate.as_str()).collect()).await?;
    let done = applied.get(&aggregate).copied().unwrap_or(0);
    Ok(if version > done { vec![(aggregate, version)] } else { Vec::new() })
}
