use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{AccountKind, Currency};
use crate::store::{StoreError, Tx};

use super::balances_after;

/// One line of the trial balance: an account, with those of all merchants or channels taken together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialRow {
    /// `merchant_pending`, `fee_income` and the like.
    pub account: String,
    /// Its currency.
    pub currency: Currency,
    /// Asset, liability, income or expense.
    pub kind: AccountKind,
    /// Everything ever debited, minor units.
    pub debits: i128,
    /// Everything ever credited, minor units.
    pub credits: i128,
}

/// The foot of the trial balance in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialTotal {
    /// The currency.
    pub currency: Currency,
    /// The sum of all debits.
    pub debits: i128,
    /// The sum of all credits.
    pub credits: i128,
    /// Whether the two are equal; the books are wrong where they are not.
    pub balanced: bool,
}

/// The whole books on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialBalance {
    /// By account and currency.
    pub rows: Vec<TrialRow>,
    /// By currency.
    pub totals: Vec<TrialTotal>,
}

/// What every account has been debited and credited, and whether the two sides are equal.
pub async fn trial_balance(tx: &mut Tx) -> Result<TrialBalance, StoreError> {
    let mut rows: BTreeMap<(String, Currency), TrialRow> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = balances_after(tx, after.as_ref()).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.account.clone(), last.currency));
        for account in page {
            let name = account.account.split(':').next().unwrap_or_default().to_owned();
            let empty = TrialRow { account: name.clone(), currency: account.currency, kind: account.kind, debits: 0, credits: 0 };
            let row = rows.entry((name, account.currency)).or_insert(empty);
            row.debits += i128::from(account.debits);
            row.credits += i128::from(account.credits);
        }
    }
    let totals = totals(rows.values().map(|row| (row.currency, row.debits, row.credits)));
    Ok(TrialBalance { totals, rows: rows.into_values().collect() })
}

/// The foot of these debits and credits, by currency.
pub fn totals(rows: impl IntoIterator<Item = (Currency, i128, i128)>) -> Vec<TrialTotal> {
    let mut totals: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
    for (currency, debits, credits) in rows {
        let total = totals.entry(currency).or_default();
        total.0 += debits;
        total.1 += credits;
    }
    let total = |(currency, (debits, credits))| TrialTotal { currency, debits, credits, balanced: debits == credits };
    totals.into_iter().map(total).collect()
}
