use std::collections::VecDeque;
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::telemetry;

use super::StoreError;

/// Items that go into one transaction at most.
const MAX_BATCH: usize = 256;
/// Items for which another batch is begun beside those in flight: each costs its statements and its commit, however few share them.
const WORTH_ANOTHER: usize = 24;

/// Items of many callers that are to be committed together; cheap to clone and to split.
#[derive(Debug)]
pub struct Batch<I> {
    items: Arc<[I]>,
    range: Range<usize>,
}

impl<I> Clone for Batch<I> {
    fn clone(&self) -> Self {
        Self { items: Arc::clone(&self.items), range: self.range.clone() }
    }
}

impl<I> Deref for Batch<I> {
    type Target = [I];

    fn deref(&self) -> &[I] {
        self.items.get(self.range.clone()).unwrap_or_default()
    }
}

impl<I> From<Vec<I>> for Batch<I> {
    fn from(items: Vec<I>) -> Self {
        Self { range: 0..items.len(), items: items.into() }
    }
}

impl<I> Batch<I> {
    /// Both halves, the first before the second.
    #[must_use]
    pub fn halves(&self) -> (Self, Self) {
        let Range { start, end } = self.range;
        let middle = start.midpoint(end);
        let part = |range| Self { items: Arc::clone(&self.items), range };
        (part(start..middle), part(middle..end))
    }
}

struct Waiting<I, O> {
    item: I,
    reply: oneshot::Sender<Result<O, StoreError>>,
}

/// Where callers hand in items and wait until they are committed.
#[derive(Debug)]
pub struct Batcher<I, O>(mpsc::Sender<Waiting<I, O>>);

/// The other end: what the worker takes batches from.
#[derive(Debug)]
pub struct BatchQueue<I, O> {
    /// What metrics call it: its service, and which of its queues.
    name: (&'static str, &'static str),
    waiting: mpsc::Receiver<Waiting<I, O>>,
}

/// A batcher before which at most `capacity` items wait; metrics call it `name`, which is a service and a queue.
pub fn batcher<I, O>(name: (&'static str, &'static str), capacity: usize) -> (Batcher<I, O>, BatchQueue<I, O>) {
    let (sender, waiting) = mpsc::channel(capacity);
    (Batcher(sender), BatchQueue { name, waiting })
}

