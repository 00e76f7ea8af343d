use std::fmt;

use crate::domain::Timestamp;

/// Stands behind the time in every trace id that is made here, so that one is told from a caller's.
const OURS: &str = "70c7";
const TIME_DIGITS: usize = 12;

tokio::task_local! {
    /// What the running task works for.
    static CURRENT: SpanContext;
}

/// A place in a trace, as W3C Trace Context names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// Never 0.
    pub trace: u128,
    /// Never 0.
    pub span: u64,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

impl SpanContext {
    /// Reads a `traceparent`; `None` where it is not well formed, and then counts as not sent.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version = hex(version, 2)?;
        // Only a later version may say more.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let (trace, span) = (hex(trace, 32)?, u64::try_from(hex(span, 16)?).ok()?);
        let flags = hex(flags, 2)?;
        (trace != 0 && span != 0).then_some(Self { trace, span, sampled: flags & 1 == 1 })
    }

    /// The trace id as 32 hex digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

/// The `traceparent` of this place.
impl fmt::Display for SpanContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// The half of a trace id that decides whether it is recorded, and that names the first span of a trace that begins here.
pub(super) fn low(trace: u128) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
    let low = trace as u64;
    low
}

/// A number in lower-case hex of exactly this many digits.
pub(super) fn hex(text: &str, digits: usize) -> Option<u128> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// A new trace id: its time in milliseconds, the sign that it is ours, and `random`. Whoever looks for it then knows where.
pub fn new_trace(now: Timestamp, random: u64) -> u128 {
    let millis = u128::from(u64::try_from(now.timestamp_millis()).unwrap_or(0) & 0xffff_ffff_ffff);
    (millis << 80) | (0x70c7 << 64) | u128::from(random)
}

/// When a trace began whose id was made here; `None` where a caller brought it along, or where it is no trace id.
pub fn began_at(trace_id: &str) -> Option<Timestamp> {
    hex(trace_id, 32)?;
    let (time, rest) = trace_id.split_at_checked(TIME_DIGITS)?;
    let millis = i64::from_str_radix(time, 16).ok().filter(|_| rest.starts_with(OURS))?;
    Timestamp::from_timestamp_millis(millis)
}

/// Does `work` at this place of a trace: log lines carry its trace id, and calls to others go on with it.
pub async fn within<F: Future>(context: SpanContext, work: F) -> F::Output {
    CURRENT.scope(context, work).await
}

/// The same for work that does not wait.
pub fn within_sync<T>(context: SpanContext, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(context, work)
}

/// The place of the running task in a trace.
pub fn current() -> Option<SpanContext> {
    CURRENT.try_with(|context| *context).ok()
}

/// The header that a call to another service carries on, where the task belongs to a trace.
pub fn outgoing() -> Option<String> {
    current().map(|context| context.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_traceparent_is_read_and_written_back() {
        for flags in ["00", "01"] {
            let header = format!("00-{TRACE}-00f067aa0ba902b7-{flags}");
            let context = SpanContext::parse(&header).unwrap();
            assert_eq!((context.trace_id().as_str(), context.span, context.sampled), (TRACE, 0x00f0_67aa_0ba9_02b7, flags == "01"));
            assert_eq!(context.to_string(), header);
        }
        assert!(SpanContext::parse(&format!("01-{TRACE}-00f067aa0ba902b7-03-later")).unwrap().sampled, "a later version may say more");
    }

    #[test]
    fn what_is_not_well_formed_counts_as_not_sent() {
        let zero = "00000000000000000000000000000000";
        let bad = [
            String::new(),
            format!("00-{TRACE}"),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{zero}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-0f067aa0ba902b7-01"),
            format!("00-{TRACE}-+0f067aa0ba902b7-01"),
        ];
        for text in bad {
            assert_eq!(SpanContext::parse(&text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_task_knows_the_trace_that_it_works_for() {
        let context = SpanContext { trace: 1, span: 2, sampled: true };
        assert_eq!(current(), None);
        assert_eq!(within(context, async { current() }).await, Some(context));
        assert_eq!(within_sync(context, outgoing).as_deref(), Some("00-00000000000000000000000000000001-0000000000000002-01"));
    }

    #[test]
    fn an_id_that_is_made_here_says_when_and_a_callers_does_not() {
        let now = crate::domain::parse_timestamp("2026-01-02T03:04:05.678Z").unwrap();
        let made = format!("{:032x}", new_trace(now, u64::MAX));
        assert_eq!((began_at(&made), made.len()), (Some(now), 32));
        for other in [TRACE, "", "ORD-1", "70c7"] {
            assert_eq!(began_at(other), None, "{other}");
        }
    }
}
