use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::Account::{self, MerchantAvailable, MerchantPending, WithdrawalHold};
use crate::domain::{AccountKind, Currency, MerchantId, Timestamp};
use crate::ops::{OpsError, Reader};
use crate::services::accounting::query::{self, BalanceView, Posted, StatementSpan, StatementSums, Sums, kind_of};
use crate::store::{StoreError, Tx};

/// Whose statement is wanted.
#[derive(Debug, Clone)]
pub enum Holder {
    /// One account's.
    Account(Account),
    /// Those of all accounts that are kept for a merchant.
    Merchant(MerchantId),
}

/// Which statement is wanted.
#[derive(Debug, Clone)]
pub struct StatementQuery {
    /// Whose.
    pub holder: Holder,
    /// Over which time.
    pub span: StatementSpan,
    /// Only in this currency.
    pub currency: Option<Currency>,
    /// Only transfers of higher numbers are shown; what lies before them is brought forward.
    pub after: Option<i64>,
    /// At most so many transfers an account and currency.
    pub limit: i64,
}

/// Statements, one an account and currency.
#[derive(Debug, Clone, Serialize)]
pub struct Statement {
    /// By account and currency; an account without a row and without transfers has none.
    pub statements: Vec<AccountStatement>,
    /// Transfers booked at this time or later.
    pub from: Option<Timestamp>,
    /// Transfers booked before this time.
    pub to: Option<Timestamp>,
    /// Whether every account's row says what its transfers add up to.
    pub agrees: bool,
    /// When it was read.
    pub at: Timestamp,
    #[serde(skip)]
    pub(super) holder: String,
}

/// An account in one currency; all figures are minor units, balances on the side on which the account grows.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStatement {
    /// As the contract names it.
    pub account: String,
    /// Of all its figures.
    pub currency: Currency,
    /// Asset, liability, income or expense.
    pub kind: AccountKind,
    /// When the time begins.
    pub opening_balance: i64,
    /// Where the first line shown sets out: the opening balance and the lines that were passed over.
    pub brought_forward: i64,
    /// In the order in which they were booked.
    pub lines: Vec<StatementLine>,
    /// All transfers of that time, shown or not.
    pub moved: Sums,
    /// How many of them come behind the last one shown.
    pub not_shown: i64,
    /// Where the next part begins: as `--after`; `None` where everything is shown.
    pub next: Option<i64>,
    /// When the time is over.
    pub closing_balance: i64,
    /// What was booked when the time was over.
    pub later: Sums,
    /// What the account's row says now; `None` where there is none.
    pub account_row: Option<AccountRow>,
    /// By how much the row says more than all transfers add up to; `None` where they agree.
    pub difference: Option<Difference>,
}

/// What an account says of itself.
#[derive(Debug, Clone, Serialize)]
pub struct AccountRow {
    /// Everything ever debited.
    pub debits: i64,
    /// Everything ever credited.
    pub credits: i64,
    /// What is left.
    pub balance: i64,
    /// When it was moved last.
    pub updated_at: Timestamp,
}

/// The account's row less what its transfers add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of the debits.
    pub debits: i64,
    /// Of the credits.
    pub credits: i64,
    /// Of the balance.
    pub balance: i64,
}

/// One transfer.
#[derive(Debug, Clone, Serialize)]
pub struct StatementLine {
    /// Its number.
    pub id: i64,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// When what it books has happened; unknown where its transaction is missing.
    pub occurred_at: Option<Timestamp>,
    /// `payment_gross` and the like.
    pub kind: String,
    /// Where the money came from, or went.
    pub counter_account: String,
    /// Whether this account is debited rather than credited.
    pub is_debit: bool,
    /// Always positive.
    pub amount: i64,
    /// The account's balance after it.
    pub balance: i64,
    /// The payment that it books; unknown where its transaction is missing.
    pub payment_no: Option<String>,
    /// `TX…`
    pub transaction_id: String,
    /// The event that it books.
    pub event_id: String,
    /// That event's type; unknown where its transaction is missing.
    pub event_type: Option<String>,
}

