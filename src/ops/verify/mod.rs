//! The invariants, checked on one snapshot of a live system: the one checker that operators, tests and fault runs all call.

mod answers;
mod consumption;
mod found;
mod invariants;
mod left_out;
mod on_topics;
mod reading;
mod report;
mod run;
mod said;
mod settings;
mod topic;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;

pub use answers::{AnswerFault, AnswersVerified, MOST_ANSWERS, verify_answers};
pub use consumption::{Consumed, Consumption, consumption};
pub use invariants::{INVARIANTS, Invariant};
pub use left_out::{LEFT_OUT, LeftOut};
pub use on_topics::verify_all;
pub use report::{Checked, Verdict, Verification, Violation};
pub use run::verify;
pub use topic::{TopicFinding, TopicVerified, TopicsVerified, verify_topics};
