use crate::domain::Timestamp;
use crate::event::Topic;

use super::TailRecord;

/// Lines shown where neither a number nor a range was asked for.
const DEFAULT_SHOWN: usize = 10;
/// Lines kept at most, since they are merged in memory.
const MAX_SHOWN: usize = 10_000;

/// What of the log is wanted.
#[derive(Debug, Clone, Default)]
pub struct TailQuery {
    /// At least one.
    pub topics: Vec<Topic>,
    /// The last so many; 10 where there is no `since` either.
    pub last: Option<usize>,
    /// Records that the log took at this time or later.
    pub since: Option<Timestamp>,
    /// Records that the log took at this time or earlier.
    pub until: Option<Timestamp>,
    /// Only this partition of each topic.
    pub partition: Option<u16>,
    /// Only records with this key.
    pub key: Option<String>,
    /// Only records that speak of this payment.
    pub payment: Option<String>,
}

impl TailQuery {
    pub(super) fn matches(&self, line: &TailRecord) -> bool {
        let within = |time: Timestamp| self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until);
        // What cannot be read, or has no field for a payment, names it somewhere in its bytes: shown rather than dropped.
        let of_payment = |payment: &String| line.payment_no.as_ref().is_none_or(|no| no == payment);
        line.time.is_none_or(within) && self.key.as_ref().is_none_or(|key| line.key == *key) && self.payment.as_ref().is_none_or(of_payment)
    }

    /// How many lines are shown at most.
    pub(super) fn wanted(&self) -> usize {
        let open_ended = if self.since.is_some() { MAX_SHOWN } else { DEFAULT_SHOWN };
        self.last.unwrap_or(open_ended).min(MAX_SHOWN)
    }
}