impl Holder {
    fn accounts(&self) -> Vec<String> {
        match self {
            Self::Account(account) => vec![account.to_string()],
            Self::Merchant(merchant) => [MerchantPending(*merchant), MerchantAvailable(*merchant), WithdrawalHold(*merchant)]
                .map(|account| account.to_string())
                .into(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Account(account) => account.to_string(),
            Self::Merchant(merchant) => format!("the accounts of merchant {merchant}"),
        }
    }
}

/// The statement, on one snapshot.
pub async fn statement(reader: &Reader, wanted: StatementQuery) -> Result<Statement, OpsError> {
    let reading = async move |tx: &mut Tx| {
        let mut statements = Vec::new();
        for account in wanted.holder.accounts() {
            let rows = query::balances_named(tx, &account).await?;
            let mut sums = query::statement_sums(tx, &account, wanted.span).await?;
            let mut rows: BTreeMap<Currency, BalanceView> = rows.into_iter().map(|row| (row.currency, row)).collect();
            let currencies: BTreeSet<Currency> = rows.keys().chain(sums.keys()).copied().collect();
            for currency in currencies.into_iter().filter(|currency| wanted.currency.is_none_or(|only| only == *currency)) {
                let (row, sums) = (rows.remove(&currency), sums.remove(&currency).unwrap_or_default());
                statements.push(of_account(tx, &account, currency, row, sums, &wanted).await?);
            }
        }
        let agrees = statements.iter().all(|one| one.difference.is_none());
        let StatementSpan { from, to } = wanted.span;
        Ok::<_, StoreError>(Statement { statements, from, to, agrees, at: tx.now(), holder: wanted.holder.words() })
    };
    Ok(reader.store.read(reading).await?)
}

async fn of_account(
    tx: &mut Tx,
    account: &str,
    currency: Currency,
    row: Option<BalanceView>,
    sums: StatementSums,
    wanted: &StatementQuery,
) -> Result<AccountStatement, StoreError> {
    // Every name that is asked for is of the chart of accounts.
    let kind = row.as_ref().map(|row| row.kind).or_else(|| kind_of(account)).ok_or(StoreError::Column(0))?;
    let passed = match wanted.after {
        Some(after) => query::sums_up_to(tx, account, currency, wanted.span, after).await?,
        None => Sums::default(),
    };
    let posted = query::posted(tx, account, currency, wanted.span, wanted.after.unwrap_or(0), wanted.limit).await?;
    let balance = |sums: Sums| kind.balance(sums.debits, sums.credits);
    let all = sums.before.plus(sums.within).plus(sums.after);
    let mut running = sums.before.plus(passed);
    let brought_forward = balance(running);
    let lines: Vec<StatementLine> = posted
        .into_iter()
        .map(|posted| {
            running = running.plus(sums_on(account, &posted));
            line(account, posted, balance(running))
        })
        .collect();
    let closed = sums.before.plus(sums.within);
    let not_shown = closed.transfers.saturating_sub(running.transfers);
    let row = row.map(|row| AccountRow { debits: row.debits, credits: row.credits, balance: row.balance, updated_at: row.updated_at });
    Ok(AccountStatement {
        account: account.to_owned(),
        currency,
        kind,
        opening_balance: balance(sums.before),
        brought_forward,
        moved: sums.within,
        not_shown,
        next: lines.last().map(|line| line.id).filter(|_| not_shown > 0),
        lines,
        closing_balance: balance(closed),
        later: sums.after,
        difference: difference(row.as_ref(), all, kind),
        account_row: row,
    })
}

/// A missing row says nothing, which is wrong as soon as there is a transfer.
fn difference(row: Option<&AccountRow>, all: Sums, kind: AccountKind) -> Option<Difference> {
    let (debits, credits) = row.map_or((0, 0), |row| (row.debits, row.credits));
    let said = Difference {
        debits: debits.saturating_sub(all.debits),
        credits: credits.saturating_sub(all.credits),
        balance: kind.balance(debits, credits).saturating_sub(kind.balance(all.debits, all.credits)),
    };
    (said.debits != 0 || said.credits != 0).then_some(said)
}

/// What a transfer does to one of its two accounts.
fn sums_on(account: &str, posted: &Posted) -> Sums {
    let side = |own: &str| if own == account { posted.amount } else { 0 };
    Sums { transfers: 1, debits: side(&posted.debit), credits: side(&posted.credit) }
}

fn line(account: &str, posted: Posted, balance: i64) -> StatementLine {
    let is_debit = posted.debit == account;
    StatementLine {
        id: posted.id,
        booked_at: posted.created_at,
        occurred_at: posted.occurred_at,
        kind: posted.leg,
        counter_account: if is_debit { posted.credit } else { posted.debit },
        is_debit,
        amount: posted.amount,
        balance,
        payment_no: posted.related_id,
        transaction_id: posted.transaction_id,
        event_id: posted.source_event_id,
        event_type: posted.source_event_type,
    }
}
