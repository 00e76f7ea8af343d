use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Class, Job, StoreError};

/// Jobs that may wait in each class; beyond it a caller is told to come back later.
const LIMIT: usize = 4096;
/// How long a call from outside is remembered.
const PRESSED_FOR: Duration = Duration::from_millis(50);

/// What a group of jobs is made of: those outside who wait are not kept waiting by the others' work in their own commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A caller outside waits.
    Ingress,
    /// Everything else.
    Rest,
}

impl Kind {
    /// The kind whose turn it is after this one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Ingress => Self::Rest,
            Self::Rest => Self::Ingress,
        }
    }
}

/// The bounded queue before database threads: ingress and the rest take turns, consumers before what can wait.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: [VecDeque<Box<dyn Job>>; 3],
    last_ingress: Option<Instant>,
    closed: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State::default()), changed: Condvar::new() }
    }

    pub(super) fn push(&self, class: Class, job: Box<dyn Job>) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StoreError::Unavailable("the database has stopped".to_owned()));
        }
        if class == Class::Ingress {
            state.last_ingress = Some(Instant::now());
        }
        let [ingress, consumer, background] = &mut state.waiting;
        let lane = match class {
            Class::Ingress => ingress,
            Class::Consumer => consumer,
            Class::Background => background,
        };
        if lane.len() >= LIMIT {
            return Err(StoreError::Overloaded);
        }
        lane.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for a job, of the wanted kind where one is there; `None` once the queue is closed and empty.
    pub(super) fn pop(&self, wanted: Kind) -> Option<(Kind, Box<dyn Job>)> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.next(wanted).or_else(|| state.next(wanted.other())) {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job of this kind that is already waiting.
    pub(super) fn try_pop(&self, kind: Kind) -> Option<Box<dyn Job>> {
        self.lock().next(kind).map(|(_, job)| job)
    }

    /// Whether somebody outside is waiting.
    pub(super) fn is_waited_for(&self) -> bool {
        self.lock().waiting.first().is_some_and(|ingress| !ingress.is_empty())
    }

    /// Whether somebody outside came only just now: then the platform's own work should come in small pieces.
    pub(super) fn is_pressed(&self) -> bool {
        self.lock().last_ingress.is_some_and(|last| last.elapsed() < PRESSED_FOR)
    }

    /// Lets the threads finish what is queued and end.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self, kind: Kind) -> Option<(Kind, Box<dyn Job>)> {
        let [ingress, consumer, background] = &mut self.waiting;
        let job = match kind {
            Kind::Ingress => ingress.pop_front(),
            Kind::Rest => consumer.pop_front().or_else(|| background.pop_front()),
        };
        job.map(|job| (kind, job))
    }
}
