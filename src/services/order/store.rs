use crate::domain::{Email, MerchantId, OrderStatus};
use crate::store::{FromValue, Row, Set, StoreError, Tx, Type, Value};

use super::review::Review;
use super::row::Order;

/// The columns of [`from_row`].
macro_rules! order_columns {
    () => {
        "o.order_no, o.merchant_id, o.payment_no, o.total_amount, o.fee_amount, o.currency, o.status, o.version, o.customer_email, \
         o.extra, o.trace_id, o.created_at, o.updated_at, o.paid_at"
    };
}
pub(super) const COLUMNS: &str = order_columns!();

const FIND: Set = Set {
    sql: concat!("SELECT ", order_columns!(), " FROM {rows} r JOIN orders o ON o.merchant_id = r.merchant_id AND o.order_no = r.order_no"),
    columns: &[("merchant_id", Type::Uuid), ("order_no", Type::Text)],
};

const INSERT: Set = Set {
    sql: "INSERT INTO orders (merchant_id, order_no, payment_no, total_amount, fee_amount, currency, status, version, customer_email, extra, \
          trace_id, created_at, updated_at, paid_at) \
          SELECT merchant_id, order_no, payment_no, total_amount, fee_amount, currency, status, version, customer_email, extra, \
          trace_id, created_at, updated_at, paid_at FROM {rows} AS r \
          WHERE NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.merchant_id = r.merchant_id AND o.order_no = r.order_no)",
    columns: &[
        ("merchant_id", Type::Uuid),
        ("order_no", Type::Text),
        ("payment_no", Type::Text),
        ("total_amount", Type::Int),
        ("fee_amount", Type::Int),
        ("currency", Type::Text),
        ("status", Type::Text),
        ("version", Type::Int),
        ("customer_email", Type::Text),
        ("extra", Type::Text),
        ("trace_id", Type::Text),
        ("created_at", Type::Time),
        ("updated_at", Type::Time),
        ("paid_at", Type::Time),
    ],
};

const UPDATE: Set = Set {
    sql: "UPDATE orders SET payment_no = r.payment_no, fee_amount = r.fee_amount, status = r.status, version = r.version, \
          updated_at = r.updated_at, paid_at = r.paid_at FROM {rows} r \
          WHERE orders.merchant_id = r.merchant_id AND orders.order_no = r.order_no AND orders.version = r.old_version",
    columns: &[
        ("merchant_id", Type::Uuid),
        ("order_no", Type::Text),
        ("old_version", Type::Int),
        ("payment_no", Type::Text),
        ("fee_amount", Type::Int),
        ("status", Type::Text),
        ("version", Type::Int),
        ("updated_at", Type::Time),
        ("paid_at", Type::Time),
    ],
};

const REVIEW: Set = Set {
    sql: "INSERT INTO order_reviews (source_event_id, merchant_id, order_no, payment_no, kind, detail, created_at) \
          SELECT source_event_id, merchant_id, order_no, payment_no, kind, detail, created_at FROM {rows} WHERE true \
          ON CONFLICT (source_event_id) DO NOTHING RETURNING source_event_id",
    columns: &[
        ("source_event_id", Type::Uuid),
        ("merchant_id", Type::Uuid),
        ("order_no", Type::Text),
        ("payment_no", Type::Text),
        ("kind", Type::Text),
        ("detail", Type::Text),
        ("created_at", Type::Time),
    ],
};

/// The orders of these names that exist; no name twice.
pub(super) async fn find(tx: &mut Tx, names: impl Iterator<Item = (MerchantId, &str)>) -> Result<Vec<Order>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = names.map(|(merchant, order_no)| vec![merchant.into(), order_no.into()]).collect();
    tx.query_set(&FIND, &rows).await?.iter().map(from_row).collect()
}

/// Adds orders; how many were new.
pub(super) async fn insert(tx: &mut Tx, orders: &[&Order]) -> Result<u64, StoreError> {
    let extras = orders.iter().map(|order| extra_text(order)).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<Vec<Value<'_>>> = orders
        .iter()
        .zip(&extras)
        .map(|(order, extra)| {
            vec![
                order.merchant_id.into(),
                (&order.order_no).into(),
                (&order.payment_no).into(),
                order.total_amount.into(),
                order.fee_amount.into(),
                order.currency.into(),
                order.status.as_str().into(),
                order.version.into(),
                order.customer_email.expose().into(),
                extra.into(),
                (&order.trace_id).into(),
                order.created_at.into(),
                order.updated_at.into(),
                order.paid_at.into(),
            ]
        })
        .collect();
    tx.execute_set(&INSERT, &rows).await
}

/// Changes orders that still have the version beside them; how many had.
pub(super) async fn update(tx: &mut Tx, orders: &[(&Order, i64)]) -> Result<u64, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = orders
        .iter()
        .map(|(order, old_version)| {
            vec![
                order.merchant_id.into(),
                (&order.order_no).into(),
                (*old_version).into(),
                (&order.payment_no).into(),
                order.fee_amount.into(),
                order.status.as_str().into(),
                order.version.into(),
                order.updated_at.into(),
                order.paid_at.into(),
            ]
        })
        .collect();
    tx.execute_set(&UPDATE, &rows).await
}

/// Puts payments up for review; the events among them that were not up already.
pub(super) async fn add_reviews(tx: &mut Tx, reviews: &[Review<'_>]) -> Result<Vec<uuid::Uuid>, StoreError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = reviews
        .iter()
        .map(|review| {
            vec![
                review.event.event_id.into(),
                review.payment.merchant_id.into(),
                (&review.payment.order_no).into(),
                (&review.payment.payment_no).into(),
                review.kind.as_str().into(),
                (&review.detail).into(),
                now.into(),
            ]
        })
        .collect();
    tx.query_set(&REVIEW, &rows).await?.iter().map(|row| row.get(0)).collect()
}

/// An order from [`COLUMNS`].
pub(super) fn from_row(row: &Row) -> Result<Order, StoreError> {
    let extra: String = row.get(9)?;
    Ok(Order {
        order_no: row.get(0)?,
        merchant_id: row.get(1)?,
        payment_no: row.get(2)?,
        total_amount: row.get(3)?,
        fee_amount: row.get(4)?,
        currency: row.get(5)?,
        status: row.get(6)?,
        version: row.get(7)?,
        customer_email: Email::stored(row.get::<String>(8)?),
        extra: serde_json::from_str(&extra).map_err(|_| StoreError::Column(9))?,
        trace_id: row.get(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        paid_at: row.get(13)?,
    })
}

fn extra_text(order: &Order) -> Result<String, StoreError> {
    serde_json::to_string(&order.extra).map_err(|error| StoreError::Encode(error.to_string()))
}

impl FromValue for OrderStatus {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { Self::parse(text) } else { None }
    }
}
