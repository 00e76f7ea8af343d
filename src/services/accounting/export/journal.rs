use std::io::{self, Write};

use chrono::{Days, NaiveDate};

use crate::domain::{Account, Currency, Money, Timestamp, utc_date};
use crate::services::accounting::query::{BalanceView, balances_after};
use crate::store::{Row, StoreError, Tx};

use super::transaction::{JournalLeg, Transaction};
use super::{beancount, hledger};

/// Transactions read at a time: the export takes no more memory for larger books.
const PAGE: i64 = 500;

/// Which program is to read the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// hledger and ledger.
    Hledger,
    /// beancount and fava.
    Beancount,
}

/// What went out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Transactions written.
    pub transactions: u64,
    /// Balances asserted: accounts, once in each of their currencies.
    pub balances: u64,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The books could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text could not be written.
    #[error("the export cannot be written")]
    Io(#[from] io::Error),
    /// A row names an account that the contract does not know.
    #[error("{0} is no account of the books")]
    Account(String),
}

impl ExportFormat {
    fn head(self, out: &mut dyn Write, first: NaiveDate, currencies: &[Currency]) -> io::Result<()> {
        match self {
            Self::Hledger => hledger::head(out, currencies),
            Self::Beancount => beancount::head(out, first, currencies),
        }
    }

    fn account(self, out: &mut dyn Write, first: NaiveDate, account: &Account) -> io::Result<()> {
        match self {
            Self::Hledger => hledger::account(out, account),
            Self::Beancount => beancount::account(out, first, account),
        }
    }

    fn transaction(self, out: &mut dyn Write, transaction: &Transaction) -> io::Result<()> {
        match self {
            Self::Hledger => hledger::transaction(out, transaction),
            Self::Beancount => beancount::transaction(out, transaction),
        }
    }

    fn assertions_head(self, out: &mut dyn Write, last: NaiveDate) -> io::Result<()> {
        match self {
            Self::Hledger => hledger::assertions_head(out, last),
            Self::Beancount => writeln!(out),
        }
    }

    fn assertion(self, out: &mut dyn Write, last: NaiveDate, account: &Account, balance: Money) -> io::Result<()> {
        match self {
            Self::Hledger => hledger::assertion(out, account, balance),
            // A balance holds at the start of its day there.
            Self::Beancount => beancount::assertion(out, last.checked_add_days(Days::new(1)).unwrap_or(last), account, balance),
        }
    }
}

/// Writes the whole books to `out` in `format`, from one snapshot, page by page.
pub async fn export(tx: &mut Tx, format: ExportFormat, out: &mut dyn Write) -> Result<ExportSummary, ExportError> {
    let mut summary = ExportSummary::default();
    let currencies = currencies(tx).await?;
    let first = tx.query_one("SELECT min(occurred_at) FROM transactions", &[]).await?;
    let first = first.map(|row| row.get::<Option<Timestamp>>(0)).transpose()?.flatten().map(utc_date);
    // Without a transaction there is no account either, and nothing to say but that.
    let first = first.unwrap_or_default();
    format.head(out, first, &currencies)?;
    write_accounts(tx, format, out, first).await?;
    let last = write_transactions(tx, format, out, first, &mut summary).await?;
    if summary.transactions > 0 {
        format.assertions_head(out, last)?;
        write_assertions(tx, format, out, last, &mut summary).await?;
    }
    out.flush()?;
    Ok(summary)
}

async fn currencies(tx: &mut Tx) -> Result<Vec<Currency>, StoreError> {
    let rows = tx.query("SELECT DISTINCT currency FROM accounts ORDER BY currency", &[]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

async fn write_accounts(tx: &mut Tx, format: ExportFormat, out: &mut dyn Write, first: NaiveDate) -> Result<(), ExportError> {
    let mut after: Option<(String, Currency)> = None;
    loop {
        let page = balances_after(tx, after.as_ref()).await?;
        if page.is_empty() {
            return Ok(());
        }
        for balance in page {
            // An account has a row for each of its currencies, one after the other.
            if after.as_ref().is_none_or(|(account, _)| *account != balance.account) {
                format.account(out, first, &account(&balance.account)?)?;
            }
            after = Some((balance.account, balance.currency));
        }
    }
}

/// The date of the last transaction.
async fn write_transactions(
    tx: &mut Tx,
    format: ExportFormat,
    out: &mut dyn Write,
    first: NaiveDate,
    summary: &mut ExportSummary,
) -> Result<NaiveDate, ExportError> {
    let (mut last, mut after) = (first, String::new());
    loop {
        let rows = tx
            .query(
                "SELECT x.transaction_id, x.source_event_id, x.description, x.occurred_at, t.debit, t.credit, t.amount, t.currency \
                 FROM (SELECT * FROM transactions WHERE transaction_id > $1 ORDER BY transaction_id LIMIT $2) x \
                 LEFT JOIN transfers t ON t.source_event_id = x.source_event_id ORDER BY x.transaction_id, t.id",
                &[(&after).into(), PAGE.into()],
            )
            .await?;
        let page = transactions(&rows)?;
        let Some(end) = page.last() else { return Ok(last) };
        after.clone_from(&end.number);
        for transaction in &page {
            last = last.max(transaction.date);
            format.transaction(out, transaction)?;
            summary.transactions += 1;
        }
    }
}

async fn write_assertions(
    tx: &mut Tx,
    format: ExportFormat,
    out: &mut dyn Write,
    last: NaiveDate,
    summary: &mut ExportSummary,
) -> Result<(), ExportError> {
    let mut after: Option<(String, Currency)> = None;
    loop {
        let page = balances_after(tx, after.as_ref()).await?;
        if page.is_empty() {
            return Ok(());
        }
        for BalanceView { account: name, currency, debits, credits, .. } in page {
            format.assertion(out, last, &account(&name)?, Money::new(debits - credits, currency))?;
            summary.balances += 1;
            after = Some((name, currency));
        }
    }
}

/// Puts the legs of each transaction together; they come one after the other.
fn transactions(rows: &[Row]) -> Result<Vec<Transaction>, ExportError> {
    let mut found: Vec<Transaction> = Vec::new();
    for row in rows {
        let number: String = row.get(0)?;
        if found.last().is_none_or(|last| last.number != number) {
            found.push(Transaction {
                number,
                source_event_id: row.get(1)?,
                description: row.get(2)?,
                date: utc_date(row.get(3)?),
                legs: Vec::new(),
            });
        }
        if let (Some(transaction), Some(debit)) = (found.last_mut(), row.get::<Option<String>>(4)?) {
            let leg = JournalLeg {
                debit: account(&debit)?,
                credit: account(&row.get::<String>(5)?)?,
                amount: Money::new(row.get(6)?, row.get(7)?),
            };
            transaction.legs.push(leg);
        }
    }
    Ok(found)
}

fn account(name: &str) -> Result<Account, ExportError> {
    name.parse().map_err(|_| ExportError::Account(name.to_owned()))
}
