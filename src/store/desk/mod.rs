//! What an operator does with dead letters: rows that change in one transaction, with a record in the audit trail.

mod audit;
mod carry_out;
mod cause;
mod deed;
mod dispose;
mod hold;
mod import;
mod order;
mod plan;

pub(crate) use audit::{CONSOLE, audit_event};
pub(crate) use cause::cause_of;
pub use order::{DeskAnswer, DeskOrder, Imported, LeftAlone, NewPlan, Noted, Outcome, PlanState, PlannedEntry, Verdict};
