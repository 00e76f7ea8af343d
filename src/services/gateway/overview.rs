use serde::Serialize;

use crate::domain::{Email, MerchantId, Timestamp};
use crate::store::{Row, StoreError, Tx, Value};

const COLUMNS: &str = "merchant_id, name, email, status, fee_bps, created_at";

/// A merchant as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantView {
    /// Whose payments are meant.
    pub merchant_id: MerchantId,
    /// As it calls itself.
    pub name: String,
    /// Where it is written to.
    pub email: Email,
    /// pending, active or frozen.
    pub status: String,
    /// What is kept of a payment, in basis points.
    pub fee_bps: i64,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// A merchant's payments that have not ended yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OpenPayments {
    /// How many are pending or processing.
    pub count: i64,
    /// When the first of them was made; `None` where there are none.
    pub oldest_at: Option<Timestamp>,
    /// Its number; of several from the same second, the first by number.
    pub oldest_payment_no: Option<String>,
}

/// A page of the merchants, by name, and how many there are in all.
pub async fn list_merchants(tx: &mut Tx, limit: i64, offset: i64) -> Result<(Vec<MerchantView>, i64), StoreError> {
    let total = tx.query_one("SELECT count(*) FROM gateway_merchants", &[]).await?.map_or(Ok(0), |row| row.get(0))?;
    let sql = format!("SELECT {COLUMNS} FROM gateway_merchants ORDER BY name, merchant_id LIMIT $1 OFFSET $2");
    let rows = tx.query(&sql, &[limit.into(), offset.into()]).await?;
    Ok((rows.iter().map(merchant_from).collect::<Result<_, _>>()?, total))
}

/// The merchant of this id.
pub async fn get_merchant(tx: &mut Tx, merchant: MerchantId) -> Result<Option<MerchantView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM gateway_merchants WHERE merchant_id = $1");
    tx.query_one(&sql, &[merchant.into()]).await?.as_ref().map(merchant_from).transpose()
}

/// The merchants of this name, whatever its case, by id, at most `limit`: nothing keeps two from having the same.
pub async fn merchants_named(tx: &mut Tx, name: &str, limit: i64) -> Result<Vec<MerchantView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM gateway_merchants WHERE lower(name) = lower($1) ORDER BY merchant_id LIMIT $2");
    tx.query(&sql, &[name.into(), limit.into()]).await?.iter().map(merchant_from).collect()
}

/// The payments that have not ended, of one merchant or of each that has any; it reads no others.
pub async fn open_payments(tx: &mut Tx, merchant: Option<MerchantId>) -> Result<Vec<(MerchantId, OpenPayments)>, StoreError> {
    let params: Vec<Value<'_>> = merchant.into_iter().map(Into::into).collect();
    let sql = if merchant.is_some() { open_where(ONE_MERCHANT) } else { open_where("") };
    let rows = tx.query(&sql, &params).await?;
    let open = |row: &Row| Ok((row.get(0)?, OpenPayments { count: row.get(1)?, oldest_at: row.get(2)?, oldest_payment_no: row.get(3)? }));
    rows.iter().map(open).collect()
}

/// How many payments of a merchant were made from `start` on and before `end`.
pub async fn payments_made(tx: &mut Tx, merchant: MerchantId, start: Timestamp, end: Timestamp) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM payments WHERE merchant_id = $1 AND created_at >= $2 AND created_at < $3";
    tx.query_one(sql, &[merchant.into(), start.into(), end.into()]).await?.map_or(Ok(0), |row| row.get(0))
}

/// SQLite has no statistics: asked plainly for one merchant it would read all payments that this one ever had.
const ONE_MERCHANT: &str = "WHERE coalesce(o.merchant_id, NULL) = $1";

/// A query of its own for each of the two indexes that know them; together they would be a scan of the table.
fn open_where(condition: &str) -> String {
    format!(
        "SELECT o.merchant_id, count(*), min(o.created_at), min(o.payment_no) FROM (\
         SELECT merchant_id, created_at, payment_no FROM payments WHERE status = 'pending' UNION ALL \
         SELECT merchant_id, created_at, payment_no FROM payments WHERE status = 'processing'\
         ) AS o {condition} GROUP BY o.merchant_id"
    )
}

fn merchant_from(row: &Row) -> Result<MerchantView, StoreError> {
    Ok(MerchantView {
        merchant_id: row.get(0)?,
        name: row.get(1)?,
        email: Email::stored(row.get::<String>(2)?),
        status: row.get(3)?,
        fee_bps: row.get(4)?,
        created_at: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPlatform;

    #[tokio::test]
    async fn open_payments_are_found_without_those_that_have_ended() {
        if TestPlatform::is_on_server() {
            println!("skip: plans of a server depend on how many rows it has; those of SQLite show which index is meant");
            return;
        }
        let platform = TestPlatform::new();
        for condition in ["", ONE_MERCHANT] {
            let sql = format!("EXPLAIN QUERY PLAN {}", open_where(condition));
            let params = if condition.is_empty() { vec![] } else { vec!["x".into()] };
            let plan: Result<Vec<Row>, StoreError> =
                platform.context.store.read(async move |tx: &mut Tx| tx.query(&sql, &params).await).await;
            let steps: Vec<String> = plan.unwrap().iter().map(|row| row.get(3).unwrap()).collect();
            let indexes: Vec<&str> = steps.iter().filter_map(|step| step.strip_prefix("SCAN payments USING INDEX ")).collect();
            assert_eq!(indexes, ["payments_expiring", "payments_processing"], "{condition}: {steps:?}");
        }
    }
}
