//! What the console reads of payments: one snapshot, no changes.

use crate::domain::{Currency, MerchantId, PaymentStatus, Timestamp};
use crate::store::{StoreError, Tx, Value};

use super::store::{self, COLUMNS};

pub use super::find::{FoundSubject, find_subject};
pub use super::overview::{MerchantView, OpenPayments, get_merchant, list_merchants, merchants_named, open_payments, payments_made};
pub use super::payment::Payment as PaymentView;

/// Which payments are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// Whose; operators may see all.
    pub merchant_id: Option<MerchantId>,
    /// Where they stand.
    pub status: Option<PaymentStatus>,
    /// Through which channel.
    pub channel: Option<String>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// By whom, exactly as the merchant sent it.
    pub customer_email: Option<String>,
    /// For which of the merchant's orders.
    pub order_no: Option<String>,
    /// Created at or after.
    pub start_time: Option<Timestamp>,
    /// Created before.
    pub end_time: Option<Timestamp>,
    /// Of at least so many minor units.
    pub min_amount: Option<i64>,
    /// Of at most so many minor units.
    pub max_amount: Option<i64>,
}

impl PaymentFilter {
    /// The conditions as SQL after WHERE, with their values.
    fn conditions(&self) -> (String, Vec<Value<'_>>) {
        let parts: [(&str, Option<Value<'_>>); 10] = [
            ("merchant_id =", self.merchant_id.map(Into::into)),
            ("status =", self.status.map(|status| status.as_str().into())),
            ("channel =", self.channel.as_deref().map(Into::into)),
            ("currency =", self.currency.map(Into::into)),
            ("customer_email =", self.customer_email.as_deref().map(Into::into)),
            ("order_no =", self.order_no.as_deref().map(Into::into)),
            ("created_at >=", self.start_time.map(Into::into)),
            ("created_at <", self.end_time.map(Into::into)),
            ("amount >=", self.min_amount.map(Into::into)),
            ("amount <=", self.max_amount.map(Into::into)),
        ];
        let mut sql = "true".to_owned();
        let mut values = Vec::new();
        for (condition, value) in parts {
            if let Some(value) = value {
                values.push(value);
                sql.extend([" AND ", condition, " $", &values.len().to_string()]);
            }
        }
        (sql, values)
    }
}

/// In which order payments are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaymentSort {
    /// Those that were made last come first.
    #[default]
    Newest,
    /// Those that were made first come first.
    Oldest,
    /// By minor units, the most first; only within a currency does that mean anything.
    Largest,
    /// By minor units, the fewest first.
    Smallest,
}

impl PaymentSort {
    /// Column, direction, and what is behind a payment in this order.
    const fn order(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Newest => ("created_at", "DESC", "<"),
            Self::Oldest => ("created_at", "ASC", ">"),
            Self::Largest => ("amount", "DESC", "<"),
            Self::Smallest => ("amount", "ASC", ">"),
        }
    }
}

/// Which part of a list of payments, and in which order.
#[derive(Default)]
pub struct Part<'a> {
    /// What comes first.
    pub sort: PaymentSort,
    /// Only what comes behind this payment.
    pub behind: Option<&'a PaymentView>,
    /// At most so many.
    pub limit: i64,
    /// So many are passed over.
    pub offset: i64,
}

/// A part of the payments that fit, and how many fit in all.
pub async fn list_payments(tx: &mut Tx, filter: &PaymentFilter, part: &Part<'_>) -> Result<(Vec<PaymentView>, i64), StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    let counted = tx.query_one(&format!("SELECT count(*) FROM payments WHERE {conditions}"), &values).await?;
    let total = counted.map_or(Ok(0), |row| row.get(0))?;
    let (column, direction, behind) = part.sort.order();
    if let Some(last) = part.behind {
        let by_time = matches!(part.sort, PaymentSort::Newest | PaymentSort::Oldest);
        let key: Value<'_> = if by_time { last.created_at.into() } else { last.amount.into() };
        values.extend([key, (&last.payment_no).into()]);
        let (key, number) = (values.len() - 1, values.len());
        conditions = format!("{conditions} AND ({column}, payment_no) {behind} (${key}, ${number})");
    }
    values.extend([part.limit.into(), part.offset.into()]);
    let (limit, skip) = (values.len() - 1, values.len());
    let rows = tx
        .query(
            &format!(
                "SELECT {COLUMNS} FROM payments WHERE {conditions} ORDER BY {column} {direction}, payment_no {direction} \
                 LIMIT ${limit} OFFSET ${skip}"
            ),
            &values,
        )
        .await?;
    Ok((rows.iter().map(store::from_row).collect::<Result<_, _>>()?, total))
}

/// The payment of this number.
pub async fn get_payment(tx: &mut Tx, payment_no: &str) -> Result<Option<PaymentView>, StoreError> {
    store::find_payment(tx, payment_no).await
}
