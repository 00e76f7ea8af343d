use std::io::{self, IsTerminal as _};

use payctl::config::{LogConfig, LogFormat};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::log_line::{TracedFields, TracedJson};

/// Starts logging to stderr: for eyes on a terminal, JSON otherwise, unless the configuration says which.
pub(crate) fn start(log: &LogConfig, no_color: bool) {
    // The filter was checked with the configuration; what still does not parse logs warnings.
    let filter = log.filter.parse::<Targets>().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::WARN));
    let terminal = io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(io::stderr);
    let layer = if is_for_eyes(log) {
        layer.fmt_fields(TracedFields).with_ansi(terminal && !no_color).boxed()
    } else {
        layer.json().event_format(TracedJson(fmt::format().json().flatten_event(true))).boxed()
    };
    // A second start in one process, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}

/// Whether a person reads what is logged, rather than a collector.
pub(crate) fn is_for_eyes(log: &LogConfig) -> bool {
    match log.format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    }
}
