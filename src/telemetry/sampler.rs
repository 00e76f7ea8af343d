use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::SpanContext;
use super::context::low;

/// Traces of others whose decision is remembered.
const REMEMBERED: usize = 8192;

/// Which traces are recorded: as whoever began one has decided, else by its id, so that every process decides alike.
#[derive(Debug)]
pub struct Sampler {
    /// Of the 2^63 halves of trace ids, how many are recorded.
    threshold: u64,
    /// Rows keep a trace's id and not its place, so whoever works from a row asks here.
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    known: HashMap<u128, SpanContext>,
    /// Oldest first.
    order: VecDeque<u128>,
}

impl Sampler {
    /// Records this share of the traces that begin here, 0 to 100.
    pub fn new(percent: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 2^63, rounded down")]
        let threshold = (percent.clamp(0.0, 100.0) / 100.0 * 9_223_372_036_854_775_808.0) as u64;
        Self { threshold, entries: Mutex::default() }
    }

    /// Whether a trace is recorded.
    pub fn is_sampled(&self, trace: u128) -> bool {
        self.entry(trace).map_or_else(|| (low(trace) >> 1) < self.threshold, |entry| entry.sampled)
    }

    /// Remembers where a trace of somebody else's came in and what was decided about it; the first stands.
    pub fn remember(&self, context: SpanContext) {
        let mut entries = self.lock();
        if entries.known.contains_key(&context.trace) {
            return;
        }
        if entries.order.len() >= REMEMBERED
            && let Some(oldest) = entries.order.pop_front()
        {
            entries.known.remove(&oldest);
        }
        entries.known.insert(context.trace, context);
        entries.order.push_back(context.trace);
    }

    /// Where a trace came in, if that was not its beginning.
    pub fn entry(&self, trace: u128) -> Option<SpanContext> {
        self.lock().known.get(&trace).copied()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_traces_is_the_one_asked_for_and_each_is_decided_alike_everywhere() {
        for percent in [0.0, 12.5, 50.0, 100.0] {
            let (one, other) = (Sampler::new(percent), Sampler::new(percent));
            let traces = (1..=10_000u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            let sampled = traces.filter(|trace| {
                assert_eq!(one.is_sampled(*trace), other.is_sampled(*trace));
                one.is_sampled(*trace)
            });
            let share = f64::from(u32::try_from(sampled.count()).unwrap()) / 100.0;
            assert!((share - percent).abs() < 2.0, "{share} instead of {percent}");
        }
    }

    #[test]
    fn who_began_a_trace_decides_and_only_so_many_are_remembered() {
        let (never, always) = (Sampler::new(0.0), Sampler::new(100.0));
        for trace in 1..=u128::try_from(REMEMBERED).unwrap() + 1 {
            never.remember(SpanContext { trace, span: 1, sampled: true });
            always.remember(SpanContext { trace, span: 1, sampled: false });
        }
        assert!(never.is_sampled(2) && !always.is_sampled(2));
        assert!(!never.is_sampled(1) && always.is_sampled(1), "the oldest was forgotten");
    }
}
