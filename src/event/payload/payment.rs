use serde::{Deserialize, Serialize};

use crate::domain::{Currency, Email, MerchantId, PaymentStatus, Timestamp};

use super::Extra;

/// `payment.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct PaymentPayload {
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub amount: i64,
    pub currency: Currency,
    pub channel: String,
    pub status: PaymentStatus,
    pub customer_email: Email,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    pub fee_bps: i64,
    pub fee_amount: i64,
    #[serde(default)]
    pub extra: Extra,
}
