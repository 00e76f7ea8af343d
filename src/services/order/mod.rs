//! Keeps the merchants' orders: made over HTTP or by a payment's first event, paid only by a success that fits.
//!
//! A payment that does not fit its order is never an error: the money has moved, so it is put up for review, and the
//! order stays as it is. A handler books from what its event carries and waits for no other topic.

mod change;
mod client;
mod consumer;
mod facts;
mod fold;
mod http;
mod orders;
mod pay;
pub mod query;
mod request;
mod review;
mod row;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::store::Migration;

use super::{Running, Service, ServiceContext};

use client::HttpGateway;
use consumer::OrderConsumer;
pub use facts::facts;
use orders::Orders;

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "order",
    number: 1,
    sqlite: include_str!("../../../migrations/order/sqlite/0001_init.sql"),
    postgres: include_str!("../../../migrations/order/postgres/0001_init.sql"),
}];

/// Builds the service.
pub fn build(context: &ServiceContext) -> Running {
    let gateway = Arc::new(HttpGateway::new(context.url(Service::Gateway)));
    let orders = Orders { store: context.store.clone(), ambient: context.ambient.clone(), gateway };
    Running { consumer: Some(Arc::new(OrderConsumer::new(context.ambient.clone()))), ..Running::new(http::routes(Arc::new(orders))) }
}
