use serde::Serialize;

use crate::domain::Account::{MerchantAvailable, MerchantPending, WithdrawalHold};
use crate::domain::{AccountKind, Currency, MerchantId, Timestamp};
use crate::store::{FromValue, Row, StoreError, Tx, Value};

/// Rows read at a time where a whole table is walked.
const PAGE: i64 = 1000;

/// An account in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BalanceView {
    /// As the contract names it: `merchant_pending:<merchant>`.
    pub account: String,
    /// The currency of all its figures.
    pub currency: Currency,
    /// Asset, liability, income or expense.
    pub kind: AccountKind,
    /// Whose account it is; none on the platform's own.
    pub merchant_id: Option<MerchantId>,
    /// Everything ever debited, minor units.
    pub debits: i64,
    /// Everything ever credited, minor units.
    pub credits: i64,
    /// What is left on the side on which the account grows.
    pub balance: i64,
    /// Counts the batches that moved it.
    pub version: i64,
    /// When it was moved last.
    pub updated_at: Timestamp,
}

/// Every account in every currency, by name.
pub async fn balances(tx: &mut Tx) -> Result<Vec<BalanceView>, StoreError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = balances_after(tx, after.as_ref()).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some((last.account.clone(), last.currency));
        all.extend(page);
    }
}

/// The accounts behind one name and currency, a page of them, by name; empty at the end.
pub(in crate::services::accounting) async fn balances_after(
    tx: &mut Tx,
    after: Option<&(String, Currency)>,
) -> Result<Vec<BalanceView>, StoreError> {
    let (account, currency) = after.map_or(("", String::new()), |(account, currency)| (account, currency.to_string()));
    let rows = tx
        .query(
            "SELECT account, currency, kind, merchant_id, debits_posted, credits_posted, version, updated_at FROM accounts \
             WHERE (account, currency) > ($1, $2) ORDER BY account, currency LIMIT $3",
            &[account.into(), (&currency).into(), PAGE.into()],
        )
        .await?;
    rows.iter().map(balance_from).collect()
}

/// The accounts of one merchant, by name.
pub async fn balances_of(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<BalanceView>, StoreError> {
    let rows = tx
        .query(
            "SELECT account, currency, kind, merchant_id, debits_posted, credits_posted, version, updated_at FROM accounts \
             WHERE account IN ($1, $2, $3) ORDER BY account, currency",
            &[
                MerchantAvailable(merchant).to_string().into(),
                MerchantPending(merchant).to_string().into(),
                WithdrawalHold(merchant).to_string().into(),
            ],
        )
        .await?;
    rows.iter().map(balance_from).collect()
}

/// One account, in each currency that it has been moved in.
pub async fn balances_named(tx: &mut Tx, account: &str) -> Result<Vec<BalanceView>, StoreError> {
    let rows = tx
        .query(
            "SELECT account, currency, kind, merchant_id, debits_posted, credits_posted, version, updated_at FROM accounts \
             WHERE account = $1 ORDER BY currency",
            &[account.into()],
        )
        .await?;
    rows.iter().map(balance_from).collect()
}

fn balance_from(row: &Row) -> Result<BalanceView, StoreError> {
    let kind: AccountKind = row.get(2)?;
    let (debits, credits) = (row.get(4)?, row.get(5)?);
    Ok(BalanceView {
        account: row.get(0)?,
        currency: row.get(1)?,
        kind,
        merchant_id: row.get(3)?,
        debits,
        credits,
        balance: kind.balance(debits, credits),
        version: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

impl FromValue for AccountKind {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { Self::parse(text) } else { None }
    }
}
