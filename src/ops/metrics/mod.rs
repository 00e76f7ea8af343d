//! What analytics has counted, as its own queries answer it, and how far that is behind what was taken.

mod gather;
mod report;
mod trend;

pub use gather::{MAX_DAYS, Metrics, MetricsQuery, metrics};
pub(super) use gather::{analytics, uncounted};
