//! The invariants, checked on one snapshot of a live system: the one checker that operators, tests and fault runs all call.

mod found;
mod invariants;
mod report;
mod run;
mod topic;

#[cfg(test)]
mod tests;

pub use invariants::{INVARIANTS, Invariant};
pub use report::{Checked, Verdict, Verification, Violation};
pub use run::verify;
pub use topic::{TopicFinding, TopicVerified, TopicsVerified, verify_topics};
