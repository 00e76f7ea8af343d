use crate::ops::OpsError;
use crate::ops::span::millis_between;
use crate::store::{Refusal, Tx};

use super::{OutboxLag, RefusedEvent};

/// What waits in the outbox for the brokers.
pub(super) async fn outbox(tx: &mut Tx) -> Result<OutboxLag, OpsError> {
    let (waiting, oldest) = tx.outbox_depth().await?;
    let refused = |refusal: Refusal| RefusedEvent {
        event_id: refusal.event_id,
        aggregate_id: refusal.aggregate_id,
        topic: refusal.topic,
        reason: refusal.reason,
        refused_at: refusal.refused_at,
    };
    let refused: Vec<RefusedEvent> = tx.refusals().await?.into_iter().map(refused).collect();
    let held = if refused.is_empty() { 0 } else { tx.held_behind_refusals().await? };
    Ok(OutboxLag { waiting, oldest_ms: oldest.map(|oldest| millis_between(oldest, tx.now())), refused, held })
}
