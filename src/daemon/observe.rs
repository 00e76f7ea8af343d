use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of duration histograms, in seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The process's recorder; installed once, shared by every service in the process.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder where none is yet; `None` when another library holds the place.
pub(super) fn recorder() -> Option<PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let suffix = Matcher::Suffix("_seconds".to_owned());
            PrometheusBuilder::new().set_buckets_for_metric(suffix, SECONDS).ok()?.install_recorder().ok()
        })
        .clone()
}
