use serde::{Deserialize, Serialize};

use crate::domain::Currency;

use super::Extra;

/// `analytics.metrics.updated`: one row of metrics after a batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnalyticsPayload {
    /// `payment`, `channel` or `merchant`.
    pub metrics: String,
    /// The row's key: merchant or channel.
    pub key: String,
    /// The row's UTC date, `yyyy-mm-dd`.
    pub date: String,
    /// The row's currency.
    pub currency: Currency,
    /// The counters after the batch.
    pub values: Extra,
}
