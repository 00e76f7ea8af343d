use std::fmt;
use std::iter::Sum;

use serde::{Serialize, Serializer};

/// Records in a thousand seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(i64);

impl Rate {
    /// So many records in so many milliseconds; no time is taken for one millisecond.
    pub(super) fn of(records: i64, millis: i64) -> Self {
        Self(records.max(0).saturating_mul(1_000_000) / millis.max(1))
    }

    /// Whether anything moves at all.
    pub(super) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// How long so many records take at this rate less `arrivals`, in milliseconds; `None` where they do not become fewer.
    pub(super) fn drains(self, records: i64, arrivals: Self) -> Option<i64> {
        let shrinks = self.0.saturating_sub(arrivals.0);
        (shrinks > 0).then(|| records.saturating_mul(1_000_000) / shrinks)
    }
}

impl Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        Self(rates.fold(0, |sum, rate| sum.saturating_add(rate.0)))
    }
}

impl fmt::Display for Rate {
    /// A second's records: `0`, `0.3`, `41`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0"),
            1..10_000 => write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 100),
            _ => write!(f, "{}", self.0 / 1000),
        }
    }
}

impl Serialize for Rate {
    /// A second's records.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(u32::try_from(self.0).unwrap_or(u32::MAX)) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_drains_by_what_is_taken_less_what_comes() {
        let (out, arrivals) = (Rate::of(300, 10_000), Rate::of(100, 10_000));
        assert_eq!((out.drains(100, arrivals), arrivals.drains(100, out)), (Some(5000), None));
        assert_eq!(Rate::default().drains(3, Rate::default()), None);
    }

    #[test]
    fn small_rates_keep_a_decimal() {
        let shown: Vec<String> = [0, 3, 41, 410].iter().map(|records| Rate::of(*records, 10_000).to_string()).collect();
        assert_eq!(shown, ["0", "0.3", "4.1", "41"]);
        assert_eq!(serde_json::to_string(&Rate::of(3, 10_000)).unwrap(), "0.3");
    }
}
