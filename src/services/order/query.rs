//! What the console and the routes read of orders: one snapshot, no changes.

use crate::domain::{Currency, MerchantId, OrderStatus, Timestamp};
use crate::store::{StoreError, Tx, Value};

use super::store::{COLUMNS, from_row};

pub use super::row::Order as OrderView;

/// Which orders are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Whose; operators may see all.
    pub merchant_id: Option<MerchantId>,
    /// Where they stand.
    pub status: Option<OrderStatus>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// Made at or after.
    pub start_time: Option<Timestamp>,
    /// Made before.
    pub end_time: Option<Timestamp>,
}

impl OrderFilter {
    /// The conditions as SQL after WHERE, with their values.
    fn conditions(&self) -> (String, Vec<Value<'_>>) {
        let parts: [(&str, Option<Value<'_>>); 5] = [
            ("o.merchant_id =", self.merchant_id.map(Into::into)),
            ("o.status =", self.status.map(|status| status.as_str().into())),
            ("o.currency =", self.currency.map(Into::into)),
            ("o.created_at >=", self.start_time.map(Into::into)),
            ("o.created_at <", self.end_time.map(Into::into)),
        ];
        let mut sql = "true".to_owned();
        let mut values = Vec::new();
        for (condition, value) in parts {
            if let Some(value) = value {
                values.push(value);
                sql = format!("{sql} AND {condition} ${}", values.len());
            }
        }
        (sql, values)
    }
}

/// One page of the orders that fit, newest first, and how many fit in all.
pub async fn list_orders(tx: &mut Tx, filter: &OrderFilter, limit: i64, offset: i64) -> Result<(Vec<OrderView>, i64), StoreError> {
    let (conditions, mut values) = filter.conditions();
    let counted = tx.query_one(&format!("SELECT count(*) FROM orders o WHERE {conditions}"), &values).await?;
    let total = counted.map_or(Ok(0), |row| row.get(0))?;
    let (take, skip) = (values.len() + 1, values.len() + 2);
    values.extend([limit.into(), offset.into()]);
    let sql = format!(
        "SELECT {COLUMNS} FROM orders o WHERE {conditions} \
         ORDER BY o.created_at DESC, o.merchant_id, o.order_no DESC LIMIT ${take} OFFSET ${skip}"
    );
    let orders = tx.query(&sql, &values).await?.iter().map(from_row).collect::<Result<_, _>>()?;
    Ok((orders, total))
}

/// The merchant's order of this number; without a merchant the newest of any, as a number is unique only within one.
pub async fn get_order(tx: &mut Tx, merchant: Option<MerchantId>, order_no: &str) -> Result<Option<OrderView>, StoreError> {
    let row = if let Some(merchant) = merchant {
        let sql = format!("SELECT {COLUMNS} FROM orders o WHERE o.merchant_id = $1 AND o.order_no = $2");
        tx.query_one(&sql, &[merchant.into(), order_no.into()]).await?
    } else {
        let sql = format!("SELECT {COLUMNS} FROM orders o WHERE o.order_no = $1 ORDER BY o.created_at DESC LIMIT 1");
        tx.query_one(&sql, &[order_no.into()]).await?
    };
    row.as_ref().map(from_row).transpose()
}
