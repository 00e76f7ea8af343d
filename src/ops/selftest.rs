//! Tries out what the platform stands on, without touching anything of its own.

use std::time::Duration;

use serde::Serialize;

use crate::config::Ambient;
use crate::log::{KafkaConfig, round_trips};
use crate::ops::{OpsError, Report, Table};

/// Records that are sent.
const RECORDS: u32 = 100;

/// The brokers, tried out.
#[derive(Debug, Clone, Serialize)]
pub struct KafkaSelftest {
    /// Which cluster it is.
    pub cluster_id: String,
    /// How many brokers it has.
    pub brokers: usize,
    /// Records that were sent, one after the other, and came back.
    pub records: u32,
    /// From sending to the acknowledgement.
    pub acknowledged: Spread,
    /// From sending to reading.
    pub returned: Spread,
}

/// Of many times, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// Half took no longer.
    pub p50_us: u64,
    /// One in a hundred took longer.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).saturating_sub(1);
            times.get(rank).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
        };
        Self { p50_us: at(50), p99_us: at(99), max_us: at(100) }
    }
}

/// Sends records to a scratch topic of its own and reads them back.
pub async fn kafka(config: &KafkaConfig, ambient: &Ambient) -> Result<KafkaSelftest, OpsError> {
    let found = round_trips(config, &ambient.uuid().simple().to_string(), RECORDS).await?;
    Ok(KafkaSelftest {
        cluster_id: found.cluster_id,
        brokers: found.brokers,
        records: RECORDS,
        acknowledged: Spread::of(found.acknowledged),
        returned: Spread::of(found.returned),
    })
}

impl Report for KafkaSelftest {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["STEP", ">P50", ">P99", ">MAX"]);
        table.title = format!("cluster {}, brokers {}, {} records there and back", self.cluster_id, self.brokers, self.records);
        for (step, spread) in [("acknowledged", self.acknowledged), ("returned", self.returned)] {
            let times = [spread.p50_us, spread.p99_us, spread.max_us].map(|us| format!("{}.{:03} ms", us / 1000, us % 1000));
            table.push([step.to_owned()].into_iter().chain(times));
        }
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let spread = Spread::of((1..=100).rev().map(Duration::from_micros).collect());
        assert_eq!((spread.p50_us, spread.p99_us, spread.max_us), (50, 99, 100));
        assert_eq!(Spread::of(Vec::new()).max_us, 0);
    }
}
