//! `trace`: one timeline of a payment over gateway, log, groups, books and mail, with what is missing and a verdict.

mod gather;
mod judge;
mod report;
mod step;

#[cfg(test)]
mod tests;

pub use gather::trace;
pub use judge::{Verdict, VerdictState};
pub use report::{Trace, Traced};
pub use step::{Read, Step, StepState};
