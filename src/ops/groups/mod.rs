//! The consumer groups: who is in them, where they stand, and how an operator sets them elsewhere.

mod list;
mod reset;

pub use list::{GroupDetail, GroupList, GroupRow, describe, list};
pub use reset::{Reset, ResetPartition, ResetPlan, ResetTo, execute, plan};
