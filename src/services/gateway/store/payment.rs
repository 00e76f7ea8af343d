use crate::domain::{Email, MerchantId, PaymentStatus, Timestamp};
use crate::store::{Row, Set, SetRows, StoreError, Tx, Type, Value};

use super::super::payment::Payment;

macro_rules! columns {
    () => {
        "payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, customer_email, customer_ip, \
         description, return_url, notify_url, extra, fee_bps, fee_amount, captured, refunded, intent_id, idempotency_key, trace_id, \
         expires_at, created_at, updated_at, paid_at"
    };
}

/// Every column, in the order in which [`from_row`] reads them.
pub(in super::super) const COLUMNS: &str = columns!();

macro_rules! insert {
    ($where:literal) => {
        concat!(
            "INSERT INTO payments (payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, \
             customer_email, customer_ip, description, return_url, notify_url, extra, fee_bps, fee_amount, idempotency_key, trace_id, \
             expires_at, created_at, updated_at) \
             SELECT payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, \
             customer_email, customer_ip, description, return_url, notify_url, extra, fee_bps, fee_amount, idempotency_key, trace_id, \
             expires_at, created_at, created_at FROM {rows} AS r WHERE ",
            $where
        )
    };
}

const INSERT_NEW: Set = Set {
    sql: insert!(
        "NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.merchant_id = r.merchant_id AND p.order_no = r.order_no AND p.occupies_order = 1)"
    ),
    columns: INSERT.columns,
};

const INSERT: Set = Set {
    sql: insert!("true"),
    columns: &[
        ("payment_no", Type::Text),
        ("merchant_id", Type::Uuid),
        ("order_no", Type::Text),
        ("amount", Type::Int),
        ("currency", Type::Text),
        ("channel", Type::Text),
        ("status", Type::Text),
        ("version", Type::Int),
        ("occupies_order", Type::Int),
        ("customer_email", Type::Text),
        ("customer_ip", Type::Text),
        ("description", Type::Text),
        ("return_url", Type::Text),
        ("notify_url", Type::Text),
        ("extra", Type::Text),
        ("fee_bps", Type::Int),
        ("fee_amount", Type::Int),
        ("idempotency_key", Type::Text),
        ("trace_id", Type::Text),
        ("expires_at", Type::Time),
        ("created_at", Type::Time),
    ],
};

const UPDATE: Set = Set {
    sql: "UPDATE payments SET status = r.status, version = r.version, occupies_order = r.occupies_order, extra = r.extra, \
          captured = r.captured, intent_id = r.intent_id, updated_at = r.updated_at, paid_at = r.paid_at \
          FROM {rows} AS r WHERE payments.payment_no = r.payment_no AND payments.version = r.read_version",
    columns: &[
        ("payment_no", Type::Text),
        ("read_version", Type::Int),
        ("status", Type::Text),
        ("version", Type::Int),
        ("occupies_order", Type::Int),
        ("extra", Type::Text),
        ("captured", Type::Int),
        ("intent_id", Type::Text),
        ("updated_at", Type::Time),
        ("paid_at", Type::Time),
    ],
};

const BY_NUMBERS: Set = Set {
    sql: concat!("SELECT ", columns!(), " FROM payments WHERE payment_no IN (SELECT wanted FROM {rows})"),
    columns: &[("wanted", Type::Text)],
};

const BY_INTENTS: Set = Set {
    sql: concat!("SELECT ", columns!(), " FROM payments WHERE intent_id IN (SELECT wanted FROM {rows})"),
    columns: &[("wanted", Type::Text)],
};

const PRESENT: Set = Set {
    sql: "SELECT p.payment_no FROM {rows} AS r \
          JOIN payments AS p ON p.payment_no = r.number AND p.merchant_id = r.merchant AND p.order_no = r.wanted",
    columns: &[("number", Type::Text), ("merchant", Type::Uuid), ("wanted", Type::Text)],
};

