//! What the books answer: balances, entries, transactions, statements and the trial balance, each from one snapshot.

mod balance;
mod entry;
mod statement;
mod transaction;
mod trial;

pub(super) use balance::balances_after;
pub use balance::{BalanceView, balances, balances_named, balances_of};
pub(super) use entry::legs_of;
pub use entry::{EntryFilter, EntryView, entries};
pub use statement::{Posted, StatementSpan, StatementSums, Sums, kind_of, posted, statement_sums, sums_as_of, sums_up_to};
pub use transaction::{TransactionFilter, TransactionView, transactions};
pub use trial::{TrialBalance, TrialRow, TrialTotal, totals, trial_balance};
