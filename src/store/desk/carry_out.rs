use crate::config::Ambient;
use crate::store::{StoreError, Tx};

use super::deed::Surroundings;
use super::{DeskAnswer, DeskOrder, dispose, import, plan};

impl Tx {
    /// Does what an operator wants done with dead letters.
    ///
    /// # Errors
    ///
    /// Those of the database; what stands against a row's change is said in the answer.
    pub async fn at_desk(&mut self, order: &DeskOrder, ambient: &Ambient, is_ordered: fn(&str) -> bool) -> Result<DeskAnswer, StoreError> {
        let around = Surroundings { ambient, is_ordered };
        if order.moves_letters() {
            self.stop_consumers().await?;
        }
        match order {
            DeskOrder::Plan(plan) => plan::keep(self, plan).await,
            DeskOrder::Begin { plan_id, actor, reason } => plan::begin(self, plan_id, (actor, reason), &around).await,
            DeskOrder::Send { plan_id, positions, actor, reason } => plan::send(self, plan_id, positions, (actor, reason)).await,
            DeskOrder::Note { plan_id, outcomes, state, note } => plan::note(self, plan_id, outcomes, *state, note.as_deref()).await,
            DeskOrder::Discard { ids, actor, reason } => dispose::discard(self, ids, (actor, reason), &around).await,
            DeskOrder::Restore { ids, actor, reason } => dispose::restore(self, ids, (actor, reason), &around).await,
            DeskOrder::Import { letters, actor, reason } => import::take_in(self, letters, (actor, reason), &around).await,
        }
    }
}
