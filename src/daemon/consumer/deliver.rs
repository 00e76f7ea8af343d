use std::collections::HashSet;
use std::sync::Arc;

use crate::event::Record;
use crate::services::{Consumer, HandleError, Service};
use crate::store::{Class, ParkedState, Store, StoreError, Tx};

use super::batch::Batch;
use super::plan::{self, Plan};

/// What became of an event that came past the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::daemon) enum Delivered {
    /// It took effect.
    Applied,
    /// Its effect was there already, or this version knows no effect of it.
    Done,
    /// An earlier event of its aggregate is parked; it comes again by the log and waits there.
    Held,
    /// An earlier version of its aggregate must come first: this one.
    Wanted(i64),
    /// The handler refuses it; nothing was kept. It comes again by the log, where it is parked.
    Refused(String),
}

/// The way past the log: one event at a time, through the same handler and the same marks. Offsets do not move, so the log's
/// own copy comes later and finds the work done.
#[derive(Clone)]
pub(in crate::daemon) struct Direct {
    group: Arc<str>,
    is_ordered: bool,
    consumer: Arc<dyn Consumer>,
    store: Store,
}

impl Direct {
    /// The way into the group of `service`; none without a group.
    pub(in crate::daemon) fn new(service: Service, consumer: Arc<dyn Consumer>, store: &Store) -> Option<Self> {
        Some(Self { group: service.group()?.into(), is_ordered: service.is_ordered(), consumer, store: store.clone() })
    }

    /// Applies one record. An error means that the database cannot take it at present.
    pub(in crate::daemon) async fn deliver(&self, record: Record) -> Result<Delivered, StoreError> {
        let (this, batch) = (self.clone(), Batch::decode(vec![record]));
        match self.store.write_by_keys(Class::Consumer, async move |tx: &mut Tx| this.run(tx, &batch).await).await {
            Ok(delivered) => {
                self.consumer.committed();
                Ok(delivered)
            }
            Err(HandleError::Infrastructure(error)) => Err(error),
            Err(HandleError::Transient(message) | HandleError::Poison { message, .. }) => Ok(Delivered::Refused(message)),
        }
    }

    async fn run(&self, tx: &mut Tx, batch: &Batch) -> Result<Delivered, HandleError> {
        if let Some(item) = batch.items.first() {
            tx.hold_partition(&self.group, item.record.at).await?;
        }
        let plan = if self.is_ordered {
            plan::ordered(tx, &self.group, &batch.items).await?
        } else {
            plan::unordered(tx, &self.group, &batch.items).await?
        };
        match plan.park.first() {
            None => self.apply(tx, batch, &plan).await,
            Some((_, ParkedState::Failed, code, message)) => Err(HandleError::poison(code, message.clone())),
            Some((item, ParkedState::Blocked, plan::WAITING, _)) => {
                Ok(Delivered::Wanted(self.next_version(tx, item.aggregate_id.as_deref().unwrap_or_default()).await?))
            }
            Some((_, ParkedState::Blocked, ..)) => Ok(Delivered::Held),
        }
    }

    async fn apply(&self, tx: &mut Tx, batch: &Batch, plan: &Plan<'_>) -> Result<Delivered, HandleError> {
        if !plan.apply.is_empty() {
            self.consumer.apply(tx, &batch.events).await?;
        }
        if self.is_ordered {
            tx.mark_applied(&self.group, &plan.versions, &plan.seen).await?;
            tx.release(&self.group, &plan.release).await?;
        }
        Ok(if plan.apply.is_empty() { Delivered::Done } else { Delivered::Applied })
    }

    async fn next_version(&self, tx: &mut Tx, aggregate: &str) -> Result<i64, StoreError> {
        let applied = tx.applied_versions(&self.group, &HashSet::from([aggregate])).await?;
        Ok(applied.get(aggregate).copied().unwrap_or(0) + 1)
    }
}
