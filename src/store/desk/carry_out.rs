use crate::config::Ambient;
use crate::store::{StoreError, Tx};

use super::deed::{Surroundings, named};
use super::{DeskAnswer, DeskOrder, audit_event, dispose, import, plan};

impl Tx {
    /// Does what an operator wants done with dead letters, or says in the audit trail what is done elsewhere.
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
            DeskOrder::Record { action, target, after, actor, reason } => {
                let (who, what) = ((named(actor), reason.as_str()), (action.as_str(), target.as_str()));
                let event = audit_event((self.now(), ambient), what, who, (serde_json::Value::Null, after.clone()));
                self.publish(&[event]).await?;
                Ok(DeskAnswer::default())
            }
            DeskOrder::Import { letters, actor, reason } => import::take_in(self, letters, (actor, reason), &around).await,
        }
    }
}
