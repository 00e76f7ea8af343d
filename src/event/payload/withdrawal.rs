use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId};

use super::Extra;

/// How fast, and so how dear, a withdrawal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithdrawalType {
    /// The usual way.
    Normal,
    /// At once.
    Urgent,
    /// With the next run.
    Scheduled,
}

/// `withdrawal.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct WithdrawalPayload {
    pub withdrawal_no: String,
    pub merchant_id: MerchantId,
    pub amount: i64,
    pub fee: i64,
    /// What arrives at the bank: the amount less the fee.
    pub actual_amount: i64,
    pub currency: Currency,
    #[serde(rename = "type")]
    pub withdrawal_type: WithdrawalType,
    pub status: String,
    pub bank_account_ref: String,
    #[serde(default)]
    pub approved_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default)]
    pub extra: Extra,
}
