use serde::Serialize;

use crate::domain::PaymentStatus;

/// The body of `POST /api/v1/payments`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields of contract section 5")]
pub struct NewPayment {
    pub merchant_id: String,
    pub amount: i64,
    pub currency: String,
    pub channel: String,
    pub customer_email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_minutes: Option<u32>,
}

/// What a payer does on the checkout page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The button Pay.
    Pay,
    /// The button Decline, as a card that is refused.
    Decline,
    /// The button Cancel.
    Cancel,
}

/// What a merchant does with a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    /// It is on its way.
    Ship,
    /// It has arrived.
    Complete,
}

impl Choice {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }

    /// Where it leads when nothing comes in between.
    pub const fn leads_to(self) -> PaymentStatus {
        match self {
            Self::Pay => PaymentStatus::Success,
            Self::Decline => PaymentStatus::Failed,
            Self::Cancel => PaymentStatus::Cancelled,
        }
    }
}

impl OrderStep {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Complete => "complete",
        }
    }
}
