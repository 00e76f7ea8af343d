use std::str::FromStr;

use crate::ops::short_span;

use super::{By, LagReport, Status};

/// What an operator does not want a group to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The group or one of its partitions has this status.
    Status(Status),
    /// More records wait than this.
    Lag(i64),
    /// The oldest record waits for longer than this, in milliseconds.
    Age(i64),
}

/// Which rows are wanted; a row whose number nobody knows stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only where more records wait than this.
    pub lag: Option<i64>,
    /// Only where the oldest record waits for longer than this, in milliseconds.
    pub age_ms: Option<i64>,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(number) = text.strip_prefix("lag") {
            return above(number).map(Self::Lag);
        }
        if let Some(span) = text.strip_prefix("age") {
            return older(span).map(Self::Age);
        }
        Status::parse(text).map(Self::Status).ok_or_else(|| {
            let names = Status::ALL.map(|status| status.as_str().to_ascii_lowercase());
            format!("a condition is lag>N, age>SPAN such as age>60s, or a status: {}", names.join(", "))
        })
    }
}

/// What a condition asks of a group, whoever knows it.
struct Standing<'a> {
    group: &'a str,
    /// Of the group first, then of its partitions.
    verdicts: Vec<(Status, Option<&'a str>)>,
    lag: Option<i64>,
    oldest_ms: Option<i64>,
}

impl Condition {
    /// Why it holds for this group; `None` where it does not, or where nobody knows.
    fn holds(self, group: &Standing<'_>) -> Option<String> {
        match self {
            Self::Status(status) => {
                let (_, reason) = group.verdicts.iter().find(|(found, _)| *found == status)?;
                Some(format!("{}{}", status.as_str(), reason.map(|reason| format!(": {reason}")).unwrap_or_default()))
            }
            Self::Lag(limit) => group.lag.filter(|lag| *lag > limit).map(|lag| format!("lag {lag} > {limit}")),
            Self::Age(limit) => {
                let oldest = group.oldest_ms.filter(|oldest| *oldest > limit)?;
                Some(format!("the oldest record waits for {} > {}", short_span(oldest), short_span(limit)))
            }
        }
    }
}

impl Filter {
    fn keeps(self, lag: Option<i64>, oldest_ms: Option<i64>) -> bool {
        let is_above = self.lag.is_none_or(|limit| lag.is_none_or(|lag| lag > limit));
        is_above && self.age_ms.is_none_or(|limit| lag.is_none() || oldest_ms.is_some_and(|oldest| oldest > limit))
    }
}

impl LagReport {
    /// Which groups meet which of the conditions, and why; a line each.
    pub fn found(&self, conditions: &[Condition]) -> Vec<String> {
        let own = self.groups.iter().map(|group| Standing {
            group: group.group,
            verdicts: verdicts(
                (group.status, group.reason.as_deref()),
                group.partitions.iter().map(|at| (at.status, at.reason.as_deref())),
            ),
            lag: group.lag,
            oldest_ms: group.oldest_ms,
        });
        let foreign = self.foreign.iter().map(|group| Standing {
            group: &group.group,
            verdicts: verdicts(
                (group.status, group.reason.as_deref()),
                group.partitions.iter().map(|at| (at.status, at.reason.as_deref())),
            ),
            lag: group.lag,
            oldest_ms: group.oldest_ms,
        });
        let told = |group: Standing<'_>| {
            let holds = conditions.iter().filter_map(|condition| condition.holds(&group));
            holds.map(|why| format!("{}: {why}", group.group)).collect::<Vec<_>>()
        };
        own.chain(foreign).flat_map(told).collect()
    }

    /// The same with the wanted rows only.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        if filter == Filter::default() {
            return self;
        }
        if self.by == By::Partition {
            for group in &mut self.foreign {
                group.partitions.retain(|partition| filter.keeps(Some(partition.lag), partition.oldest_ms));
            }
            self.foreign.retain(|group| !group.partitions.is_empty());
            for group in &mut self.groups {
                group.partitions.retain(|partition| filter.keeps(partition.lag, partition.oldest_ms));
            }
            self.groups.retain(|group| !group.partitions.is_empty());
        } else {
            self.groups.retain(|group| filter.keeps(group.lag, group.oldest_ms));
            self.foreign.retain(|group| filter.keeps(group.lag, group.oldest_ms));
        }
        self
    }
}

fn verdicts<'a>(
    group: (Status, Option<&'a str>),
    partitions: impl Iterator<Item = (Status, Option<&'a str>)>,
) -> Vec<(Status, Option<&'a str>)> {
    std::iter::once(group).chain(partitions).collect()
}

/// A number as `>N`.
pub fn above(text: &str) -> Result<i64, String> {
    let number = text.strip_prefix('>').and_then(|digits| digits.trim().parse::<u32>().ok());
    number.map(i64::from).ok_or_else(|| "a limit of records is >N, such as >1000".to_owned())
}

/// A length of time as `>30s`, in milliseconds.
pub fn older(text: &str) -> Result<i64, String> {
    const EXPECTED: &str = "a limit of time is > and a whole number of ms, s, m, h or d, such as >30s";
    let span = text.strip_prefix('>').map(str::trim).ok_or(EXPECTED)?;
    let digits = span.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = span.split_at(digits);
    let one = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(EXPECTED.to_owned()),
    };
    number.parse::<u32>().map(|number| i64::from(number) * one).map_err(|_| EXPECTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_status_or_a_limit() {
        assert_eq!("stalled".parse(), Ok(Condition::Status(Status::Stalled)));
        assert_eq!("no-commit".parse(), Ok(Condition::Status(Status::NoCommit)));
        assert_eq!("lag>1000".parse(), Ok(Condition::Lag(1000)));
        assert_eq!("age>60s".parse(), Ok(Condition::Age(60_000)));
        for text in ["lag", "lag>", "lag>-1", "lag=3", "age>60", "age>1y", "age60s", "asleep", ""] {
            assert!(text.parse::<Condition>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_row_whose_lag_nobody_knows_is_not_hidden() {
        let filter = Filter { lag: Some(10), age_ms: Some(30_000) };
        assert!(filter.keeps(None, None) && filter.keeps(Some(11), Some(30_001)));
        assert!(!filter.keeps(Some(10), Some(30_001)) && !filter.keeps(Some(11), Some(30_000)) && !filter.keeps(Some(0), None));
    }
}
