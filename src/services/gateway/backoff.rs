use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::Timestamp;
use crate::store::StoreError;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);
/// Nothing rings when the wall clock jumps, so it is looked at now and then.
const LONGEST_SLEEP: Duration = Duration::from_mins(10);

/// How long to wait before the next try after `failures` in a row: doubling, up to half a minute.
pub(super) fn delay(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(1, 16)).unwrap_or(1) - 1;
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

/// Makes one pass after the other, for ever: when `bell` rings, when the pass before said so, and later and later while they
/// fail. `what` it does is for the log.
pub(super) async fn passes<P, R>(what: &'static str, bell: &Notify, pass: P)
where
    P: Fn() -> R,
    R: Future<Output = Result<Duration, StoreError>>,
{
    let mut failures = 0;
    loop {
        let wait = match pass().await {
            Ok(wait) => {
                failures = 0;
                wait
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(%error, "{what} failed; trying again");
                delay(failures)
            }
        };
        tokio::select! {
            () = bell.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// How long until what is due next, and a hair more, so that one look is enough.
pub(super) fn until(due: Option<Timestamp>, now: Timestamp) -> Duration {
    let wait = |due: Timestamp| (due - now).to_std().unwrap_or_default() + Duration::from_millis(1);
    due.map_or(LONGEST_SLEEP, |due| wait(due).min(LONGEST_SLEEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let millis: Vec<u128> = [0, 1, 2, 3, 8, 9, 1_000].into_iter().map(|failures| delay(failures).as_millis()).collect();
        assert_eq!(millis, [200, 200, 400, 800, 25_600, 30_000, 30_000]);
    }
}
