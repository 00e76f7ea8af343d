use crate::domain::{MerchantId, Timestamp};
use crate::store::{Set, SetRows, StoreError, Tx, Type, Value};

/// A merchant's key with the answer that is to be given whenever it comes again.
pub(in super::super) struct Claim<'a> {
    pub(in super::super) merchant_id: MerchantId,
    pub(in super::super) key: &'a str,
    pub(in super::super) fingerprint: &'a str,
    pub(in super::super) payment_no: Option<&'a str>,
    pub(in super::super) status: u16,
    pub(in super::super) body: &'a [u8],
}

/// The answer that an earlier request with the same key got.
pub(in super::super) struct StoredAnswer {
    pub(in super::super) merchant_id: MerchantId,
    pub(in super::super) key: String,
    pub(in super::super) fingerprint: String,
    pub(in super::super) status: u16,
    pub(in super::super) body: Vec<u8>,
    pub(in super::super) created_at: Timestamp,
}

macro_rules! claim {
    ($where:literal) => {
        concat!(
            "INSERT INTO idempotency (merchant_id, key, fingerprint, payment_no, status, body, created_at) \
             SELECT merchant_id, key, fingerprint, payment_no, status, body, created_at FROM {rows} AS r WHERE ",
            $where
        )
    };
}

const CLAIM_FREE: Set = Set {
    sql: claim!("NOT EXISTS (SELECT 1 FROM idempotency AS i WHERE i.merchant_id = r.merchant_id AND i.key = r.key)"),
    columns: CLAIM.columns,
};

const CLAIM: Set = Set {
    sql: claim!("true"),
    columns: &[
        ("merchant_id", Type::Uuid),
        ("key", Type::Text),
        ("fingerprint", Type::Text),
        ("payment_no", Type::Text),
        ("status", Type::Int),
        ("body", Type::Blob),
        ("created_at", Type::Time),
    ],
};

const OVERWRITE: Set = Set {
    sql: "UPDATE idempotency SET payment_no = r.payment_no, status = r.status, body = r.body FROM {rows} AS r \
          WHERE idempotency.merchant_id = r.merchant AND idempotency.key = r.wanted",
    columns: &[("merchant", Type::Uuid), ("wanted", Type::Text), ("payment_no", Type::Text), ("status", Type::Int), ("body", Type::Blob)],
};

const FIND: Set = Set {
    sql: "SELECT i.merchant_id, i.key, i.fingerprint, i.status, i.body, i.created_at FROM {rows} AS r \
          JOIN idempotency AS i ON i.merchant_id = r.merchant AND i.key = r.wanted",
    columns: &[("merchant", Type::Uuid), ("wanted", Type::Text)],
};

const RELEASE: Set = Set {
    sql: "DELETE FROM idempotency WHERE (merchant_id, key) IN (SELECT merchant, wanted FROM {rows})",
    columns: &[("merchant", Type::Uuid), ("wanted", Type::Text)],
};

/// Takes the keys that are free, each with its answer; how many were.
pub(in super::super) async fn claim(tx: &mut Tx, claims: &[Claim<'_>]) -> Result<u64, StoreError> {
    let rows = claimed(claims, tx.now());
    tx.execute_set(&CLAIM_FREE, &rows).await
}

/// Keys as they are taken with their answers; should one not be free, that fails.
pub(in super::super) fn new_claims<'a>(claims: &[Claim<'a>], now: Timestamp) -> SetRows<'a> {
    (&CLAIM, claimed(claims, now))
}

fn claimed<'a>(claims: &[Claim<'a>], now: Timestamp) -> Vec<Vec<Value<'a>>> {
    claims
        .iter()
        .map(|claim| {
            vec![
                claim.merchant_id.into(),
                claim.key.into(),
                claim.fingerprint.into(),
                claim.payment_no.into(),
                claim.status.into(),
                claim.body.into(),
                now.into(),
            ]
        })
        .collect()
}

/// Replaces the answers of keys that were claimed in this transaction.
pub(in super::super) async fn overwrite(tx: &mut Tx, claims: &[Claim<'_>]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> = claims
        .iter()
        .map(|claim| vec![claim.merchant_id.into(), claim.key.into(), claim.payment_no.into(), claim.status.into(), claim.body.into()])
        .collect();
    tx.execute_set(&OVERWRITE, &rows).await?;
    Ok(())
}

/// The answers kept for these keys.
pub(in super::super) async fn find_answers(tx: &mut Tx, keys: &[(MerchantId, &str)]) -> Result<Vec<StoredAnswer>, StoreError> {
    tx.query_set(&FIND, &pairs(keys))
        .await?
        .iter()
        .map(|row| {
            Ok(StoredAnswer {
                merchant_id: row.get(0)?,
                key: row.get(1)?,
                fingerprint: row.get(2)?,
                status: u16::try_from(row.get::<i64>(3)?).map_err(|_| StoreError::Column(3))?,
                body: row.get(4)?,
                created_at: row.get(5)?,
            })
        })
        .collect()
}

/// Frees keys: claimed in this transaction and not needed after all, or too old to count.
pub(in super::super) async fn release(tx: &mut Tx, keys: &[(MerchantId, &str)]) -> Result<(), StoreError> {
    tx.execute_set(&RELEASE, &pairs(keys)).await?;
    Ok(())
}

/// Deletes up to `limit` answers from before `cutoff`; how many there were.
pub(in super::super) async fn purge_answers(tx: &mut Tx, cutoff: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM idempotency WHERE seq IN (SELECT seq FROM idempotency ORDER BY seq LIMIT $1) AND created_at < $2",
        &[limit.into(), cutoff.into()],
    )
    .await
}

fn pairs<'a>(keys: &[(MerchantId, &'a str)]) -> Vec<Vec<Value<'a>>> {
    keys.iter().map(|(merchant, key)| vec![(*merchant).into(), (*key).into()]).collect()
}
