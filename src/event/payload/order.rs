use serde::{Deserialize, Serialize};

use crate::domain::{Currency, Email, MerchantId, OrderStatus, Timestamp};

use super::Extra;

/// `order.*` (contract section 3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct OrderPayload {
    pub order_no: String,
    pub merchant_id: MerchantId,
    /// Empty where the order was made before any payment.
    pub payment_no: String,
    pub total_amount: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_amount: Option<i64>,
    pub currency: Currency,
    pub status: OrderStatus,
    pub customer_email: Email,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    #[serde(default)]
    pub extra: Extra,
}
