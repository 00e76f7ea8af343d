use std::time::Duration;

use tokio::time::Instant;

/// How long the brokers must have been away before events go another way.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an answer, or its absence, changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Began,
    Ended,
}

/// Whether the brokers are away.
#[derive(Debug, Default)]
pub(super) struct Outage {
    since: Option<Instant>,
    is_on: bool,
}

impl Outage {
    /// The brokers were asked at `asked_at`, and have answered, or not, at `now`.
    pub(super) fn seen(&mut self, has_answered: bool, asked_at: Instant, now: Instant) -> Option<Change> {
        if has_answered {
            self.since = None;
            return std::mem::take(&mut self.is_on).then_some(Change::Ended);
        }
        let since = *self.since.get_or_insert(asked_at);
        if self.is_on || now.duration_since(since) < PATIENCE {
            return None;
        }
        self.is_on = true;
        Some(Change::Began)
    }

    pub(super) const fn is_on(&self) -> bool {
        self.is_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_after_two_seconds_and_ends_with_the_first_answer() {
        let (start, mut outage) = (Instant::now(), Outage::default());
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert_eq!(outage.seen(false, at(0), at(500)), None);
        assert_eq!(outage.seen(false, at(1_000), at(1_900)), None);
        assert_eq!(outage.seen(false, at(1_900), at(2_000)), Some(Change::Began));
        assert_eq!(outage.seen(false, at(2_500), at(9_000)), None);
        assert!(outage.is_on());
        assert_eq!(outage.seen(true, at(9_000), at(9_001)), Some(Change::Ended));
        assert_eq!(outage.seen(true, at(9_500), at(9_501)), None);
    }

    #[test]
    fn a_moment_without_an_answer_is_no_outage() {
        let (start, mut outage) = (Instant::now(), Outage::default());
        let at = |ms: u64| start + Duration::from_millis(ms);
        for round in 0..10 {
            assert_eq!(outage.seen(false, at(round * 2_000), at(round * 2_000 + 1_500)), None);
            assert_eq!(outage.seen(true, at(round * 2_000 + 1_500), at(round * 2_000 + 1_501)), None);
        }
    }
}
