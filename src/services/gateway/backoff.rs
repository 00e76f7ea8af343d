use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait before the next try after `failures` in a row: doubling, up to half a minute.
pub(super) fn delay(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(1, 16)).unwrap_or(1) - 1;
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
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
