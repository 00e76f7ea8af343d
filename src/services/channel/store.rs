use crate::domain::{Currency, MerchantId, Money, Timestamp};
use crate::store::{Row, StoreError, Tx};

use super::provider::{Intent, IntentStatus};
use crate::config::Secret;

/// The columns of an [`IntentRow`], in its order.
pub(super) const COLUMNS: &str = "intent_id, payment_no, merchant_id, order_no, provider, amount, currency, status, last_error, \
     client_secret, request, resend_until, created_at, updated_at";

/// One row of `channel_intents`.
pub(super) struct IntentRow {
    pub(super) intent_id: String,
    pub(super) payment_no: String,
    pub(super) merchant_id: MerchantId,
    pub(super) order_no: String,
    pub(super) provider: String,
    pub(super) amount: Money,
    pub(super) status: IntentStatus,
    pub(super) last_error: Option<String>,
    pub(super) client_secret: Option<Secret>,
    pub(super) request: Option<String>,
    pub(super) resend_until: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl IntentRow {
    /// Reads a row of [`COLUMNS`].
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let status: String = row.get(7)?;
        Ok(Self {
            intent_id: row.get(0)?,
            payment_no: row.get(1)?,
            merchant_id: row.get(2)?,
            order_no: row.get(3)?,
            provider: row.get(4)?,
            amount: Money::new(row.get(5)?, row.get::<Currency>(6)?),
            status: IntentStatus::parse(&status).ok_or(StoreError::Column(7))?,
            last_error: row.get(8)?,
            client_secret: row.get::<Option<String>>(9)?.map(Secret::new),
            request: row.get(10)?,
            resend_until: row.get(11)?,
            created_at: row.get(12)?,
            updated_at: row.get(13)?,
        })
    }

    /// The intent, once the channel has answered.
    pub(super) fn intent(self) -> Option<Intent> {
        (self.status != IntentStatus::Unknown).then_some(Intent {
            intent_id: self.intent_id,
            status: self.status,
            is_declined: self.last_error.is_some(),
            client_secret: self.client_secret,
        })
    }
}

/// The payment's row, where there is one.
pub(super) async fn find(tx: &mut Tx, payment_no: &str) -> Result<Option<IntentRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM channel_intents WHERE payment_no = $1");
    tx.query_one(&sql, &[payment_no.into()]).await?.as_ref().map(IntentRow::read).transpose()
}

/// Whether the payment's page was closed.
pub(super) async fn is_closed(tx: &mut Tx, payment_no: &str) -> Result<bool, StoreError> {
    Ok(tx.query_one("SELECT 1 FROM channel_closed WHERE payment_no = $1", &[payment_no.into()]).await?.is_some())
}

/// Closes the payment's page: from now on no intent is made for it.
pub(super) async fn close(tx: &mut Tx, payment_no: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO channel_closed (payment_no, closed_at) VALUES ($1, $2) ON CONFLICT (payment_no) DO NOTHING",
        &[payment_no.into(), now.into()],
    )
    .await?;
    Ok(())
}
