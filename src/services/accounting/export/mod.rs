//! The books as a plain-text ledger, for checkers that are not ours: every account and currency declared, every
//! transaction dated, and every balance asserted at the end from `accounts`, which those checkers then recompute.

mod beancount;
mod hledger;
mod journal;
mod transaction;

pub use journal::{ExportError, ExportFormat, ExportSummary, export};
