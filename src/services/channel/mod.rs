//! channel: talks to Stripe or is the built-in sandbox, and serves the hosted checkout page.

mod provider;

mod checkout;
mod page;

mod live;
mod sandbox;
mod stripe;

mod delivery;
mod event;
mod signature;

mod client;
mod facts;
mod http;
mod pulse;
mod setup;
mod store;

pub mod query;

#[cfg(test)]
mod tests;

pub use client::{GatewayClient, GatewayError, GatewayPayment, IntentNews};
pub use facts::facts;
pub use provider::{Closing, Intent, IntentStatus, NewIntent, Provider, ProviderError, ProviderKind};
pub use setup::build;
pub use signature::sign;

use crate::store::Migration;

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "channel",
    number: 1,
    sqlite: include_str!("../../../migrations/channel/sqlite/0001_init.sql"),
    postgres: include_str!("../../../migrations/channel/postgres/0001_init.sql"),
}];
