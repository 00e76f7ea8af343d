//! `trace`: one timeline of a payment over gateway, log, groups, books and mail, with what is missing and a verdict.
//!
//! The database tells it, and the log is asked whether it agrees; without a database the log tells what it can ([`from_log`]).

mod alone;
mod ask;
mod confirm;
mod contradiction;
mod database;
mod judge;
mod owed;
mod report;
mod scan;
mod source;
mod step;
mod story;
mod subject;
mod told;
mod visit;

#[cfg(test)]
mod tests;

pub use alone::from_log;
pub use ask::trace;
pub use judge::{Verdict, VerdictState};
pub use report::{Trace, Traced};
pub use source::{Origin, Source};
pub use step::{Read, Step, StepState};
pub(in crate::ops) use told::{Told, applied, readers};
