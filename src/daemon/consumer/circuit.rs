use std::collections::VecDeque;

/// Events that the circuit looks back on.
const WINDOW: usize = 200;
/// Failures below which it stays closed: one bad customer is no bad deploy, and with what they hold back fewer than a hundred
/// rows are parked.
const FAILURES_MIN: usize = 20;
/// Failures in percent of the window above which it opens.
const FAILURES_PERCENT: usize = 20;

/// Keeps a group that fails at nearly everything, as after a bad deploy, from emptying its topics into the dead letters.
///
/// It counts what is about to be parked, before that commits. Open, nothing is parked any more: the group tries the same event
/// again and again, with backoff, and the first one that passes closes it.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    /// Whether each of the last events failed.
    recent: VecDeque<bool>,
    failures: usize,
    is_open: bool,
}

impl Circuit {
    /// An event has failed for good. Whether it may be parked.
    pub(super) fn may_park(&mut self) -> bool {
        if self.is_open {
            return false;
        }
        self.push(true);
        self.is_open = self.failures > FAILURES_MIN && self.failures * 100 > self.recent.len() * FAILURES_PERCENT;
        !self.is_open
    }

    /// So many events have passed.
    pub(super) fn passed(&mut self, count: usize) {
        if count > 0 && self.is_open {
            *self = Self::default();
        }
        for _ in 0..count.min(WINDOW) {
            self.push(false);
        }
    }

    /// What an operator should know while nothing moves.
    pub(super) fn reason(&self, code: &str, message: &str) -> String {
        format!(
            "circuit open: {} of the last {} events failed, this one with {code} ({message}); it is tried again until it passes; \
             put right what they have in common and restart the service",
            self.failures,
            self.recent.len()
        )
    }

    fn push(&mut self, failed: bool) {
        if self.recent.len() == WINDOW && self.recent.pop_front() == Some(true) {
            self.failures -= 1;
        }
        self.recent.push_back(failed);
        self.failures += usize::from(failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_failures_are_parked_and_a_flood_is_not() {
        let mut circuit = Circuit::default();
        let parked = (0..1_000).filter(|_| circuit.may_park()).count();
        assert_eq!(parked, FAILURES_MIN);
    }

    #[test]
    fn failures_spread_out_never_open_it() {
        let mut circuit = Circuit::default();
        for _ in 0..1_000 {
            assert!(circuit.may_park());
            circuit.passed(9);
        }
    }

    #[test]
    fn the_first_event_that_passes_closes_it() {
        let mut circuit = Circuit::default();
        while circuit.may_park() {}
        circuit.passed(0);
        assert!(!circuit.may_park());
        circuit.passed(1);
        assert!(circuit.may_park());
    }
}
