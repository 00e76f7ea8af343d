use std::collections::HashMap;

use serde::Serialize;

use crate::domain::{Currency, MerchantId, Timestamp};
use crate::event::LedgerEntry;
use crate::store::{Row, StoreError, Tx, Value};

use super::legs_of;

/// A booking as its merchant sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransactionView {
    /// `TX…`
    pub transaction_id: String,
    /// The type of the event that it books.
    pub source_event_type: String,
    /// The currency of all its legs.
    pub currency: Currency,
    /// What was booked, in words.
    pub description: String,
    /// The payment that it books.
    pub related_id: String,
    /// When that happened.
    pub occurred_at: Timestamp,
    /// When it was booked.
    pub created_at: Timestamp,
    /// Its legs.
    pub entries: Vec<LedgerEntry>,
}

/// Which transactions of a merchant are wanted; empty fields want all.
#[derive(Debug, Clone)]
pub struct TransactionFilter {
    /// Whose.
    pub merchant: MerchantId,
    /// Only those of this payment.
    pub related_id: Option<String>,
    /// Booked at or after this moment.
    pub start_time: Option<Timestamp>,
    /// Booked before this moment.
    pub end_time: Option<Timestamp>,
}

/// A page of a merchant's transactions, newest first, and how many match in all.
pub async fn transactions(
    tx: &mut Tx,
    filter: &TransactionFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<TransactionView>, i64), StoreError> {
    const MATCH: &str =
        "FROM transactions WHERE merchant_id = $1 AND created_at >= $2 AND created_at < $3 AND ($4 = '' OR related_id = $4)";
    let related = filter.related_id.as_deref().unwrap_or_default();
    let start = filter.start_time.unwrap_or_default();
    let end = filter.end_time.unwrap_or_else(end_of_time);
    let mut params: Vec<Value<'_>> = vec![filter.merchant.into(), start.into(), end.into(), related.into()];
    let total = tx.query_one(&format!("SELECT count(*) {MATCH}"), &params).await?.map_or(Ok(0), |row| row.get(0))?;
    params.extend([limit.into(), offset.into()]);
    let columns = "transaction_id, source_event_type, currency, description, related_id, occurred_at, created_at, source_event_id";
    let rows = tx.query(&format!("SELECT {columns} {MATCH} ORDER BY transaction_id DESC LIMIT $5 OFFSET $6"), &params).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.get(7)).collect::<Result<_, _>>()?;
    let mut legs: HashMap<String, Vec<LedgerEntry>> = HashMap::new();
    for leg in legs_of(tx, &ids).await? {
        let entry = LedgerEntry { kind: leg.leg, debit: leg.debit, credit: leg.credit, amount: leg.amount };
        legs.entry(leg.source_event_id).or_default().push(entry);
    }
    let view = |(row, id): (&Row, &String)| {
        Ok(TransactionView {
            transaction_id: row.get(0)?,
            source_event_type: row.get(1)?,
            currency: row.get(2)?,
            description: row.get(3)?,
            related_id: row.get(4)?,
            occurred_at: row.get(5)?,
            created_at: row.get(6)?,
            entries: legs.remove(id).unwrap_or_default(),
        })
    };
    let list: Result<Vec<TransactionView>, StoreError> = rows.iter().zip(&ids).map(view).collect();
    Ok((list?, total))
}

/// Times are compared as text, so the end is the last one of four digits.
pub(super) fn end_of_time() -> Timestamp {
    Timestamp::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}
