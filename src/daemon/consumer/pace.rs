use std::time::Duration;

/// How often a member says that it lives, and looks for what operators changed.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);
const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_LAST: Duration = Duration::from_secs(10);

/// Doubles from [`BACKOFF_FIRST`] up to [`BACKOFF_LAST`].
pub(super) fn backoff(failures: u32) -> Duration {
    BACKOFF_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(BACKOFF_LAST)
}
