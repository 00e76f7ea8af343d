//! `events replay`: every projection rebuilt from the event store alone, beside the live tables and on one snapshot.
//!
//! Memory does not grow with the number of events: payments and orders are compared page by page in the order of their keys,
//! bookings batch by batch in the order of the events. What stays in memory are account balances and counters, of which there are
//! as many as rows.

mod batch;
mod books;
mod difference;
mod orders;
mod payments;
mod report;
mod run;
#[cfg(test)]
mod tests;

pub use difference::{Difference, Projection};
pub use report::{Rebuilt, Replay};
pub use run::replay;
