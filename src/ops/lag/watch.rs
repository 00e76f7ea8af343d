use std::collections::{BTreeMap, VecDeque};

use super::LagReport;

/// How many looks a trend shows.
const LOOKS: usize = 12;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What the looks of a watch have seen.
#[derive(Debug, Default)]
pub struct History {
    lags: BTreeMap<String, VecDeque<i64>>,
}

impl History {
    /// The look with the trend of each group up to it, which from now on is part of the history.
    #[must_use]
    pub fn extend(&mut self, mut report: LagReport) -> LagReport {
        report.is_watched = true;
        for group in &mut report.groups {
            group.trend = self.trend(group.group, group.lag);
        }
        for group in &mut report.foreign {
            group.trend = self.trend(&group.group, group.lag);
        }
        report
    }

    fn trend(&mut self, group: &str, lag: Option<i64>) -> Vec<i64> {
        let seen = self.lags.entry(group.to_owned()).or_default();
        seen.extend(lag);
        if seen.len() > LOOKS {
            seen.pop_front();
        }
        seen.iter().copied().collect()
    }
}

impl LagReport {
    /// The look in one line, for when there will be no other.
    pub fn summary(&self) -> String {
        let own = self.groups.iter().map(|group| (group.group, group.status_text(), group.lag));
        let foreign = self.foreign.iter().map(|group| (group.group.as_str(), group.status_text(), group.lag));
        let told = own.chain(foreign).map(|(group, status, lag)| {
            let lag = lag.map_or_else(|| "unknown".to_owned(), |lag| lag.to_string());
            format!("{group} {status} with lag {lag}")
        });
        format!("seen last at {}: {}", self.at.format("%H:%M:%SZ"), told.collect::<Vec<_>>().join(", "))
    }
}

/// The numbers as bars, the highest as high as there is; all of them low where nothing waits.
pub(super) fn bars(lags: &[i64]) -> String {
    let highest = lags.iter().copied().max().unwrap_or_default().max(1);
    let bar = |lag: &i64| {
        let step = usize::try_from(lag.max(&0).saturating_mul(7) / highest).unwrap_or_default();
        BARS.get(step).copied().unwrap_or('█')
    };
    lags.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_as_high_as_its_highest_look() {
        assert_eq!(bars(&[0, 10, 20, 40, 70]), "▁▂▃▅█");
        assert_eq!((bars(&[0, 0]).as_str(), bars(&[]).as_str()), ("▁▁", ""));
    }
}
