use serde::{Deserialize, Serialize};

use crate::domain::{Email, MerchantId, Timestamp};

use super::SettlementCycle;

/// A place that a merchant may withdraw to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Names the account without its number.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When a second operator verified it; nothing is paid out before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
}

/// `merchant.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct MerchantPayload {
    pub merchant_id: MerchantId,
    pub name: String,
    pub email: Email,
    pub status: String,
    pub fee_bps: i64,
    pub refund_returns_fee: bool,
    pub settlement_cycle: SettlementCycle,
    #[serde(default)]
    pub bank_accounts: Vec<BankAccount>,
}
