use std::time::Duration;

use tokio::time::Instant;

use super::backoff::jittered;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Whether the mail server can be reached: while it cannot, mails wait together instead of each using up its tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It answers.
    Up,
    /// It does not; nothing is tried before `until`.
    Down { failures: u32, until: Instant },
    /// The pause is over: one mail tries it.
    Probing { failures: u32 },
}

impl Line {
    /// The server has answered, whatever it said; `true` when it had been away.
    pub(super) fn answered(&mut self) -> bool {
        std::mem::replace(self, Self::Up) != Self::Up
    }

    /// The server could not be reached; `true` when that is news. Tries that were under way together count once.
    pub(super) fn lost(&mut self, now: Instant, random: u64) -> bool {
        let failures = match *self {
            Self::Up => 0,
            Self::Probing { failures } => failures,
            Self::Down { .. } => return false,
        };
        let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE);
        *self = Self::Down { failures: failures.saturating_add(1), until: now + jittered(pause, random) };
        failures == 0
    }

    /// Ends a pause that is over; when the pause ends, if there is one.
    pub(super) fn refresh(&mut self, now: Instant) -> Option<Instant> {
        match *self {
            Self::Down { failures, until } if until <= now => {
                *self = Self::Probing { failures };
                None
            }
            Self::Down { until, .. } => Some(until),
            Self::Up | Self::Probing { .. } => None,
        }
    }

    /// How many mails may be under way.
    pub(super) const fn capacity(self, usual: usize) -> usize {
        match self {
            Self::Up => usual,
            Self::Down { .. } => 0,
            Self::Probing { .. } => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_one_mail_probes_after_each() {
        let (mut line, mut now, mut pauses) = (Line::Up, Instant::now(), Vec::new());
        for _ in 0..7 {
            line.lost(now, 200);
            assert!(!line.lost(now, 200), "a second failure of the same moment is no news");
            assert_eq!(line.capacity(8), 0);
            let until = line.refresh(now).unwrap();
            pauses.push((until - now).as_secs());
            now = until;
            assert_eq!((line.refresh(now), line.capacity(8)), (None, 1));
        }
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10, 10]);
        assert!(line.answered() && !line.answered());
        assert_eq!(line.capacity(8), 8);
    }
}
