use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Account, AccountKind, Currency, Timestamp};
use crate::store::{StoreError, Tx, Value};

use super::transaction::end_of_time;

/// Which transfers of an account a statement covers; by when they were booked.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatementSpan {
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// What some transfers add up to on one account, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// How many there are.
    pub transfers: i64,
    /// What they debit.
    pub debits: i64,
    /// What they credit.
    pub credits: i64,
}

/// An account in one currency, before, within and after a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatementSums {
    /// Booked before the span begins.
    pub before: Sums,
    /// Booked within it.
    pub within: Sums,
    /// Booked when it is over.
    pub after: Sums,
}

/// One transfer as an account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its number; later transfers have higher ones.
    pub id: i64,
    /// When it was booked.
    pub created_at: Timestamp,
    /// `payment_gross` and the like.
    pub leg: String,
    /// The account debited.
    pub debit: String,
    /// The account credited.
    pub credit: String,
    /// Minor units, always positive.
    pub amount: i64,
    /// `TX…`
    pub transaction_id: String,
    /// The event that it books.
    pub source_event_id: String,
    /// That event's type; `None` where the transaction is missing.
    pub source_event_type: Option<String>,
    /// The payment that it books; `None` where the transaction is missing.
    pub related_id: Option<String>,
    /// When that happened; `None` where the transaction is missing.
    pub occurred_at: Option<Timestamp>,
}

/// What every account had been debited and credited when this moment was over, as its transfers add up.
pub async fn sums_as_of(tx: &mut Tx, as_of: Timestamp) -> Result<BTreeMap<(String, Currency), Sums>, StoreError> {
    let sql = "SELECT s.account, s.currency, sum(s.transfers), sum(s.debits), sum(s.credits) FROM (\
               SELECT debit AS account, currency, count(*) AS transfers, sum(amount) AS debits, 0 AS credits FROM transfers \
               WHERE created_at <= $1 GROUP BY debit, currency UNION ALL \
               SELECT credit, currency, count(*), 0, sum(amount) FROM transfers WHERE created_at <= $1 GROUP BY credit, currency\
               ) AS s GROUP BY s.account, s.currency";
    let mut accounts = BTreeMap::new();
    for row in tx.query(sql, &[as_of.into()]).await? {
        let sums = Sums { transfers: row.get(2)?, debits: row.get(3)?, credits: row.get(4)? };
        accounts.insert((row.get(0)?, row.get(1)?), sums);
    }
    Ok(accounts)
}

/// What an account's transfers add up to before, within and after the span, by currency.
pub async fn statement_sums(tx: &mut Tx, account: &str, span: StatementSpan) -> Result<BTreeMap<Currency, StatementSums>, StoreError> {
    let sql = "SELECT m.currency, m.part, count(*), sum(m.debits), sum(m.credits) FROM (\
               SELECT currency, CASE WHEN created_at < $2 THEN 'before' WHEN created_at < $3 THEN 'within' ELSE 'after' END AS part, \
               CASE WHEN debit = $1 THEN amount ELSE 0 END AS debits, CASE WHEN credit = $1 THEN amount ELSE 0 END AS credits \
               FROM transfers WHERE debit = $1 OR credit = $1) AS m GROUP BY m.currency, m.part";
    let mut found: BTreeMap<Currency, StatementSums> = BTreeMap::new();
    for row in tx.query(sql, &[account.into(), span.start().into(), span.end().into()]).await? {
        let sums = Sums { transfers: row.get(2)?, debits: row.get(3)?, credits: row.get(4)? };
        let entry = found.entry(row.get(0)?).or_default();
        match row.get::<String>(1)?.as_str() {
            "before" => entry.before = sums,
            "within" => entry.within = sums,
            _ => entry.after = sums,
        }
    }
    Ok(found)
}

/// What an account's transfers within the span add up to, up to and with the one of this number.
pub async fn sums_up_to(tx: &mut Tx, account: &str, currency: Currency, span: StatementSpan, id: i64) -> Result<Sums, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(CASE WHEN debit = $1 THEN amount ELSE 0 END), 0), \
               coalesce(sum(CASE WHEN credit = $1 THEN amount ELSE 0 END), 0) FROM transfers \
               WHERE (debit = $1 OR credit = $1) AND currency = $2 AND created_at >= $3 AND created_at < $4 AND id <= $5";
    let params: [Value<'_>; 5] = [account.into(), currency.into(), span.start().into(), span.end().into(), id.into()];
    let row = tx.query_one(sql, &params).await?;
    row.map_or(Ok(Sums::default()), |row| Ok(Sums { transfers: row.get(0)?, debits: row.get(1)?, credits: row.get(2)? }))
}

/// An account's transfers within the span behind the one of number `after`, in the order in which they were booked, at most `limit`.
pub async fn posted(
    tx: &mut Tx,
    account: &str,
    currency: Currency,
    span: StatementSpan,
    after: i64,
    limit: i64,
) -> Result<Vec<Posted>, StoreError> {
    // A transfer whose transaction is missing is money all the same.
    let sql = "SELECT t.id, t.created_at, t.leg, t.debit, t.credit, t.amount, t.transaction_id, t.source_event_id, x.source_event_type, \
               x.related_id, x.occurred_at FROM transfers t LEFT JOIN transactions x ON x.source_event_id = t.source_event_id \
               WHERE (t.debit = $1 OR t.credit = $1) AND t.currency = $2 AND t.created_at >= $3 AND t.created_at < $4 AND t.id > $5 \
               ORDER BY t.id LIMIT $6";
    let params: [Value<'_>; 6] = [account.into(), currency.into(), span.start().into(), span.end().into(), after.into(), limit.into()];
    let rows = tx.query(sql, &params).await?;
    rows.iter()
        .map(|row| {
            Ok(Posted {
                id: row.get(0)?,
                created_at: row.get(1)?,
                leg: row.get(2)?,
                debit: row.get(3)?,
                credit: row.get(4)?,
                amount: row.get(5)?,
                transaction_id: row.get(6)?,
                source_event_id: row.get(7)?,
                source_event_type: row.get(8)?,
                related_id: row.get(9)?,
                occurred_at: row.get(10)?,
            })
        })
        .collect()
}

/// What an account of this name is, where it is one of the chart of accounts.
pub fn kind_of(account: &str) -> Option<AccountKind> {
    account.parse::<Account>().ok().map(|account| account.kind())
}

impl StatementSpan {
    fn start(self) -> Timestamp {
        self.from.unwrap_or_default()
    }

    fn end(self) -> Timestamp {
        self.to.unwrap_or_else(end_of_time)
    }
}

impl Sums {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            transfers: self.transfers.saturating_add(other.transfers),
            debits: self.debits.saturating_add(other.debits),
            credits: self.credits.saturating_add(other.credits),
        }
    }
}
