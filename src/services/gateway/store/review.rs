use uuid::Uuid;

use crate::domain::{MerchantId, Timestamp};
use crate::store::{Set, StoreError, Tx, Type, Value};

/// Something that a person has to look at.
pub(in super::super) struct Review {
    pub(in super::super) id: Uuid,
    pub(in super::super) source_id: String,
    pub(in super::super) payment_no: Option<String>,
    pub(in super::super) merchant_id: Option<MerchantId>,
    pub(in super::super) kind: &'static str,
    pub(in super::super) detail: String,
}

const INSERT: Set = Set {
    sql: "INSERT INTO reviews (review_id, source_id, payment_no, merchant_id, kind, detail, created_at) \
          SELECT review_id, source_id, payment_no, merchant_id, kind, detail, created_at FROM {rows} WHERE true \
          ON CONFLICT (source_id, kind) DO NOTHING",
    columns: &[
        ("review_id", Type::Uuid),
        ("source_id", Type::Text),
        ("payment_no", Type::Text),
        ("merchant_id", Type::Uuid),
        ("kind", Type::Text),
        ("detail", Type::Text),
        ("created_at", Type::Time),
    ],
};

/// Puts up reviews; one of the same source and kind stands already.
pub(in super::super) async fn insert_reviews(tx: &mut Tx, reviews: &[Review]) -> Result<(), StoreError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = reviews
        .iter()
        .map(|review| {
            vec![
                review.id.into(),
                (&review.source_id).into(),
                review.payment_no.as_deref().into(),
                review.merchant_id.into(),
                review.kind.into(),
                (&review.detail).into(),
                now.into(),
            ]
        })
        .collect();
    tx.execute_set(&INSERT, &rows).await?;
    Ok(())
}

/// A review as an operator sees it.
pub(in super::super) struct StoredReview {
    pub(in super::super) kind: String,
    pub(in super::super) detail: String,
    pub(in super::super) created_at: Timestamp,
    pub(in super::super) resolved_at: Option<Timestamp>,
}

/// The reviews of a payment, oldest first.
pub(in super::super) async fn reviews_of(tx: &mut Tx, payment_no: &str) -> Result<Vec<StoredReview>, StoreError> {
    let rows = tx
        .query(
            "SELECT kind, detail, created_at, resolved_at FROM reviews WHERE payment_no = $1 ORDER BY created_at, review_id",
            &[payment_no.into()],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(StoredReview { kind: row.get(0)?, detail: row.get(1)?, created_at: row.get(2)?, resolved_at: row.get(3)? }))
        .collect()
}
