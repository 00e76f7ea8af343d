//! Counts payments, channels and merchants by UTC day and currency (contract section 8).
//!
//! Deltas of a batch are added up in memory and reach each table in one statement of atomic increments, inside the
//! consumer's transaction; rates and averages are derived when read.

mod consumer;
mod counter;
mod customer;
mod fact;
mod http;
mod metric;
pub mod query;
mod rebuild;
mod tally;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::store::{Migration, StoreError, Tx};

use super::{Fact, Running, ServiceContext, Subject};

pub use metric::{ChannelMetrics, MerchantMetrics, PaymentMetrics, Percent};
pub use rebuild::{CounterDifference, Rebuilt};

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "analytics",
    number: 1,
    sqlite: include_str!("../../../migrations/analytics/sqlite/0001_init.sql"),
    postgres: include_str!("../../../migrations/analytics/postgres/0001_init.sql"),
}];

/// Builds the service.
pub fn build(context: &ServiceContext) -> Running {
    let consumer = consumer::Analytics { ambient: context.ambient.clone() };
    Running { consumer: Some(Arc::new(consumer)), ..Running::new(http::routes(context.store.clone())) }
}

/// What this service knows of a payment.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    fact::of_payment(tx, subject).await
}
