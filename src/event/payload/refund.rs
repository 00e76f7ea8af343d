use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId, Timestamp};

use super::Extra;

/// `refund.*` and `dispute.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct RefundPayload {
    pub refund_no: String,
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub amount: i64,
    pub currency: Currency,
    pub channel: String,
    pub reason: String,
    pub status: String,
    pub fee_returned: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_at: Option<Timestamp>,
    #[serde(default)]
    pub extra: Extra,
}
