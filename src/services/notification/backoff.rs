use std::time::Duration;

/// Tries of a mail that the server puts off: the last comes about a day after the first.
const TRIES: i64 = 12;
/// Tries of a mail that the server refuses for good; more than one, since servers are misconfigured now and then.
const PERMANENT_TRIES: i64 = 3;
/// Delays after refusals of the second sort.
const PERMANENT_DELAY: Duration = Duration::from_mins(1);

/// How long to wait after the `refusals`-th refusal, or `None` when it was the last. `random` spreads the tries of many mails.
pub(super) fn delay_after(refusals: i64, permanent: bool, random: u64) -> Option<Duration> {
    let exponent = u32::try_from(refusals.saturating_sub(1)).unwrap_or(0);
    let delay = if permanent {
        (refusals < PERMANENT_TRIES).then(|| PERMANENT_DELAY.saturating_mul(10_u32.saturating_pow(exponent)))?
    } else {
        (refusals < TRIES).then(|| Duration::from_secs(3_u64.saturating_pow(exponent)))?
    };
    Some(jittered(delay, random))
}

/// Four fifths to six fifths of `delay`.
pub(super) fn jittered(delay: Duration, random: u64) -> Duration {
    let thousandths = 800 + u32::try_from(random % 401).unwrap_or(0);
    delay.saturating_mul(thousandths) / 1000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mail_is_tried_twelve_times_over_about_a_day_and_a_refused_one_three_times() {
        let total = |permanent| (1..100).map_while(|refusals| delay_after(refusals, permanent, 200)).collect::<Vec<_>>();
        assert_eq!((total(false).len(), total(false).iter().sum::<Duration>().as_secs() / 3600), (11, 24));
        assert_eq!(total(true), [Duration::from_mins(1), Duration::from_mins(10)]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(seconds in 1u64..100_000, random in any::<u64>()) {
            let delay = jittered(Duration::from_secs(seconds), random).as_millis();
            prop_assert!((u128::from(seconds) * 800..=u128::from(seconds) * 1200).contains(&delay));
        }
    }
}
