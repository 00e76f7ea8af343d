//! What operators ask, as plain structs: the console prints them, a screen can draw them.

mod amount;
mod client;
mod client_error;
mod dead_letter;
mod error;
mod group;
mod masking;
mod reader;
mod report;
mod request;
mod source;
mod span;
mod spark;

pub mod bundle;
pub mod dlq;
pub mod events;
pub mod groups;
pub mod lag;
pub mod ledger;
pub mod load;
pub mod merchants;
pub mod metrics;
pub mod orders;
pub mod payment_history;
pub mod payments;
pub mod replay;
pub mod republish;
pub mod selftest;
pub mod status;
pub mod topics;
pub mod trace;
pub mod verify;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod lookup_tests;

pub use amount::Amount;
pub use client::{Client, DeskClient, Fields, Probe};
pub use client_error::ClientError;
pub use dead_letter::DeadLetter;
pub use error::OpsError;
pub use masking::Masking;
pub use reader::Reader;
pub use report::{Align, Column, Report, Table};
pub use request::{Choice, NewPayment, OrderStep};
pub use source::FactSource;
pub use span::short_span;

/// A group's name as the console shows it.
fn short_group(group: &str) -> &str {
    group.rsplit('.').next().unwrap_or(group)
}
