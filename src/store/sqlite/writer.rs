use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::Ambient;
use crate::store::{Heads, Job, Kind, Queue, StoreError, Tx};

use super::run_once;

/// A group is committed when nothing waits, or when it has taken this long …
const GROUP_TIME: Duration = Duration::from_millis(8);
/// … or has this many jobs …
const GROUP_JOBS: usize = 512;
/// … or somebody outside waits, and it has taken this long.
const PRESSED_TIME: Duration = Duration::from_millis(1);

/// The one thread that writes. Jobs that queued while the last commit ran share the next one: that is the whole batching,
/// and it needs no timer. Callers outside and the platform's own work take turns, so that neither starves the other.
pub(super) struct Writer {
    pub(super) tx: Tx,
    pub(super) queue: Arc<Queue>,
    pub(super) heads: Arc<Heads>,
    pub(super) ambient: Ambient,
    /// Set once when a write to disk failed: from then on the state on disk is unknown, and only a restart helps.
    pub(super) broken: watch::Sender<Option<StoreError>>,
}

impl Writer {
    pub(super) fn run(mut self) {
        let mut turn = Kind::Ingress;
        while let Some((kind, first)) = self.queue.pop(turn) {
            self.group(kind, first);
            turn = kind.other();
        }
        if self.broken.borrow().is_none() {
            // A later start reads less WAL; failing here costs nothing but that. No statistics are kept: those of a small file
            // stay while it grows, and the planner then goes through a million rows that it takes for one.
            let _ = self.tx.engine.batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    fn group(&mut self, kind: Kind, first: Box<dyn Job>) {
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let fault = match self.run_group(kind, first, &mut done) {
            Ok(()) => None,
            Err(error) => {
                if !self.tx.engine.is_idle() {
                    let _ = self.tx.engine.batch("ROLLBACK");
                }
                self.tx.appended.clear();
                if matches!(error, StoreError::Io(_) | StoreError::Corrupt { .. }) {
                    self.broken.send_if_modified(|broken| broken.is_none() && broken.replace(error.clone()).is_none());
                }
                Some(error)
            }
        };
        if fault.is_none() {
            self.heads.advance(&self.tx.appended);
        }
        self.tx.appended.clear();
        for job in done {
            job.finish(fault.as_ref());
        }
    }

    fn run_group(&mut self, kind: Kind, first: Box<dyn Job>, done: &mut Vec<Box<dyn Job>>) -> Result<(), StoreError> {
        let started = Instant::now();
        let mut next = Some(first);
        if let Some(error) = self.broken.borrow().clone() {
            done.extend(next.take());
            return Err(error);
        }
        self.tx.now = self.ambient.now();
        if let Err(error) = self.tx.engine.batch("BEGIN IMMEDIATE") {
            done.extend(next.take());
            return Err(error);
        }
        while let Some(job) = next {
            self.run_job(job, done)?;
            let taken = started.elapsed();
            let is_pressed = kind == Kind::Rest && taken >= PRESSED_TIME && self.queue.is_waited_for();
            let is_full = is_pressed || done.len() >= GROUP_JOBS || taken >= GROUP_TIME;
            next = if is_full { None } else { self.queue.try_pop(kind) };
        }
        self.tx.engine.batch("COMMIT")
    }

    /// A job that fails takes nothing but itself away: the first one gives up the transaction, which holds nothing else
    /// yet, and each later one has a savepoint. Under a savepoint every changed page is kept for going back, and every
    /// statement walks that list, which takes a large batch more time than its own work.
    fn run_job(&mut self, mut job: Box<dyn Job>, done: &mut Vec<Box<dyn Job>>) -> Result<(), StoreError> {
        let appended = self.tx.appended.len();
        let (open, keep, give_up) = if done.is_empty() {
            ("", "", "ROLLBACK; BEGIN IMMEDIATE")
        } else {
            ("SAVEPOINT job", "RELEASE job", "ROLLBACK TO job; RELEASE job")
        };
        let begun = self.tx.engine.batch(open);
        let succeeded = begun.is_ok() && run_once(job.as_mut(), &mut self.tx);
        done.push(job);
        begun?;
        if self.tx.engine.is_idle() {
            return Err(StoreError::Full);
        }
        if !succeeded {
            self.tx.appended.truncate(appended);
        }
        self.tx.engine.batch(if succeeded { keep } else { give_up })
    }
}
