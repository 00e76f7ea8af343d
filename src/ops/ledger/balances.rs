use serde::Serialize;

use crate::domain::{Account, Currency, MerchantId, Money, Timestamp};
use crate::ops::span::clock;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::accounting::query::{self, BalanceView, EntryFilter, EntryView, TrialTotal};

/// What is in every account.
#[derive(Debug, Clone, Serialize)]
pub struct Balances {
    /// By account and currency.
    pub balances: Vec<BalanceView>,
    /// Debits and credits of all accounts together, by currency; absent where only one merchant's were asked for.
    pub totals: Vec<TrialTotal>,
}

/// The balances of one merchant's accounts, or of all accounts with their totals.
pub async fn balances(reader: &Reader, merchant: Option<MerchantId>) -> Result<Balances, OpsError> {
    reader
        .store
        .read(async move |tx| match merchant {
            Some(merchant) => Ok(Balances { balances: query::balances_of(tx, merchant).await?, totals: Vec::new() }),
            None => Ok(Balances { balances: query::balances(tx).await?, totals: query::trial_balance(tx).await?.totals }),
        })
        .await
}

impl Report for Balances {
    const LISTS: &'static [&'static str] = &["balances"];
    const NAMES: Option<&'static str> = Some("accounts");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["ACCOUNT", "??KIND", "?>DEBITS", "?>CREDITS", ">BALANCE", "CURRENCY"]);
        for row in &self.balances {
            let major = |minor| Money::new(minor, row.currency).major();
            table.push([
                row.account.clone(),
                row.kind.as_str().to_owned(),
                major(row.debits),
                major(row.credits),
                major(row.balance),
                row.currency.to_string(),
            ]);
        }
        table.notes.extend(self.totals.iter().map(foot));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.balances.iter().map(|row| row.account.clone()).collect()
    }
}

/// Entries of the books.
#[derive(Debug, Clone, Serialize)]
pub struct Entries {
    /// Newest first.
    pub entries: Vec<EntryView>,
    #[serde(skip)]
    now: Timestamp,
}

/// The newest entries that match.
pub async fn entries(reader: &Reader, filter: EntryFilter) -> Result<Entries, OpsError> {
    reader.store.read(async move |tx| Ok(Entries { entries: query::entries(tx, &filter).await?, now: tx.now() })).await
}

impl Report for Entries {
    const LISTS: &'static [&'static str] = &["entries"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TIME", "??TRANSACTION", "??LEG", "DEBIT", "CREDIT", ">AMOUNT", "?PAYMENT"]);
        for row in &self.entries {
            table.push([
                clock(row.created_at, self.now),
                row.transaction_id.clone(),
                row.leg.clone(),
                row.debit.clone(),
                row.credit.clone(),
                Money::new(row.amount, row.currency).to_string(),
                row.related_id.clone(),
            ]);
        }
        vec![table]
    }
}

/// Whether the two sides of a currency are equal, said plainly.
pub(super) fn foot(total: &TrialTotal) -> String {
    let (debits, credits) = (major(total.debits, total.currency), major(total.credits, total.currency));
    if total.balanced {
        format!("{}: debits {debits} = credits {credits}, balanced", total.currency)
    } else {
        format!("{}: debits {debits}, credits {credits}: NOT BALANCED; try: payctl verify --id I19", total.currency)
    }
}

/// A sum in major units; one beyond 64 bits shows as the largest amount there is.
pub(super) fn major(minor: impl Into<i128>, currency: Currency) -> String {
    let minor = minor.into();
    let largest = if minor < 0 { i64::MIN } else { i64::MAX };
    Money::new(i64::try_from(minor).unwrap_or(largest), currency).major()
}

/// The account of this name, where the chart of accounts has it.
pub fn parse_account(name: &str) -> Option<String> {
    name.parse::<Account>().ok().map(|account| account.to_string())
}
