use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The highest rate; more than that is a mistake.
const MAX_PER_SECOND: u64 = 1_000_000;

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    count: u64,
    per: Duration,
}

/// The words are no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a whole number of requests a second, minute or hour, such as 5000/s, at most 1000000/s")]
pub struct InvalidRate;

impl Rate {
    /// Requests a second.
    #[expect(clippy::cast_precision_loss, reason = "shown to people, and far below the limit of precision")]
    pub fn per_second(self) -> f64 {
        self.count as f64 / self.per.as_secs_f64()
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
        let count = count.parse::<u64>().map_err(|_| InvalidRate)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(InvalidRate),
        };
        if count == 0 || count > MAX_PER_SECOND * seconds {
            return Err(InvalidRate);
        }
        Ok(Self { count, per: Duration::from_secs(seconds) })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            60 => "m",
            3600 => "h",
            _ => "s",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

/// When requests are due, counted from the start of the run.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Open model: at fixed times, whatever the platform does.
    Open(Rate),
    /// Closed model: as soon as a connection is free.
    Closed,
}

/// The times of all requests of a run: warm-up first, then what is measured.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    pace: Pace,
    warm_up: Duration,
    length: Duration,
}

impl Schedule {
    /// `measured` comes after `warm_up`.
    pub fn new(pace: Pace, warm_up: Duration, measured: Duration) -> Self {
        Self { pace, warm_up, length: warm_up.saturating_add(measured) }
    }

    /// When request `number` (from 0) is due, where `elapsed` has gone by; `None` once the run is over.
    pub fn due(&self, number: u64, elapsed: Duration) -> Option<Duration> {
        let due = match self.pace {
            // From the number alone and not from the request before, so that nothing adds up to a drift.
            Pace::Open(rate) => {
                let nanos = u128::from(number).saturating_mul(rate.per.as_nanos()) / u128::from(rate.count);
                u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
            }
            Pace::Closed => elapsed,
        };
        (due < self.length).then_some(due)
    }

    /// Whether a request due at this time counts in the figures.
    pub fn is_measured(&self, due: Duration) -> bool {
        due >= self.warm_up
    }

    /// Whether requests wait for answers instead of their times.
    pub const fn is_closed(&self) -> bool {
        matches!(self.pace, Pace::Closed)
    }

    /// When measuring starts.
    pub const fn warm_up(&self) -> Duration {
        self.warm_up
    }

    /// How many requests the open model wants in the measured time; unknown in the closed one.
    pub fn planned(&self) -> Option<u64> {
        let Pace::Open(rate) = self.pace else { return None };
        let before = |time: Duration| (time.as_nanos().saturating_mul(u128::from(rate.count))).div_ceil(rate.per.as_nanos());
        u64::try_from(before(self.length).saturating_sub(before(self.warm_up))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZERO: Duration = Duration::ZERO;

    #[test]
    fn a_rate_is_read_and_written_in_the_same_words() {
        for text in ["5000/s", "1/m", "90/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("20".parse::<Rate>().unwrap().to_string(), "20/s");
        for text in ["", "0/s", "-1/s", "5/d", "1.5/s", "1000001/s", "fast"] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
    }

    #[test]
    fn in_the_closed_model_a_request_is_due_at_once_until_the_time_is_over() {
        let schedule = Schedule::new(Pace::Closed, Duration::from_secs(1), Duration::from_secs(2));
        let at = |millis| schedule.due(7, Duration::from_millis(millis));
        assert_eq!((at(0), at(2999)), (Some(ZERO), Some(Duration::from_millis(2999))));
        assert_eq!((at(3000), schedule.planned()), (None, None));
        assert!(!schedule.is_measured(Duration::from_millis(999)) && schedule.is_measured(Duration::from_secs(1)));
    }

    proptest! {
        #[test]
        fn as_many_requests_are_due_as_were_planned_and_none_drifts(
            per_second in 1_u64..3000, warm_up_ms in 0_u64..3000, millis in 1_u64..5000,
        ) {
            let rate: Rate = format!("{per_second}/s").parse().unwrap();
            let (warm_up, length) = (Duration::from_millis(warm_up_ms), Duration::from_millis(millis));
            let schedule = Schedule::new(Pace::Open(rate), warm_up, length);
            let all: Vec<Duration> = (0..).map_while(|number| schedule.due(number, ZERO)).collect();
            let measured = all.iter().filter(|due| schedule.is_measured(**due)).count();
            prop_assert_eq!(Some(u64::try_from(measured).unwrap()), schedule.planned());
            for (number, due) in (0_u64..).zip(&all) {
                let exact = u128::from(number) * 1_000_000_000 / u128::from(per_second);
                prop_assert_eq!(due.as_nanos(), exact, "request {}", number);
            }
            // However late somebody asks, the times stay where they are.
            prop_assert_eq!(schedule.due(1, Duration::from_hours(1)), schedule.due(1, ZERO));
        }
    }
}