impl<I, O> Batcher<I, O> {
    /// Hands in an item and waits for what became of it; refused at once when too many wait already.
    pub async fn submit(&self, item: I) -> Result<O, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(Waiting { item, reply }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl<I, O> BatchQueue<I, O> {
    /// Commits batches, at most `in_flight` at once, until told to stop, then what is still queued.
    ///
    /// A batch is what queued while the ones before it were committed: no timer, so an item that comes alone waits for
    /// nobody. `apply` answers one outcome an item, in order. A batch that it refuses is halved until the item that it
    /// cannot take stands alone; while the database is unavailable nothing would be gained by that.
    pub async fn run<A, R>(mut self, in_flight: usize, stop: CancellationToken, apply: A)
    where
        A: Fn(Batch<I>) -> R,
        R: Future<Output = Result<Vec<O>, StoreError>>,
    {
        let mut flying = FuturesUnordered::new();
        let mut queued = Vec::with_capacity(MAX_BATCH);
        loop {
            let room = MAX_BATCH - queued.len();
            let is_over = tokio::select! {
                Some(()) = flying.next() => false,
                taken = self.waiting.recv_many(&mut queued, room), if room > 0 => taken == 0,
                // Items that come later are refused; those that are here are still committed.
                () = stop.cancelled(), if !self.waiting.is_closed() => {
                    self.waiting.close();
                    false
                }
            };
            let is_worth_it = queued.len() >= WORTH_ANOTHER && flying.len() < in_flight;
            if !queued.is_empty() && (flying.is_empty() || is_worth_it || is_over) {
                flying.push(commit(self.name, std::mem::take(&mut queued), &apply));
            }
            if is_over {
                break;
            }
        }
        while flying.next().await.is_some() {}
    }
}

async fn commit<I, O, A, R>((service, queue): (&'static str, &'static str), waiting: Vec<Waiting<I, O>>, apply: &A)
where
    A: Fn(Batch<I>) -> R,
    R: Future<Output = Result<Vec<O>, StoreError>>,
{
    let (items, mut replies): (Vec<I>, VecDeque<_>) = waiting.into_iter().map(|waiting| (waiting.item, waiting.reply)).unzip();
    let mut parts = vec![Batch::from(items)];
    while let Some(part) = parts.pop() {
        let started = Instant::now();
        let applied = apply(part.clone()).await;
        telemetry::commit(service, queue, part.len(), started.elapsed());
        let outcomes: Vec<Result<O, StoreError>> = match applied {
            Ok(outcomes) if outcomes.len() == part.len() => outcomes.into_iter().map(Ok).collect(),
            Ok(_) => part.iter().map(|_| Err(StoreError::Statement("a batch lost count of its items".to_owned()))).collect(),
            Err(error) if part.len() > 1 && !error.is_infrastructure() => {
                let (first, second) = part.halves();
                parts.extend([second, first]);
                continue;
            }
            Err(error) => part.iter().map(|_| Err(error.clone())).collect(),
        };
        for (outcome, reply) in outcomes.into_iter().zip(replies.drain(..part.len())) {
            // A caller that went away no longer wants the answer.
            let _ = reply.send(outcome);
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the platform is stopping".to_owned())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "in these tests the runtime is the supervisor")]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn what_queues_during_a_commit_shares_the_next_one() {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let (batcher, queue) = batcher::<i64, i64>(("test", "test"), 1000);
        let batcher = Arc::new(batcher);
        let stop = CancellationToken::new();
        let seen = Arc::clone(&sizes);
        let worker = tokio::spawn(queue.run(2, stop.clone(), move |batch: Batch<i64>| {
            seen.lock().unwrap().push(batch.len());
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Ok(batch.iter().map(|item| item * 2).collect())
            }
        }));
        let calls: Vec<_> = (0..100)
            .map(|item| {
                let batcher = Arc::clone(&batcher);
                tokio::spawn(async move { batcher.submit(item).await })
            })
            .collect();
        for (item, call) in (0i64..).zip(calls) {
            assert_eq!(call.await.unwrap().unwrap(), item * 2);
        }
        stop.cancel();
        worker.await.unwrap();
        assert!(sizes.lock().unwrap().len() <= 4, "{sizes:?}");
        assert!(matches!(batcher.submit(1).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn one_bad_item_fails_alone_and_the_others_keep_their_order() {
        let (batcher, queue) = batcher::<i64, i64>(("test", "test"), 1000);
        let submitted: Vec<_> = (0..40).map(|item| batcher.submit(item)).collect();
        let stop = CancellationToken::new();
        let mut all = Box::pin(futures_util::future::join_all(submitted));
        // Polled once, so that all of them are queued before the worker starts.
        assert!(futures_util::poll!(&mut all).is_pending());
        stop.cancel();
        queue
            .run(2, stop, async |batch: Batch<i64>| {
                let bad = batch.contains(&17);
                if bad { Err(StoreError::Constraint("17".to_owned())) } else { Ok(batch.to_vec()) }
            })
            .await;
        for (item, outcome) in (0..40).zip(all.await) {
            if item == 17 {
                assert!(matches!(outcome, Err(StoreError::Constraint(_))));
            } else {
                assert_eq!(outcome.unwrap(), item);
            }
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let (batcher, _queue) = batcher::<(), ()>(("test", "test"), 1);
        let mut first = Box::pin(batcher.submit(()));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(matches!(batcher.submit(()).await, Err(StoreError::Overloaded)));
    }

    #[tokio::test]
    async fn an_unavailable_database_is_not_asked_again_item_by_item() {
        let (batcher, queue) = batcher::<i64, ()>(("test", "test"), 10);
        let mut all = Box::pin(futures_util::future::join_all((0..8).map(|item| batcher.submit(item))));
        assert!(futures_util::poll!(&mut all).is_pending());
        let stop = CancellationToken::new();
        stop.cancel();
        let asked = std::sync::atomic::AtomicUsize::new(0);
        queue
            .run(2, stop, async |_: Batch<i64>| {
                asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                Err(StoreError::Full)
            })
            .await;
        assert!(all.await.iter().all(|outcome| matches!(outcome, Err(StoreError::Full))));
        assert_eq!(asked.into_inner(), 1);
    }
}
