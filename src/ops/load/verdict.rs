use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::Rate;

/// What the figures have to reach.
#[derive(Debug, Clone, Copy, Default)]
pub struct Thresholds {
    /// Requests that were answered as they should be, in so much time.
    pub min_rate: Option<Rate>,
    /// From the scheduled time, over all operations.
    pub max_p99: Option<Duration>,
    /// Whatever was neither accepted nor declined.
    pub max_errors: Option<ErrorLimit>,
}

/// How many requests may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorLimit {
    /// So many.
    Count(u64),
    /// So many of a million.
    PerMillion(u64),
}

/// The words are no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a limit of errors is a number or a percentage of up to four decimal places, such as 10 or 0.1%")]
pub struct InvalidErrorLimit;

impl ErrorLimit {
    /// Whether so many errors among so many requests are within it.
    pub fn allows(self, errors: u64, requests: u64) -> bool {
        match self {
            Self::Count(limit) => errors <= limit,
            Self::PerMillion(limit) => u128::from(errors) * 1_000_000 <= u128::from(requests) * u128::from(limit),
        }
    }
}

impl FromStr for ErrorLimit {
    type Err = InvalidErrorLimit;

    fn from_str(text: &str) -> Result<Self, InvalidErrorLimit> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Self::Count).map_err(|_| InvalidErrorLimit);
        };
        let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
        if whole.is_empty() || part.is_empty() || part.len() > 4 || !digits(whole) || !digits(part) {
            return Err(InvalidErrorLimit);
        }
        let per_million = format!("{whole}{part:0<4}").parse::<u64>().map_err(|_| InvalidErrorLimit)?;
        if per_million > 1_000_000 { Err(InvalidErrorLimit) } else { Ok(Self::PerMillion(per_million)) }
    }
}

impl fmt::Display for ErrorLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(limit) => limit.fmt(f),
            Self::PerMillion(limit) => {
                let part = format!("{:04}", limit % 10_000);
                let part = part.trim_end_matches('0');
                let point = if part.is_empty() { "" } else { "." };
                write!(f, "{}{point}{part}%", limit / 10_000)
            }
        }
    }
}

/// One thing that had to hold.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// What it should be, as it was typed.
    pub wanted: String,
    /// What it is.
    pub found: String,
    /// Whether that is within what was wanted.
    pub holds: bool,
}

/// What the thresholds are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) rate: f64,
    pub(super) p99: Duration,
    pub(super) errors: u64,
    pub(super) requests: u64,
}

/// Compares the figures with what was asked of them.
pub(super) fn check(thresholds: &Thresholds, figures: Figures) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(min) = thresholds.min_rate {
        let holds = figures.rate >= min.per_second();
        checks.push(Check { name: "min-rate", wanted: min.to_string(), found: format!("{:.1}/s", figures.rate), holds });
    }
    if let Some(max) = thresholds.max_p99 {
        let holds = figures.p99 <= max;
        checks.push(Check { name: "max-p99", wanted: millis(max), found: millis(figures.p99), holds });
    }
    if let Some(max) = thresholds.max_errors {
        let holds = max.allows(figures.errors, figures.requests);
        checks.push(Check { name: "max-errors", wanted: max.to_string(), found: figures.errors.to_string(), holds });
    }
    checks
}

/// A short time as people read it: `0.4ms`, `12ms`, `1.2s`.
pub(super) fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..10_000 => format!("{}.{}ms", micros / 1000, micros % 1000 / 100),
        10_000..1_000_000 => format!("{}ms", micros / 1000),
        _ => format!("{}.{}s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_errors_is_read_and_written_in_the_same_words() {
        for text in ["0", "10", "0.1%", "100%", "0.0001%", "5%"] {
            assert_eq!(text.parse::<ErrorLimit>().unwrap().to_string(), text);
        }
        for text in ["", "%", "-1", "1.5", "101%", "0.00001%", ".5%", "1.%", "+1%"] {
            assert_eq!(text.parse::<ErrorLimit>(), Err(InvalidErrorLimit), "{text}");
        }
        let limit: ErrorLimit = "0.1%".parse().unwrap();
        assert!(limit.allows(1, 1000) && !limit.allows(2, 1000) && limit.allows(0, 0));
    }

    #[test]
    fn each_threshold_is_judged_by_itself() {
        let thresholds = Thresholds {
            min_rate: Some("100/s".parse().unwrap()),
            max_p99: Some(Duration::from_millis(50)),
            max_errors: Some(ErrorLimit::Count(0)),
        };
        let figures = Figures { rate: 99.9, p99: Duration::from_millis(50), errors: 1, requests: 10 };
        let holds: Vec<bool> = check(&thresholds, figures).iter().map(|check| check.holds).collect();
        assert_eq!(holds, [false, true, false]);
        assert!(check(&Thresholds::default(), figures).is_empty());
    }

    #[test]
    fn times_are_shown_as_exactly_as_they_matter() {
        let shown = |micros| millis(Duration::from_micros(micros));
        assert_eq!([shown(430), shown(9_990), shown(12_400), shown(1_250_000)], ["0.4ms", "9.9ms", "12ms", "1.2s"]);
    }
}