const STANDING: Set = Set {
    sql: "SELECT p.payment_no, p.merchant_id, p.order_no FROM {rows} AS r \
          JOIN payments AS p ON p.merchant_id = r.merchant AND p.order_no = r.wanted AND p.occupies_order = 1",
    columns: &[("merchant", Type::Uuid), ("wanted", Type::Text)],
};

/// The payment in a row of [`COLUMNS`].
pub(in super::super) fn from_row(row: &Row) -> Result<Payment, StoreError> {
    Ok(Payment {
        payment_no: row.get(0)?,
        merchant_id: row.get(1)?,
        order_no: row.get(2)?,
        amount: row.get(3)?,
        currency: row.get(4)?,
        channel: row.get(5)?,
        status: PaymentStatus::parse(&row.get::<String>(6)?).ok_or(StoreError::Column(6))?,
        version: row.get(7)?,
        occupies_order: row.get(8)?,
        customer_email: Email::stored(row.get::<String>(9)?),
        customer_ip: row.get(10)?,
        description: row.get(11)?,
        return_url: row.get(12)?,
        notify_url: row.get(13)?,
        extra: serde_json::from_str(&row.get::<String>(14)?).map_err(|_| StoreError::Column(14))?,
        fee_bps: row.get(15)?,
        fee_amount: row.get(16)?,
        captured: row.get(17)?,
        refunded: row.get(18)?,
        intent_id: row.get(19)?,
        idempotency_key: row.get(20)?,
        trace_id: row.get(21)?,
        expires_at: row.get(22)?,
        created_at: row.get(23)?,
        updated_at: row.get(24)?,
        paid_at: row.get(25)?,
    })
}

/// Inserts new payments but those whose order is taken; how many went in. No two of them may be for one order.
pub(in super::super) async fn insert_payments(tx: &mut Tx, payments: &[&Payment]) -> Result<u64, StoreError> {
    tx.execute_set(&INSERT_NEW, &inserted(payments)?).await
}

/// New payments as they are inserted; should an order be taken, that fails.
pub(in super::super) fn new_payments<'a>(payments: &[&'a Payment]) -> Result<SetRows<'a>, StoreError> {
    Ok((&INSERT, inserted(payments)?))
}

fn inserted<'a>(payments: &[&'a Payment]) -> Result<Vec<Vec<Value<'a>>>, StoreError> {
    let extras = extra_texts(payments)?;
    let rows = payments
        .iter()
        .zip(extras)
        .map(|(payment, extra)| {
            vec![
                (&payment.payment_no).into(),
                payment.merchant_id.into(),
                (&payment.order_no).into(),
                payment.amount.into(),
                payment.currency.as_str().into(),
                (&payment.channel).into(),
                payment.status.as_str().into(),
                payment.version.into(),
                payment.occupies_order.into(),
                payment.customer_email.expose().into(),
                payment.customer_ip.as_deref().into(),
                payment.description.as_deref().into(),
                payment.return_url.as_deref().into(),
                payment.notify_url.as_deref().into(),
                extra.into(),
                payment.fee_bps.into(),
                payment.fee_amount.into(),
                payment.idempotency_key.as_deref().into(),
                (&payment.trace_id).into(),
                payment.expires_at.into(),
                payment.created_at.into(),
            ]
        })
        .collect();
    Ok(rows)
}

/// The numbers of those of these payments that are there, as themselves and not as others of the same number.
pub(in super::super) async fn present_payments(tx: &mut Tx, payments: &[&Payment]) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> =
        payments.iter().map(|payment| vec![(&payment.payment_no).into(), payment.merchant_id.into(), (&payment.order_no).into()]).collect();
    tx.query_set(&PRESENT, &rows).await?.iter().map(|row| row.get(0)).collect()
}

