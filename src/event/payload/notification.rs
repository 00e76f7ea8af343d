use serde::{Deserialize, Serialize};

use crate::domain::{Email, MerchantId};

use super::Extra;

/// `notification.requested`: one job for one recipient.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotificationPayload {
    /// The business event that caused it.
    pub source_event_id: uuid::Uuid,
    /// Its type.
    pub source_event_type: String,
    /// `email`, `sms` or `webhook`.
    pub channel: String,
    /// The template's name.
    pub template: String,
    /// Whose customer or user it goes to.
    pub merchant_id: MerchantId,
    /// Where it goes; empty when the event had no address.
    pub recipient: Email,
    /// The payment, order or refund that it speaks of.
    pub subject_id: String,
    /// The payment behind it, for tracing; empty when there is none.
    pub payment_no: String,
    /// The template's variables.
    pub variables: Extra,
}
