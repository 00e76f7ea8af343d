use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId, Timestamp};

/// The side of an accounting entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryType {
    /// The right side.
    Credit,
    /// The left side.
    Debit,
}

/// One leg of a booking, as `extra.entries[]` of `accounting.transaction.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The leg's name.
    pub kind: String,
    /// The account debited.
    pub debit: String,
    /// The account credited.
    pub credit: String,
    /// Minor units.
    pub amount: i64,
}

/// The `extra` of an accounting payload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AccountingExtra {
    /// Every leg of the booking; empty on balance updates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<LedgerEntry>,
}

/// `accounting.*` (contract section 3): the net entry on the merchant's account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct AccountingPayload {
    pub transaction_id: String,
    pub account_id: String,
    pub merchant_id: MerchantId,
    #[serde(rename = "type")]
    pub entry_type: EntryType,
    pub amount: i64,
    pub balance: i64,
    pub currency: Currency,
    pub description: String,
    pub related_id: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub extra: AccountingExtra,
}
