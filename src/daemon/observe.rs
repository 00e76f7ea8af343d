use std::sync::OnceLock;
use std::time::Duration;

use metrics::Unit as Named;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{CATALOGUE, Kind, Unit};

/// How often histograms take in what was recorded: until then each value is kept, also while nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's recorder; installed once, shared by every service in the process.
static RECORDER: OnceLock<Option<Recorder>> = OnceLock::new();

/// What `/metrics` is made from.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    handle: PrometheusHandle,
    process: Collector,
}

/// Installs the recorder where none is yet; `None` when another library holds the place.
pub(super) fn recorder() -> Option<Recorder> {
    RECORDER.get_or_init(install).clone()
}

fn install() -> Option<Recorder> {
    let mut builder = PrometheusBuilder::new();
    for metric in CATALOGUE {
        if let Kind::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds).ok()?;
        }
    }
    let handle = builder.install_recorder().ok()?;
    for metric in CATALOGUE {
        let unit = match metric.unit {
            Unit::Seconds => Named::Seconds,
            Unit::Bytes => Named::Bytes,
            Unit::Count | Unit::Minor | Unit::Truth => Named::Count,
        };
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, unit, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, unit, metric.help),
            Kind::Histogram(_) => metrics::describe_histogram!(metric.name, unit, metric.help),
        }
        // Where there is but one series it is there from the start: a rate needs a first value, and an alert its zero.
        if metric.labels.is_empty() {
            match metric.kind {
                Kind::Counter => metrics::counter!(metric.name).absolute(0),
                Kind::Gauge => metrics::gauge!(metric.name).set(0.0),
                Kind::Histogram(_) => {}
            }
        }
    }
    Some(Recorder { handle, process: Collector::default() })
}

impl Recorder {
    /// The text that Prometheus reads.
    pub(super) fn render(&self) -> String {
        self.process.collect();
        self.handle.render()
    }
}

/// Keeps the memory of the recorder bounded, until told to stop.
pub(super) async fn upkeep(stop: CancellationToken) {
    let Some(recorder) = recorder() else { return };
    while stop.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
        recorder.handle.run_upkeep();
    }
}
