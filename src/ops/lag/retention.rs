use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::Topic;
use crate::log::EventLog;

use super::{LagReport, Source};

/// How long the brokers may take to say how long they keep records, which is good to know and nothing hangs on it.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the brokers keep records; asked for once, and only when something waits.
#[derive(Debug, Default)]
pub(super) struct Retention(Option<BTreeMap<Topic, i64>>);

impl Retention {
    /// Adds to each partition in which something waits how long that is kept.
    pub(super) async fn tell(&mut self, log: &EventLog, report: &mut LagReport) {
        let waits = report.groups.iter().flat_map(|group| &group.partitions).any(|partition| partition.oldest_ms.is_some());
        let Some(brokers) = log.brokers().filter(|_| waits && report.log_fault.is_none()) else { return };
        let mut fault = None;
        if self.0.is_none() {
            match tokio::time::timeout(PATIENCE, log.retention(Topic::ALL)).await {
                Ok(Ok(kept)) => self.0 = Some(kept),
                Ok(Err(error)) => fault = Some(error.to_string()),
                Err(_) => fault = Some("the brokers did not answer in time".to_owned()),
            }
        }
        report.sources.push(Source { facts: "retention", from: format!("the brokers {brokers}"), fault });
        let Some(kept) = &self.0 else { return };
        for group in &mut report.groups {
            for partition in &mut group.partitions {
                let kept = Topic::parse(partition.topic).and_then(|topic| kept.get(&topic));
                // The brokers count from when they got it, which was later: it is kept so long at least.
                partition.retention_left_ms = kept.zip(partition.oldest_ms).map(|(kept, waits)| kept.saturating_sub(waits).max(0));
            }
            group.retention_left_ms = group.partitions.iter().filter_map(|partition| partition.retention_left_ms).min();
        }
    }
}