/// Writes payments back, each as it was read at the version beside it; fails when one was changed in between.
pub(in super::super) async fn update_payments(tx: &mut Tx, changed: &[(i64, &Payment)]) -> Result<(), StoreError> {
    let payments: Vec<&Payment> = changed.iter().map(|(_, payment)| *payment).collect();
    let extras = extra_texts(&payments)?;
    let rows: Vec<Vec<Value<'_>>> = changed
        .iter()
        .zip(&extras)
        .map(|((read_version, payment), extra)| {
            vec![
                (&payment.payment_no).into(),
                (*read_version).into(),
                payment.status.as_str().into(),
                payment.version.into(),
                payment.occupies_order.into(),
                extra.into(),
                payment.captured.into(),
                payment.intent_id.as_deref().into(),
                payment.updated_at.into(),
                payment.paid_at.into(),
            ]
        })
        .collect();
    let updated = tx.execute_set(&UPDATE, &rows).await?;
    if updated == rows.len() as u64 { Ok(()) } else { Err(StoreError::Unavailable("a payment was changed at the same time".to_owned())) }
}

fn extra_texts(payments: &[&Payment]) -> Result<Vec<String>, StoreError> {
    payments.iter().map(|payment| serde_json::to_string(&payment.extra).map_err(|error| StoreError::Encode(error.to_string()))).collect()
}

/// The payment of this number.
pub(in super::super) async fn find_payment(tx: &mut Tx, payment_no: &str) -> Result<Option<Payment>, StoreError> {
    let row = tx.query_one(concat!("SELECT ", columns!(), " FROM payments WHERE payment_no = $1"), &[payment_no.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The payments of these numbers, each once.
pub(in super::super) async fn find_by_numbers(tx: &mut Tx, numbers: &[&str]) -> Result<Vec<Payment>, StoreError> {
    find_set(tx, &BY_NUMBERS, numbers).await
}

/// The payments with these intents, each once.
pub(in super::super) async fn find_by_intents(tx: &mut Tx, intents: &[&str]) -> Result<Vec<Payment>, StoreError> {
    find_set(tx, &BY_INTENTS, intents).await
}

async fn find_set(tx: &mut Tx, set: &Set, wanted: &[&str]) -> Result<Vec<Payment>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = wanted.iter().map(|text| vec![(*text).into()]).collect();
    tx.query_set(set, &rows).await?.iter().map(from_row).collect()
}

/// The number of the payment that holds this intent.
pub(in super::super) async fn payment_of_intent(tx: &mut Tx, intent_id: &str) -> Result<Option<String>, StoreError> {
    let row = tx.query_one("SELECT payment_no FROM payments WHERE intent_id = $1", &[intent_id.into()]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// For each order that is taken: its merchant, its number, and the payment that takes it.
pub(in super::super) async fn standing_payments(
    tx: &mut Tx,
    orders: &[(MerchantId, &str)],
) -> Result<Vec<((MerchantId, String), String)>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = orders.iter().map(|(merchant, order)| vec![(*merchant).into(), (*order).into()]).collect();
    let found = tx.query_set(&STANDING, &rows).await?;
    found.iter().map(|row| Ok(((row.get(1)?, row.get(2)?), row.get(0)?))).collect()
}

/// Payments that nobody has begun to pay and whose time is up, oldest first.
pub(in super::super) async fn overdue(tx: &mut Tx, limit: i64) -> Result<Vec<Payment>, StoreError> {
    let now = tx.now();
    let rows = tx
        .query(
            concat!(
                "SELECT ",
                columns!(),
                " FROM payments WHERE status = 'pending' AND intent_id IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2"
            ),
            &[now.into(), limit.into()],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// When the next payment expires, if any waits for its payer.
pub(in super::super) async fn next_expiry(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.query_one("SELECT min(expires_at) FROM payments WHERE status = 'pending' AND intent_id IS NULL", &[]).await?;
    row.map_or(Ok(None), |row| row.get(0))
}
