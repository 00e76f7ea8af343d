use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

use crate::config::Ambient;
use crate::store::{Heads, Job, Kind, Queue, StoreError, Tx};

use super::Session;
use super::error::Trouble;

/// How often a job is run in all, where it collides with others or loses its connection.
const MAX_RUNS: u32 = 10;
/// After so many runs a job has the writers of this process to itself, so that it is not overtaken for ever.
const SHARED_RUNS: u32 = 2;
/// So many runs of a job may find a key taken: the first need not have looked, and in the second another may have come in between.
const TAKEN_RUNS: u32 = 2;
/// The first pause before another run; it doubles, and a part of it is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// What a thread does with its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    /// Jobs that write, of this kind first.
    Write(Kind),
    /// Reads, each on a snapshot of its own.
    Read,
}

/// A thread with a connection of its own. The jobs' futures stay on it, so they need not be `Send`.
pub(super) struct Worker {
    pub(super) tx: Tx,
    pub(super) queue: Arc<Queue>,
    pub(super) heads: Arc<Heads>,
    pub(super) ambient: Ambient,
    pub(super) duty: Duty,
    /// What one run of a job may take altogether.
    pub(super) job_time: Duration,
    /// Held by whoever writes: shared, or alone.
    pub(super) turns: Arc<RwLock<()>>,
}

/// How a run of a job ended.
enum Ended {
    /// As it should, or with this fault.
    Done(Option<StoreError>),
    /// In a way that another run may mend.
    Again(StoreError),
}

impl Worker {
    pub(super) fn run(mut self, runtime: &Runtime) {
        let wanted = if let Duty::Write(kind) = self.duty { kind } else { Kind::Ingress };
        while let Some((_, job)) = self.queue.pop(wanted) {
            runtime.block_on(self.work(job));
        }
    }

    async fn work(&mut self, mut job: Box<dyn Job>) {
        let mut runs = 1;
        let fault = loop {
            match self.take_turn(job.as_mut(), runs).await {
                Ended::Done(fault) => break fault,
                Ended::Again(error) if runs >= MAX_RUNS => {
                    job.fail(error);
                    break None;
                }
                Ended::Again(_) => self.pause(runs).await,
            }
            runs += 1;
        };
        job.finish(fault.as_ref());
        if let Some(session) = self.tx.engine.server() {
            // Only a read is still open here; nobody waits for its end.
            session.rollback().await;
        }
    }

    async fn take_turn(&mut self, job: &mut dyn Job, runs: u32) -> Ended {
        if self.duty == Duty::Read {
            return self.attempt(job, runs).await;
        }
        let turns = Arc::clone(&self.turns);
        if runs <= SHARED_RUNS {
            let _shared = turns.read().await;
            self.attempt(job, runs).await
        } else {
            let _alone = turns.write().await;
            self.attempt(job, runs).await
        }
    }

    async fn attempt(&mut self, job: &mut dyn Job, runs: u32) -> Ended {
        let begin = begin(self.duty, job.is_by_keys(), runs);
        self.tx.now = self.ambient.now();
        self.tx.appended.clear();
        self.tx.written.clear();
        self.tx.relayed = self.heads.fresh().relayed();
        self.tx.is_first_run = runs == 1;
        let Some(session) = self.tx.engine.server() else { return Ended::Done(Some(lost())) };
        if let Err(error) = session.ready(begin).await {
            return Ended::Done(Some(error));
        }
        let run = tokio::time::timeout(self.job_time, run_to_end(job, &mut self.tx)).await;
        let Some(session) = self.tx.engine.server() else { return Ended::Done(Some(lost())) };
        let Ok(keep) = run else {
            session.drop_link();
            job.fail(StoreError::Unavailable(format!("a transaction took longer than {} s", self.job_time.as_secs())));
            return Ended::Done(None);
        };
        let is_over = |trouble: &Trouble| match trouble {
            Trouble::Collided | Trouble::Lost => true,
            Trouble::Taken => runs <= TAKEN_RUNS,
            Trouble::Blocked => runs == 1 && job.is_by_keys(),
            Trouble::Own => false,
        };
        if let Some(trouble) = session.trouble().filter(is_over) {
            session.rollback().await;
            if trouble == Trouble::Lost {
                session.drop_link();
            }
            return Ended::Again(collided(trouble));
        }
        if self.duty == Duty::Read {
            return Ended::Done(None);
        }
        if !keep {
            session.rollback().await;
            return Ended::Done(None);
        }
        match session.commit().await {
            Ok(()) => {
                self.heads.fresh().put(self.tx.written.drain(..));
                self.heads.advance(&self.tx.appended);
                Ended::Done(None)
            }
            Err(error) if session.trouble() == Some(Trouble::Collided) => Ended::Again(error),
            Err(error) => Ended::Done(Some(error)),
        }
    }

    async fn pause(&self, runs: u32) {
        let most = FIRST_PAUSE.saturating_mul(1 << runs.min(8)).min(MAX_PAUSE);
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1);
        tokio::time::sleep(Duration::from_micros(self.ambient.random_u64() % most)).await;
    }
}

/// Polls a job to its end; one that waits for anything but the server is refused, as it would keep its transaction open.
async fn run_to_end(job: &mut dyn Job, tx: &mut Tx) -> bool {
    let Some(waiting) = tx.engine.server().map(|session| Session::waiting(session)) else { return false };
    let done = {
        let mut running = job.run(tx);
        poll_fn(|context| match running.poll_unpin(context) {
            Poll::Ready(keep) => Poll::Ready(Some(keep)),
            Poll::Pending if waiting.load(Ordering::Relaxed) => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        })
        .await
    };
    done.unwrap_or_else(|| {
        job.fail(StoreError::Waited);
        false
    })
}

/// Services are written for one writer after the other, and only SERIALIZABLE makes several look like that. Jobs that meet
/// others only in rows that both write, or in unique keys, are as safe on a snapshot that refuses lost updates. Their first run may
/// write without having looked, and so meet a row that another is changing; it does not wait for long, as the next one will look.
const fn begin(duty: Duty, by_keys: bool, runs: u32) -> &'static str {
    match duty {
        Duty::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Duty::Write(_) if by_keys && runs == 1 => "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE; SET LOCAL lock_timeout = '1s'",
        Duty::Write(_) if by_keys => "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE",
        Duty::Write(_) => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
    }
}

fn collided(trouble: Trouble) -> StoreError {
    match trouble {
        Trouble::Lost => lost(),
        Trouble::Collided | Trouble::Taken | Trouble::Blocked | Trouble::Own => {
            StoreError::Unavailable("the transaction collided with others too often".to_owned())
        }
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("the connection to the database was lost".to_owned())
}
