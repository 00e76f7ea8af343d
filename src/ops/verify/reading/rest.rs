use crate::store::{StoreError, Tx};

use super::counters::Counters;

/// What is asked about few rows, or by a join that is small enough.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) counters: Counters,
    /// Dead letters whose bytes are not those of their event.
    pub(super) altered: i64,
    /// Keys that were answered with 201 and name no payment.
    pub(super) orphans: i64,
}

const REST: &str = "SELECT (SELECT count(*) FROM dlq d JOIN events e ON e.event_id = d.event_id WHERE d.value <> e.value), \
     (SELECT count(*) FROM idempotency i LEFT JOIN payments p ON p.payment_no = i.payment_no WHERE i.status = 201 AND p.payment_no IS NULL)";

impl Rest {
    pub(super) async fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let row = tx.query_one(REST, &[]).await?.ok_or(StoreError::Column(0))?;
        Ok(Self { counters: Counters::read(tx).await?, altered: row.get(0)?, orphans: row.get(1)? })
    }
}
