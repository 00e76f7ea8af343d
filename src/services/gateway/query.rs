//! What the console reads of payments: one snapshot, no changes.

use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Currency, MerchantId, NumberKind, PaymentStatus, Timestamp};
use crate::event::{Decoded, Topic, TopicPartition, decode_value};
use crate::store::{StoreError, Tx, Value};

use super::store::{self, COLUMNS};

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

/// A payment that an id leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundSubject {
    /// `PY…`
    pub payment_no: String,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// For which order.
    pub order_no: String,
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

/// One page of the payments that fit, newest first, and how many fit in all.
pub async fn list_payments(
    tx: &mut Tx,
    filter: &PaymentFilter,
    page_size: i64,
    offset: i64,
) -> Result<(Vec<PaymentView>, i64), StoreError> {
    let (conditions, mut values) = filter.conditions();
    let counted = tx.query_one(&format!("SELECT count(*) FROM payments WHERE {conditions}"), &values).await?;
    let total = counted.map_or(Ok(0), |row| row.get(0))?;
    let (limit, skip) = (values.len() + 1, values.len() + 2);
    values.extend([page_size.into(), offset.into()]);
    let rows = tx
        .query(
            &format!(
                "SELECT {COLUMNS} FROM payments WHERE {conditions} ORDER BY created_at DESC, payment_no DESC LIMIT ${limit} OFFSET ${skip}"
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

/// Look-ups that an index answers; the indexes begin with the merchant, and merchants are few.
const INDEXED: &[&str] = &[
    "intent_id = $1",
    "occupies_order = 1 AND order_no = $1 AND merchant_id IN (SELECT merchant_id FROM gateway_merchants)",
    "payment_no = (SELECT max(payment_no) FROM idempotency WHERE key = $1 AND merchant_id IN (SELECT merchant_id FROM gateway_merchants))",
];

/// What is left: an order whose payments all ended, a key that is no longer kept, a trace id.
const SCANNED: &[&str] = &["order_no = $1 OR idempotency_key = $1 OR trace_id = $1"];

/// The payment that `id` leads to: a payment number, an order number, an idempotency key, a trace id, an intent or an event.
///
/// Where several fit (an order that was paid for twice), the newest.
pub async fn find_subject(tx: &mut Tx, id: &str) -> Result<Option<FoundSubject>, StoreError> {
    if NumberKind::Payment.matches(id) {
        return find_where(tx, "payment_no = $1", id).await;
    }
    if let Ok(event_id) = Uuid::parse_str(id)
        && let Some(payment_no) = payment_of_event(tx, event_id).await?
    {
        return find_where(tx, "payment_no = $1", &payment_no).await;
    }
    for condition in INDEXED.iter().chain(SCANNED) {
        if let Some(found) = find_where(tx, condition, id).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn find_where(tx: &mut Tx, condition: &str, id: &str) -> Result<Option<FoundSubject>, StoreError> {
    let row = tx
        .query_one(
            &format!("SELECT payment_no, merchant_id, order_no FROM payments WHERE {condition} ORDER BY created_at DESC LIMIT 1"),
            &[id.into()],
        )
        .await?;
    row.map(|row| Ok(FoundSubject { payment_no: row.get(0)?, merchant_id: row.get(1)?, order_no: row.get(2)? })).transpose()
}

/// The payment that an event of any service speaks of.
async fn payment_of_event(tx: &mut Tx, event_id: Uuid) -> Result<Option<String>, StoreError> {
    let Some(row) = tx.query_one("SELECT topic, partition, seq, value FROM events WHERE event_id = $1", &[event_id.into()]).await? else {
        return Ok(None);
    };
    let Some(topic) = Topic::parse(&row.get::<String>(0)?) else { return Ok(None) };
    let at = TopicPartition { topic, partition: u16::try_from(row.get::<i64>(1)?).unwrap_or_default() };
    Ok(match decode_value(at, row.get(2)?, &row.get::<Vec<u8>>(3)?) {
        Ok(Decoded::Event(event)) => event.payload.payment_no().map(str::to_owned),
        Ok(Decoded::UnknownType(_)) | Err(_) => None,
    })
}
