use crate::domain::Timestamp;
use crate::event::Topic;

use super::{Condition, TailRecord};

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
    /// Only records from this offset of each partition on.
    pub from_offset: Option<i64>,
    /// Only records that have these headers, name and text.
    pub headers: Vec<(String, String)>,
    /// Only records that pass; those whose value cannot be read are shown, since nobody knows.
    pub condition: Option<Condition>,
    /// Take each record's own bytes along, unmasked.
    pub with_raw: bool,
    /// Where records are wanted as lines of JSON, with what each begins with: an object without its end. Pages then hold the lines
    /// instead of records, and most records are never decoded.
    pub lines: Option<String>,
}

impl TailQuery {
    pub(super) fn matches(&self, line: &TailRecord) -> bool {
        self.key.as_ref().is_none_or(|key| line.key == *key)
            && self.is_within(line.time, line.payment_no.as_deref())
            && self.condition.as_ref().is_none_or(|condition| passes(condition, line))
    }

    /// Whether the time and the payment of a record are among those that are wanted.
    pub(super) fn is_within(&self, time: Option<Timestamp>, payment_no: Option<&str>) -> bool {
        let within = |time: Timestamp| self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until);
        // What cannot be read, or has no field for a payment, names it somewhere in its bytes: shown rather than dropped.
        let of_payment = |payment: &String| payment_no.is_none_or(|no| no == payment);
        time.is_none_or(within) && self.payment.as_ref().is_none_or(of_payment)
    }

    /// What a line begins with where nobody has to look into the record.
    pub(super) fn plain_lines(&self) -> Option<&str> {
        self.lines.as_deref().filter(|_| self.condition.is_none() && !self.with_raw)
    }

    /// Whether all of a range is wanted, however much that is: then it is read forwards and shown as it is read.
    pub(super) const fn is_range(&self) -> bool {
        self.last.is_none() && (self.since.is_some() || self.from_offset.is_some())
    }

    /// How many lines are shown at most.
    pub(super) fn wanted(&self) -> usize {
        self.last.unwrap_or(DEFAULT_SHOWN).min(MAX_SHOWN)
    }
}

fn passes(condition: &Condition, line: &TailRecord) -> bool {
    serde_json::to_value(line).ok().and_then(|line| condition.holds(&line)).unwrap_or(true)
}
