use std::ops::Range;
use std::sync::Arc;

use crate::domain::Timestamp;
use crate::event::{Event, TopicPartition};
use crate::fault::{self, Point};
use crate::services::{Consumer, HandleError};
use crate::store::{Advance, BatchNote, Class, Parked, ParkedState, Store, StoreError, Tx};

use super::batch::{Batch, Item};
use super::plan::{self, Plan};

/// Why a slice was not committed.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum SliceError {
    /// Another process has taken the partition: nothing was kept, the caller claims again.
    #[error("another member has taken the partition")]
    Fenced,
    /// The handler, or the database, refused.
    #[error(transparent)]
    Handle(HandleError),
}

impl From<StoreError> for SliceError {
    fn from(error: StoreError) -> Self {
        Self::Handle(error.into())
    }
}

impl From<HandleError> for SliceError {
    fn from(error: HandleError) -> Self {
        Self::Handle(error)
    }
}

/// What a slice came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SliceOutcome {
    pub(super) applied: i64,
    pub(super) skipped: i64,
    pub(super) parked: i64,
}

/// A slice of a delivery, with all that its transaction needs.
#[derive(Clone)]
pub(super) struct Slice {
    pub(super) group: Arc<str>,
    pub(super) is_ordered: bool,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) batch: Arc<Batch>,
    pub(super) range: Range<usize>,
    pub(super) at: TopicPartition,
    pub(super) epoch: i64,
    /// Where the group stands, and where it will stand.
    pub(super) expected: i64,
    pub(super) next: i64,
    pub(super) attempts: i64,
    pub(super) started_at: Timestamp,
    /// Set for a single event that is given up: it is parked instead of being handled.
    pub(super) verdict: Option<Verdict>,
}

/// Why an event is given up.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) retryable: bool,
}

impl Slice {
    /// Effects, marks and offset in one transaction, or nothing at all.
    ///
    /// Everybody who consumes for a group begins with its row of the partition, and handlers write the rows from which they
    /// conclude, so one transaction never goes by what another is changing.
    pub(super) async fn commit(&self, store: &Store) -> Result<SliceOutcome, SliceError> {
        fault::reach(Point::ConsumerTaken);
        let slice = self.clone();
        if fault::is_due(Point::OffsetBeforeEffects) {
            store.write::<_, SliceError, _>(Class::Consumer, async move |tx: &mut Tx| slice.advance(tx).await).await?;
            fault::happen(Point::OffsetBeforeEffects);
            return Err(SliceError::Fenced);
        }
        let outcome = store.write_by_keys(Class::Consumer, async move |tx: &mut Tx| slice.run(tx).await).await?;
        fault::reach(Point::ConsumerCommitted);
        Ok(outcome)
    }

    pub(super) fn items(&self) -> &[Item] {
        self.batch.items.get(self.range.clone()).unwrap_or_default()
    }

    /// Moves the group's offset behind this slice.
    async fn advance(&self, tx: &mut Tx) -> Result<(), SliceError> {
        let last = self.items().last();
        let step = Advance {
            group: &self.group,
            at: self.at,
            epoch: self.epoch,
            expected: self.expected,
            next: self.next,
            last_event_id: last.and_then(|item| item.event_id),
        };
        if tx.advance_offset(&step).await? { Ok(()) } else { Err(SliceError::Fenced) }
    }

    async fn run(&self, tx: &mut Tx) -> Result<SliceOutcome, SliceError> {
        let items = self.items();
        self.advance(tx).await?;
        fault::reach(Point::ConsumerBegun);
        let mut plan =
            if self.is_ordered { plan::ordered(tx, &self.group, items).await? } else { plan::unordered(tx, &self.group, items).await? };
        if self.verdict.is_none()
            && let Some(error) = plan.unreadable()
        {
            return Err(error.into());
        }
        let given_up = self.give_up(items, &mut plan);
        if given_up.is_none() {
            self.handle(tx, &plan).await?;
            if self.is_ordered {
                tx.mark_applied(&self.group, &plan.versions, &plan.seen).await?;
            }
        } else if let (false, [item]) = (self.is_ordered, items)
            && let Some(id) = item.event_id
        {
            tx.unmark_inbox(&self.group, &item.day, id).await?;
        }
        let parked: Vec<Parked<'_>> = plan
            .park
            .iter()
            .map(|(item, state, code, message)| parked(item, *state, code, message, 1, *state == ParkedState::Blocked))
            .chain(given_up)
            .collect();
        tx.park(&self.group, &parked).await?;
        tx.release(&self.group, &plan.release).await?;
        let outcome = SliceOutcome {
            applied: i64::try_from(plan.apply.len()).unwrap_or(i64::MAX),
            skipped: plan.skipped,
            parked: i64::try_from(parked.len()).unwrap_or(i64::MAX),
        };
        self.note(tx, items, outcome).await?;
        fault::reach(Point::ConsumerWritten);
        Ok(outcome)
    }

    /// Takes the one event of a condemned slice out of the plan.
    fn give_up<'a>(&self, items: &'a [Item], plan: &mut Plan<'a>) -> Option<Parked<'a>> {
        let verdict = self.verdict.as_ref()?;
        let [item] = items else { return None };
        if plan.apply.is_empty() {
            return None;
        }
        plan.apply.clear();
        plan.versions.clear();
        plan.release.clear();
        Some(parked(item, ParkedState::Failed, &verdict.code, &verdict.message, self.attempts, verdict.retryable))
    }

    async fn handle(&self, tx: &mut Tx, plan: &Plan<'_>) -> Result<(), HandleError> {
        let (Some(first), Some(last)) = (plan.apply.first(), plan.apply.last()) else { return Ok(()) };
        let unbroken = last - first + 1 == plan.apply.len();
        let whole = self.batch.events.get(*first..=*last).filter(|_| unbroken);
        if let Some(events) = whole {
            return self.consumer.apply(tx, events).await;
        }
        let events: Vec<Event> = plan.apply.iter().filter_map(|place| self.batch.events.get(*place).cloned()).collect();
        self.consumer.apply(tx, &events).await
    }

    async fn note(&self, tx: &mut Tx, items: &[Item], outcome: SliceOutcome) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(()) };
        let note = BatchNote {
            from_offset: first.record.offset,
            to_offset: last.record.offset,
            events: i64::try_from(items.len()).unwrap_or(i64::MAX),
            applied: outcome.applied,
            skipped: outcome.skipped,
            parked: outcome.parked,
            attempts: self.attempts,
            started_at: self.started_at,
        };
        tx.note_batch(&self.group, self.at, &note).await
    }
}

fn parked<'a>(item: &'a Item, state: ParkedState, code: &str, message: &str, attempts: i64, retryable: bool) -> Parked<'a> {
    Parked {
        record: &item.record,
        event_id: item.event_id.map(|id| id.to_string()),
        event_type: item.event_type.clone(),
        aggregate_id: item.aggregate_id.clone(),
        hold_key: item.hold_key.clone(),
        version: item.version,
        merchant_id: item.merchant_id.clone(),
        state,
        attempts,
        code: code.to_owned(),
        message: message.to_owned(),
        retryable,
    }
}
