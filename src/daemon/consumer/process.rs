use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::TopicPartition;
use crate::services::HandleError;
use crate::telemetry;

use super::apply::{Slice, SliceError, SliceOutcome, Verdict};
use super::batch::Batch;
use super::claims::Position;
use super::group::Member;
use super::pace::backoff;
use super::spans;

/// Tries after the first, where a failure may pass by itself.
const TRANSIENT_RETRIES: i64 = 3;

/// What became of a slice.
enum Settled {
    Committed,
    Bisect,
    /// The partition is somebody else's, or the loop is stopping.
    GaveUp,
}

/// What to do after a slice has failed.
enum Next {
    Again,
    Bisect,
    GiveUp,
}

impl Member {
    /// Applies a batch, bisecting what fails; `false` when the partition is somebody else's or the loop is stopping.
    pub(super) async fn process(&mut self, at: TopicPartition, batch: &Arc<Batch>) -> bool {
        // The left half of a bisected slice comes first, so the stack holds the right ones.
        let mut waiting: Vec<Range<usize>> = Vec::from([Range { start: 0, end: batch.items.len() }]);
        while let Some(range) = waiting.pop() {
            let Some(slice) = self.slice(at, batch, range.clone()) else { return false };
            let position = Position { epoch: slice.epoch, next_offset: slice.next };
            match self.settle(slice).await {
                Settled::Committed => {
                    self.positions.insert(at, position);
                }
                Settled::Bisect => {
                    let middle = range.start.midpoint(range.end);
                    waiting.push(middle..range.end);
                    waiting.push(range.start..middle);
                }
                Settled::GaveUp => return false,
            }
        }
        self.consumer.committed();
        true
    }

    fn slice(&self, at: TopicPartition, batch: &Arc<Batch>, range: Range<usize>) -> Option<Slice> {
        let position = self.positions.get(&at)?;
        let last = batch.items.get(range.end.checked_sub(1)?)?;
        Some(Slice {
            group: Arc::clone(&self.group),
            is_ordered: self.is_ordered,
            consumer: Arc::clone(&self.consumer),
            batch: Arc::clone(batch),
            range,
            at,
            epoch: position.epoch,
            expected: position.next_offset,
            next: last.record.offset + 1,
            attempts: 1,
            started_at: self.ambient.now(),
            verdict: None,
        })
    }

    /// Tries a slice until it is committed, must be bisected, or is nobody's business any more.
    async fn settle(&mut self, mut slice: Slice) -> Settled {
        let mut failures: u32 = 0;
        let started = Instant::now();
        loop {
            let tried = Instant::now();
            let error = match slice.commit(&self.store).await {
                Ok(outcome) => {
                    telemetry::commit(self.meter.service, "events", slice.range.len(), tried.elapsed());
                    self.count(&slice, outcome, started.elapsed());
                    self.circuit.passed(usize::try_from(outcome.applied).unwrap_or(0));
                    self.status.set(None);
                    return Settled::Committed;
                }
                Err(error @ SliceError::Fenced) => {
                    let (topic, partition) = (slice.at.topic, slice.at.partition);
                    tracing::info!(group = %self.group, %topic, partition, %error, "a batch is given up with nothing of it kept");
                    return Settled::GaveUp;
                }
                Err(SliceError::Handle(error)) => error,
            };
            match self.after(error, &mut slice, &mut failures).await {
                Next::Again => {}
                Next::Bisect => return Settled::Bisect,
                Next::GiveUp => return Settled::GaveUp,
            }
        }
    }

    async fn after(&mut self, error: HandleError, slice: &mut Slice, failures: &mut u32) -> Next {
        let (code, message, retryable) = match error {
            HandleError::Infrastructure(cause) => return self.hold_on(failures, &cause.to_string()).await,
            _ if slice.range.len() > 1 => return Next::Bisect,
            HandleError::Transient(_) if slice.attempts <= TRANSIENT_RETRIES => {
                self.meter.tries_again();
                let tries = u32::try_from(slice.attempts).unwrap_or(1);
                slice.attempts += 1;
                return if self.wait(backoff(tries)).await { Next::GiveUp } else { Next::Again };
            }
            HandleError::Transient(message) => ("TRANSIENT", message, true),
            HandleError::Poison { code, message } => (code, message, false),
        };
        if slice.verdict.is_some() {
            // Parking itself was refused: nothing may be lost, so the group waits for a person.
            return self.hold_on(failures, &message).await;
        }
        if !self.circuit.may_park() {
            let reason = self.circuit.reason(code, &message);
            return self.hold_on(failures, &reason).await;
        }
        slice.verdict = Some(Verdict { code: code.to_owned(), message, retryable });
        Next::Again
    }

    async fn hold_on(&self, failures: &mut u32, reason: &str) -> Next {
        *failures = failures.saturating_add(1);
        self.meter.tries_again();
        if self.pause(*failures, reason).await { Next::GiveUp } else { Next::Again }
    }

    fn count(&self, slice: &Slice, outcome: SliceOutcome, took: Duration) {
        self.meter.committed(slice.at, slice.range.len(), outcome, took);
        spans::record(slice, self.meter.service, self.ambient.now());
        if let Some(verdict) = &slice.verdict {
            let item = slice.batch.items.get(slice.range.start);
            let tell = || {
                tracing::error!(
                    group = %self.group, topic = %slice.at.topic, partition = slice.at.partition, offset = slice.next - 1,
                    event.id = item.and_then(|item| item.event_id).map(tracing::field::display),
                    code = verdict.code, reason = verdict.message, attempts = slice.attempts,
                    "event parked; later events of its aggregate wait where the group is ordered"
                );
            };
            match item.and_then(spans::context_of) {
                Some(context) => telemetry::within_sync(context, tell),
                None => tell(),
            }
        }
    }
}
