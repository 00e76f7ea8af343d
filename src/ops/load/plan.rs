use std::path::PathBuf;
use std::time::Duration;

use crate::config::Secret;
use crate::domain::MerchantId;

use super::verdict::Thresholds;
use super::{Mix, Pace};

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// When requests are due.
    pub pace: Pace,
    /// How many requests may be in flight at once, each on a connection of its own.
    pub connections: usize,
    /// Comes first and is not in the figures.
    pub warm_up: Duration,
    /// How long is measured.
    pub duration: Duration,
    /// What the requests do.
    pub mix: Mix,
    /// Of a hundred creates and webhooks, how many repeat an earlier one.
    pub duplicates: u8,
    /// From this follow operations, amounts and targets.
    pub seed: u64,
    /// Whose payments they are.
    pub merchant_id: MerchantId,
    /// What signs the webhooks.
    pub webhook_secret: Secret,
    /// How long the groups may take to read everything afterwards.
    pub patience: Duration,
    /// Where the history goes; no file may be there yet.
    pub journal: PathBuf,
    /// Sets the run's orders apart: letters and digits.
    pub run: String,
    /// What has to hold beside the proof.
    pub thresholds: Thresholds,
}
