//! What the console reads of this service.

use serde::Serialize;

use crate::domain::Timestamp;
use crate::store::{StoreError, Tx};

/// One intent of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntentView {
    /// `pi_…`; none while the create has no answer.
    pub intent_id: Option<String>,
    /// `sandbox` or `stripe`.
    pub provider: String,
    /// Stripe's word for where it stands, or `unknown`.
    pub status: String,
    /// Why the payer was declined, in the sandbox.
    pub last_error: Option<String>,
    /// When it was made, or first asked for.
    pub created_at: Timestamp,
    /// When it last changed here.
    pub updated_at: Timestamp,
}

/// The intents of a payment.
pub async fn intents(tx: &mut Tx, payment_no: &str) -> Result<Vec<IntentView>, StoreError> {
    let sql = "SELECT CASE WHEN status = 'unknown' THEN NULL ELSE intent_id END, provider, status, last_error, created_at, updated_at \
               FROM channel_intents WHERE payment_no = $1 ORDER BY created_at";
    let rows = tx.query(sql, &[payment_no.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(IntentView {
                intent_id: row.get(0)?,
                provider: row.get(1)?,
                status: row.get(2)?,
                last_error: row.get(3)?,
                created_at: row.get(4)?,
                updated_at: row.get(5)?,
            })
        })
        .collect()
}
