//! Notifications as others ask for them: the console, a trace, the routes of this service. Recipients are masked.

use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Email, MerchantId, Timestamp};
use crate::store::{Row, StoreError, Tx, Value};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, subject_id, payment_no, \
             status, attempts, next_attempt_at, lease_until, last_error, message_id, created_at, sent_at FROM notifications ",
            $rest
        )
    };
}

/// One notification to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationView {
    /// Its id.
    pub notification_id: Uuid,
    /// The business event that asked for it.
    pub source_event_id: Uuid,
    /// That event's type.
    pub source_event_type: String,
    /// `email` or `sms`.
    pub channel: String,
    /// What is said.
    pub template: String,
    /// Whose customer or user it goes to.
    pub merchant_id: MerchantId,
    /// Where it goes, masked; empty when there was no address.
    pub recipient: String,
    /// The payment, order or refund that it speaks of.
    pub subject_id: String,
    /// The payment behind it; empty when there is none.
    pub payment_no: String,
    /// `pending`, `sent`, `failed` or `skipped`.
    pub status: String,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried next, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// Until when a sender has it in hand.
    pub lease_until: Option<Timestamp>,
    /// What went wrong last, without addresses.
    pub last_error: Option<String>,
    /// The same on every try.
    pub message_id: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the server took it.
    pub sent_at: Option<Timestamp>,
}

/// How many notifications there are in each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the statuses")]
pub struct StatusCounts {
    pub pending: i64,
    pub sent: i64,
    pub failed: i64,
    pub skipped: i64,
}

/// The notifications about a payment, oldest first.
pub async fn of_payment(tx: &mut Tx, payment_no: &str) -> Result<Vec<NotificationView>, StoreError> {
    let sql = select!("WHERE payment_no = $1 ORDER BY created_at, notification_id");
    tx.query(sql, &[payment_no.into()]).await?.iter().map(view).collect()
}

/// How many notifications there are in each status, of all merchants.
pub async fn counts(tx: &mut Tx) -> Result<StatusCounts, StoreError> {
    let mut counts = StatusCounts::default();
    for row in tx.query("SELECT status, count(*) FROM notifications GROUP BY status", &[]).await? {
        let of_status = match row.get::<String>(0)?.as_str() {
            "pending" => &mut counts.pending,
            "sent" => &mut counts.sent,
            "failed" => &mut counts.failed,
            _ => &mut counts.skipped,
        };
        *of_status = row.get(1)?;
    }
    Ok(counts)
}

/// Some of a merchant's notifications, newest first, and how many there are in all; of one payment, where it is named.
pub(super) async fn of_merchant(
    tx: &mut Tx,
    merchant: MerchantId,
    payment_no: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<NotificationView>, i64), StoreError> {
    let mut filter: Vec<Value<'_>> = vec![merchant.into()];
    filter.extend(payment_no.map(Value::from));
    let (count, list) = if payment_no.is_some() {
        (
            "SELECT count(*) FROM notifications WHERE merchant_id = $1 AND payment_no = $2",
            select!("WHERE merchant_id = $1 AND payment_no = $2 ORDER BY created_at DESC, notification_id DESC LIMIT $3 OFFSET $4"),
        )
    } else {
        (
            "SELECT count(*) FROM notifications WHERE merchant_id = $1",
            select!("WHERE merchant_id = $1 ORDER BY created_at DESC, notification_id DESC LIMIT $2 OFFSET $3"),
        )
    };
    let total = tx.query_one(count, &filter).await?.map_or(Ok(0), |row| row.get(0))?;
    filter.extend([limit.into(), offset.into()]);
    let rows = tx.query(list, &filter).await?;
    Ok((rows.iter().map(view).collect::<Result<_, _>>()?, total))
}

fn view(row: &Row) -> Result<NotificationView, StoreError> {
    let status: String = row.get(9)?;
    let pending = status == "pending";
    Ok(NotificationView {
        notification_id: row.get(0)?,
        source_event_id: row.get(1)?,
        source_event_type: row.get(2)?,
        channel: row.get(3)?,
        template: row.get(4)?,
        merchant_id: row.get(5)?,
        recipient: Email::stored(row.get::<String>(6)?).masked(),
        subject_id: row.get(7)?,
        payment_no: row.get(8)?,
        attempts: row.get(10)?,
        next_attempt_at: row.get::<Option<Timestamp>>(11)?.filter(|_| pending),
        lease_until: row.get::<Option<Timestamp>>(12)?.filter(|_| pending),
        last_error: row.get(13)?,
        message_id: row.get(14)?,
        created_at: row.get(15)?,
        sent_at: row.get(16)?,
        status,
    })
}
