//! Keeps the books in double entry: money that other services say has moved is booked, once and for good.
//!
//! An event becomes one transaction of one or more transfers, each of which debits one account and credits another of the
//! same currency. `transactions.source_event_id` is unique, so an event that comes a second time books nothing, whatever
//! else remembers it; `accounts` holds the sums of `transfers`, moved once per account and batch.

mod announce;
mod booking;
mod consumer;
mod effect;
mod export;
mod facts;
mod http;
mod movement;
pub mod query;
mod rebuild;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::store::Migration;

use super::{Running, ServiceContext};

use consumer::AccountingConsumer;
pub use effect::{effects, owes_effect};
pub use export::{ExportError, ExportFormat, ExportSummary, export};
pub use facts::facts;
pub use rebuild::{PostedLeg, Posting, posting_of};

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "accounting",
    number: 1,
    sqlite: include_str!("../../../migrations/accounting/sqlite/0001_init.sql"),
    postgres: include_str!("../../../migrations/accounting/postgres/0001_init.sql"),
}];

/// Builds the service.
pub fn build(context: &ServiceContext) -> Running {
    Running { consumer: Some(Arc::new(AccountingConsumer::new(context.ambient.clone()))), ..Running::new(http::routes(&context.store)) }
}
