//! What the books answer: balances, entries, transactions and the trial balance, each from one snapshot.

mod balance;
mod entry;
mod transaction;
mod trial;

pub(super) use balance::balances_after;
pub use balance::{BalanceView, balances, balances_of};
pub(super) use entry::legs_of;
pub use entry::{EntryFilter, EntryView, entries};
pub use transaction::{TransactionFilter, TransactionView, transactions};
pub use trial::{TrialBalance, TrialRow, TrialTotal, trial_balance};
