use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::LoadError;

/// The longest time that the figures tell apart: longer than any request may take.
const MAX_MICROS: u64 = 60_000_000;
/// Three digits: a latency is right to a thousandth.
const DIGITS: u8 = 3;

/// How some times are spread, in memory that does not grow with their number.
#[derive(Debug, Clone)]
pub(super) struct Spread(Histogram<u64>);

/// The spread of some times as reports show it.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    /// Of what.
    pub of: &'static str,
    /// How many.
    pub count: u64,
    /// Half are at most this.
    pub p50_us: u64,
    /// Nine in ten.
    pub p90_us: u64,
    /// Nineteen in twenty.
    pub p95_us: u64,
    /// Ninety-nine in a hundred.
    pub p99_us: u64,
    /// All but one in a thousand.
    pub p999_us: u64,
    /// All.
    pub max_us: u64,
}

impl Spread {
    pub(super) fn new() -> Result<Self, LoadError> {
        Histogram::new_with_bounds(1, MAX_MICROS, DIGITS).map(Self).map_err(|error| LoadError::Broken(error.to_string()))
    }

    pub(super) fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), LoadError> {
        self.0.add(&other.0).map_err(|error| LoadError::Broken(error.to_string()))
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len()
    }

    pub(super) fn p99_us(&self) -> u64 {
        self.0.value_at_quantile(0.99)
    }

    /// As reports show it; nothing where there were no times.
    pub(super) fn shown(&self, of: &'static str) -> Option<Latency> {
        let at = |quantile| self.0.value_at_quantile(quantile);
        (!self.0.is_empty()).then(|| Latency {
            of,
            count: self.0.len(),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: self.0.max(),
        })
    }
}
