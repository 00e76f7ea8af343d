use chrono::{Days as Span, NaiveDate};
use payctl::ops::metrics::MAX_DAYS;

use crate::commands::value;
use crate::error::Failure;

/// Which UTC dates; today where nothing is said.
#[derive(Debug, clap::Args)]
pub(crate) struct Days {
    /// A UTC date; today when absent
    #[arg(long, value_parser = value::date, conflicts_with_all = ["from", "to", "range"])]
    date: Option<NaiveDate>,
    /// The last so many days, today included: 7d
    #[arg(long, value_parser = value::days, value_name = "DAYS", conflicts_with_all = ["from", "to"])]
    range: Option<u64>,
    /// From this UTC date on
    #[arg(long, value_parser = value::date, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Up to this UTC date, included; today when absent
    #[arg(long, value_parser = value::date, value_name = "DATE", requires = "from")]
    to: Option<NaiveDate>,
}

impl Days {
    /// The first and the last of them; `help` is the command that explains what may be typed.
    pub(crate) fn between(&self, today: NaiveDate, help: &str) -> Result<(NaiveDate, NaiveDate), Failure> {
        let (start, end) = match (self.date, self.range, self.from) {
            (Some(date), ..) => (date, date),
            (None, Some(days), _) => (before(today, days.saturating_sub(1)), today),
            (None, None, Some(from)) => (from, self.to.unwrap_or(today)),
            (None, None, None) => (today, today),
        };
        if start > end {
            return Err(Failure::usage(format!("{start} is after {end}"), help));
        }
        if start < before(end, MAX_DAYS - 1) {
            return Err(Failure::usage(format!("from {start} to {end} is more than {MAX_DAYS} days"), help));
        }
        Ok((start, end))
    }
}

fn before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Span::new(days)).unwrap_or(NaiveDate::MIN)
}
