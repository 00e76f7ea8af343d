use crate::domain::MerchantId;
use crate::store::{StoreError, Tx};

/// What the gateway needs to know of a merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Merchant {
    pub(in super::super) status: String,
    pub(in super::super) fee_bps: i64,
}

/// The merchant, when the gateway knows it.
pub(in super::super) async fn find_merchant(tx: &mut Tx, merchant: MerchantId) -> Result<Option<Merchant>, StoreError> {
    let row = tx.query_one("SELECT status, fee_bps FROM gateway_merchants WHERE merchant_id = $1", &[merchant.into()]).await?;
    row.map(|row| Ok(Merchant { status: row.get(0)?, fee_bps: row.get(1)? })).transpose()
}

/// Adds a merchant; one that is there already stays as it is.
pub(in super::super) async fn save_merchant(
    tx: &mut Tx,
    id: MerchantId,
    name: &str,
    email: &str,
    merchant: &Merchant,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO gateway_merchants (merchant_id, name, email, status, fee_bps, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (merchant_id) DO NOTHING",
        &[id.into(), name.into(), email.into(), (&merchant.status).into(), merchant.fee_bps.into(), now.into()],
    )
    .await?;
    Ok(())
}
