use serde::Serialize;

use crate::domain::{AccountKind, Currency, Timestamp, format_timestamp};
use crate::ops::span::clock;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::accounting::query::{self, TrialTotal, kind_of};
use crate::store::{StoreError, Tx};

use super::balances::{foot, major};

/// An account in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialAccount {
    /// As the contract names it: `merchant_pending:<merchant>`.
    pub account: String,
    /// The currency of all its figures.
    pub currency: Currency,
    /// Asset, liability, income or expense; `None` where the chart of accounts does not know it.
    pub kind: Option<AccountKind>,
    /// Everything debited, minor units.
    pub debits: i64,
    /// Everything credited, minor units.
    pub credits: i64,
    /// What is left on the side on which the account grows; `None` where nobody knows which that is.
    pub balance: Option<i64>,
}

/// Every account, and whether debits equal credits.
#[derive(Debug, Clone, Serialize)]
pub struct TrialReport {
    /// By currency and name.
    pub accounts: Vec<TrialAccount>,
    /// By currency.
    pub totals: Vec<TrialTotal>,
    /// Whether debits equal credits in every currency.
    pub balanced: bool,
    /// Only transfers that were booked at this time or before count; `None` for the accounts as they are.
    pub as_of: Option<Timestamp>,
    /// When it was read.
    pub at: Timestamp,
    /// What the figures are: the accounts' own rows, or sums of transfers.
    pub source: &'static str,
}

/// The trial balance: what the accounts' rows say, or at an earlier time what the transfers add up to.
pub async fn trial_balance(reader: &Reader, as_of: Option<Timestamp>) -> Result<TrialReport, OpsError> {
    let reading = async move |tx: &mut Tx| {
        let mut accounts = match as_of {
            Some(as_of) => accounts_as_of(tx, as_of).await?,
            None => accounts_now(tx).await?,
        };
        accounts.sort_by(|one, other| (one.currency, &one.account).cmp(&(other.currency, &other.account)));
        let sides = accounts.iter().map(|account| (account.currency, i128::from(account.debits), i128::from(account.credits)));
        let totals = query::totals(sides);
        let source = if as_of.is_some() { "transfers" } else { "accounts" };
        Ok::<_, StoreError>(TrialReport {
            balanced: totals.iter().all(|total| total.balanced),
            accounts,
            totals,
            as_of,
            at: tx.now(),
            source,
        })
    };
    Ok(reader.store.read(reading).await?)
}

async fn accounts_now(tx: &mut Tx) -> Result<Vec<TrialAccount>, StoreError> {
    let rows = query::balances(tx).await?.into_iter();
    Ok(rows
        .map(|row| TrialAccount {
            account: row.account,
            currency: row.currency,
            kind: Some(row.kind),
            debits: row.debits,
            credits: row.credits,
            balance: Some(row.balance),
        })
        .collect())
}

async fn accounts_as_of(tx: &mut Tx, as_of: Timestamp) -> Result<Vec<TrialAccount>, StoreError> {
    let sums = query::sums_as_of(tx, as_of).await?.into_iter();
    Ok(sums
        .map(|((account, currency), sums)| {
            let kind = kind_of(&account);
            let balance = kind.map(|kind| kind.balance(sums.debits, sums.credits));
            TrialAccount { account, currency, kind, debits: sums.debits, credits: sums.credits, balance }
        })
        .collect())
}

impl Report for TrialReport {
    const LISTS: &'static [&'static str] = &["accounts"];
    const NAMES: Option<&'static str> = Some("accounts");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["ACCOUNT", "?KIND", ">DEBITS", ">CREDITS", "?>BALANCE", "CURRENCY"]);
        for total in &self.totals {
            let currency = total.currency;
            for row in self.accounts.iter().filter(|account| account.currency == currency) {
                table.push([
                    row.account.clone(),
                    row.kind.map_or("-", AccountKind::as_str).to_owned(),
                    major(row.debits, currency),
                    major(row.credits, currency),
                    row.balance.map_or_else(|| "-".to_owned(), |balance| major(balance, currency)),
                    currency.to_string(),
                ]);
            }
            let verdict = if total.balanced { "debits = credits" } else { "DEBITS <> CREDITS" };
            table.push([
                "TOTAL".to_owned(),
                verdict.to_owned(),
                major(total.debits, currency),
                major(total.credits, currency),
                major(total.debits.saturating_sub(total.credits), currency),
                currency.to_string(),
            ]);
        }
        table.notes.extend(self.totals.iter().map(foot));
        if self.totals.is_empty() {
            table.notes.push("nothing is booked".to_owned());
        }
        table.notes.push(match self.as_of {
            Some(as_of) => format!("sums of the transfers that were booked at {} or before", format_timestamp(as_of)),
            None => format!("from the accounts' own rows at {}", clock(self.at, self.at)),
        });
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.accounts.iter().map(|row| row.account.clone()).collect()
    }
}
