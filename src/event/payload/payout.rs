use serde::{Deserialize, Serialize};

use crate::domain::Currency;

/// `channel.payout.*` (contract section 3): what a channel paid into our bank account, or failed to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct PayoutPayload {
    pub payout_no: String,
    pub channel: String,
    pub amount: i64,
    pub fee: i64,
    pub currency: Currency,
}
