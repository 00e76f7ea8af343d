//! The permanent event store as operators read it: which events there are, and what became of one.

mod list;
mod range;
mod show;
mod show_report;
#[cfg(test)]
mod tests;

pub use list::{EventFilter, EventLine, EventList, list};
pub use show::{Application, EventDetail, OnLog, show};
