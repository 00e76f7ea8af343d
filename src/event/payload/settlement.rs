use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId, Timestamp};

use super::Extra;

/// How often a merchant is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SettlementCycle {
    /// Each UTC day.
    Daily,
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
}

/// `settlement.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct SettlementPayload {
    pub settlement_no: String,
    pub merchant_id: MerchantId,
    pub cycle: SettlementCycle,
    pub total_amount: i64,
    /// Less what refunds returned of it.
    pub fee_amount: i64,
    pub refund_amount: i64,
    pub dispute_amount: i64,
    pub carried_in: i64,
    pub settlement_amount: i64,
    pub carried_out: i64,
    pub total_count: i64,
    pub currency: Currency,
    pub status: String,
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    #[serde(default)]
    pub extra: Extra,
}
