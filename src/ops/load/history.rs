use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::judge::{Judged, Outcome};
use super::pool::Pool;
use super::spread::Spread;
use super::{LoadError, Op};

/// Different kinds of errors that are told apart.
const MAX_KINDS: usize = 50;

/// Everything that a run counts, shared by its workers and its journal.
pub(super) struct History(Mutex<Counts>);

/// The figures of the measured time; what came before is only in `warm_up` and in the pool.
pub(super) struct Counts {
    /// Acknowledged payments that later requests can be about.
    pub(super) pool: Pool,
    /// Requests of the warm-up that were answered.
    pub(super) warm_up: u64,
    /// Requests sent.
    pub(super) started: u64,
    /// Requests that were too late to be sent at all.
    pub(super) dropped: u64,
    /// Requests that ended, however.
    pub(super) completed: u64,
    /// When the last of them ended, from the start of the run.
    pub(super) last: Duration,
    /// By what became of them.
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    /// By operation.
    pub(super) ops: BTreeMap<Op, OpCounts>,
    /// What went wrong, each with how often.
    pub(super) errors: BTreeMap<String, u64>,
    /// Repetitions sent, and those of them that were answered as the first time.
    pub(super) repeated: u64,
    pub(super) replayed: u64,
    /// From being sent to the answer.
    pub(super) service: Spread,
    /// How late a free worker woke: the client's own fault.
    pub(super) oversleep: Spread,
    /// How late a request was sent because every connection was busy.
    pub(super) backlog: Spread,
}

/// The figures of one operation.
pub(super) struct OpCounts {
    /// Answered as they should be, and where they change something on disk in the journal.
    pub(super) accepted: u64,
    /// From the scheduled time to the answer.
    pub(super) latency: Spread,
}

/// When the steps of one request were, from the start of the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) due: Duration,
    pub(super) sent: Duration,
    pub(super) answered: Duration,
    /// Whether it counts in the figures.
    pub(super) measured: bool,
}

/// Why a request was sent later than it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lateness {
    /// A worker waited for its time and woke late.
    Overslept(Duration),
    /// No worker was free at its time.
    Queued(Duration),
}

impl History {
    pub(super) fn new() -> Result<Self, LoadError> {
        let ops = Op::ALL.into_iter().map(|op| Ok((op, OpCounts { accepted: 0, latency: Spread::new()? })));
        Ok(Self(Mutex::new(Counts {
            pool: Pool::default(),
            warm_up: 0,
            started: 0,
            dropped: 0,
            completed: 0,
            last: Duration::ZERO,
            outcomes: BTreeMap::new(),
            ops: ops.collect::<Result<_, LoadError>>()?,
            errors: BTreeMap::new(),
            repeated: 0,
            replayed: 0,
            service: Spread::new()?,
            oversleep: Spread::new()?,
            backlog: Spread::new()?,
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request is sent now.
    pub(super) fn started(&self, lateness: Lateness) {
        let mut counts = self.lock();
        counts.started += 1;
        match lateness {
            Lateness::Overslept(late) => counts.oversleep.record(late),
            Lateness::Queued(late) => counts.backlog.record(late),
        }
    }

    /// A request ended. One that changes something counts as accepted only once [`History::acknowledged`] hears of it.
    pub(super) fn ended(&self, op: Op, judged: &Judged, times: Times) {
        let mut counts = self.lock();
        if !times.measured {
            counts.warm_up += 1;
            return;
        }
        counts.completed += 1;
        counts.last = counts.last.max(times.answered);
        if judged.outcome != Outcome::Accepted {
            *counts.outcomes.entry(judged.outcome).or_default() += 1;
        }
        if judged.outcome.is_error() {
            let status = if judged.status == 0 { String::new() } else { format!("{} ", judged.status) };
            let mut kind = format!("{} {status}{}", op.as_str(), judged.what);
            if counts.errors.len() >= MAX_KINDS && !counts.errors.contains_key(&kind) {
                "others".clone_into(&mut kind);
            }
            *counts.errors.entry(kind).or_default() += 1;
            return;
        }
        // Errors have no place here: a refusal is answered soon, and would make the rest look fast.
        counts.service.record(times.answered.saturating_sub(times.sent));
        if let Some(of_op) = counts.ops.get_mut(&op) {
            of_op.latency.record(times.answered.saturating_sub(times.due));
        }
    }

    /// What a request did is on record.
    pub(super) fn acknowledged(&self, op: Op, measured: bool) {
        if measured {
            let mut counts = self.lock();
            *counts.outcomes.entry(Outcome::Accepted).or_default() += 1;
            if let Some(of_op) = counts.ops.get_mut(&op) {
                of_op.accepted += 1;
            }
        }
    }
}

impl Counts {
    pub(super) fn outcome(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// Requests that `--max-errors` counts.
    pub(super) fn error_count(&self) -> u64 {
        self.outcomes.iter().filter(|(outcome, _)| outcome.is_error()).map(|(_, count)| count).sum()
    }

    /// All operations together.
    pub(super) fn latency(&self) -> Result<Spread, LoadError> {
        let mut all = Spread::new()?;
        for of_op in self.ops.values() {
            all.add(&of_op.latency)?;
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(due: u64, sent: u64, answered: u64, measured: bool) -> Times {
        let at = Duration::from_millis;
        Times { due: at(due), sent: at(sent), answered: at(answered), measured }
    }

    #[test]
    fn latency_counts_from_the_scheduled_time_and_service_from_the_sending() {
        let history = History::new().unwrap();
        history.ended(Op::Query, &Judged::accepted(200), times(0, 90, 100, true));
        history.ended(Op::Query, &Judged::accepted(200), times(0, 0, 5000, false));
        let counts = history.lock();
        let near = |micros: u64, wanted: u64| micros.abs_diff(wanted) <= wanted / 1000;
        assert!(near(counts.latency().unwrap().p99_us(), 100_000), "the warm-up is apart");
        assert!(near(counts.service.p99_us(), 10_000));
        assert_eq!((counts.completed, counts.warm_up), (1, 1));
    }

    #[test]
    fn a_request_is_accepted_only_once_it_is_on_record() {
        let history = History::new().unwrap();
        history.ended(Op::Create, &Judged::accepted(201), times(0, 0, 1, true));
        assert_eq!(history.lock().outcome(Outcome::Accepted), 0);
        history.acknowledged(Op::Create, true);
        history.acknowledged(Op::Create, false);
        assert_eq!(history.lock().outcome(Outcome::Accepted), 1);
    }

    #[test]
    fn errors_are_counted_by_kind_and_not_timed() {
        let history = History::new().unwrap();
        for number in 0..100 {
            let judged = Judged { outcome: Outcome::Failed, status: 500, what: format!("INTERNAL{number}") };
            history.ended(Op::Create, &judged, times(0, 0, 1, true));
        }
        let declined = Judged { outcome: Outcome::Declined, status: 403, what: "RISK_REJECTED".to_owned() };
        history.ended(Op::Create, &declined, times(0, 0, 1, true));
        let counts = history.lock();
        assert_eq!((counts.error_count(), counts.errors.len(), counts.latency().unwrap().count()), (100, MAX_KINDS + 1, 1));
        assert_eq!(counts.errors["others"], 50);
    }
}
