use serde::Serialize;

use crate::domain::{Currency, Timestamp};
use crate::store::{Row, Set, StoreError, Tx, Type, Value};

/// The columns of [`entry_from`], and where they come from. The join is by the event: its index is the one that both have.
macro_rules! entry_columns {
    () => {
        "x.transaction_id, t.leg, t.debit, t.credit, t.amount, t.currency, x.description, x.related_id, x.source_event_id, \
         x.occurred_at, x.created_at, t.id FROM transfers t JOIN transactions x ON x.source_event_id = t.source_event_id"
    };
}

/// One leg of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryView {
    /// `TX…`
    pub transaction_id: String,
    /// `payment_gross` and the like.
    pub leg: String,
    /// The account debited.
    pub debit: String,
    /// The account credited.
    pub credit: String,
    /// Minor units, always positive.
    pub amount: i64,
    /// The currency of both accounts.
    pub currency: Currency,
    /// What was booked, in words.
    pub description: String,
    /// The payment that it books.
    pub related_id: String,
    /// The event that it books.
    pub source_event_id: String,
    /// When that happened.
    pub occurred_at: Timestamp,
    /// When it was booked.
    pub created_at: Timestamp,
}

/// Which entries are wanted; empty fields want all.
#[derive(Debug, Clone)]
pub struct EntryFilter {
    /// Only those of this payment.
    pub related_id: Option<String>,
    /// Only those that debit or credit this account.
    pub account: Option<String>,
    /// Only those booked at or after this moment.
    pub since: Option<Timestamp>,
    /// At most so many, the newest.
    pub limit: i64,
}

/// The newest entries that match, newest first.
pub async fn entries(tx: &mut Tx, filter: &EntryFilter) -> Result<Vec<EntryView>, StoreError> {
    let mut params: Vec<Value<'_>> = vec![filter.since.unwrap_or_default().into()];
    let mut wanted = String::new();
    for (value, condition) in [(&filter.related_id, " AND x.related_id = $N"), (&filter.account, " AND (t.debit = $N OR t.credit = $N)")] {
        if let Some(value) = value {
            params.push(value.into());
            wanted.push_str(&condition.replace("$N", &format!("${}", params.len())));
        }
    }
    params.push(filter.limit.into());
    let sql = format!(
        concat!("SELECT ", entry_columns!(), " WHERE t.created_at >= $1{wanted} ORDER BY t.id DESC LIMIT ${last}"),
        wanted = wanted,
        last = params.len()
    );
    tx.query(&sql, &params).await?.iter().map(entry_from).collect()
}

/// Every leg of the transactions that book these events.
pub(in crate::services::accounting) async fn legs_of(tx: &mut Tx, source_event_ids: &[String]) -> Result<Vec<EntryView>, StoreError> {
    const LEGS: Set = Set {
        sql: concat!("SELECT ", entry_columns!(), " JOIN {rows} r ON r.source_event_id = t.source_event_id"),
        columns: &[("source_event_id", Type::Uuid)],
    };
    let rows: Vec<Vec<Value<'_>>> = source_event_ids.iter().map(|id| vec![id.into()]).collect();
    let mut legs = Vec::new();
    for row in tx.query_set(&LEGS, &rows).await? {
        legs.push((row.get::<i64>(11)?, entry_from(&row)?));
    }
    legs.sort_unstable_by_key(|(id, _)| *id);
    Ok(legs.into_iter().map(|(_, leg)| leg).collect())
}

fn entry_from(row: &Row) -> Result<EntryView, StoreError> {
    Ok(EntryView {
        transaction_id: row.get(0)?,
        leg: row.get(1)?,
        debit: row.get(2)?,
        credit: row.get(3)?,
        amount: row.get(4)?,
        currency: row.get(5)?,
        description: row.get(6)?,
        related_id: row.get(7)?,
        source_event_id: row.get(8)?,
        occurred_at: row.get(9)?,
        created_at: row.get(10)?,
    })
}
