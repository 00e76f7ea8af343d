//! The books: balances, the trial balance, entries, statements of accounts, and the export for other programs.

mod balances;
mod export;
mod statement;
mod statement_report;
#[cfg(test)]
mod tests;
mod trial;

pub use balances::{Balances, Entries, balances, entries, parse_account};
pub use export::export;
pub use statement::{AccountRow, AccountStatement, Difference, Holder, Statement, StatementLine, StatementQuery, statement};
pub use trial::{TrialAccount, TrialReport, trial_balance};
