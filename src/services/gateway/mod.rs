//! Takes payments and the channel's webhooks, and says where each payment stands.
//!
//! A create, its event and its idempotency key commit together, in groups ([`ingest`]); a webhook is stored first, answered,
//! and applied afterwards ([`inbox`], [`fold`]). Every change of a payment goes through [`change`]: the state machine
//! decides, and the row and its event commit together.

mod assembly;
mod backoff;
mod cancel;
mod change;
mod client;
mod create;
mod expiry;
mod facts;
mod filter;
mod find;
mod fold;
pub mod history;
mod http;
mod idempotency;
mod inbox;
mod inbox_worker;
mod ingest;
mod intake;
mod intent;
mod merchant;
mod overview;
mod payment;
pub mod query;
mod refusal;
mod remembered;
mod request;
mod retention;
mod risk;
mod service;
mod signature;
mod store;
mod stripe_event;
#[cfg(test)]
mod tests;
mod web_address;

use crate::store::Migration;

use super::{Running, ServiceContext};

pub use client::{ChannelClient, ChannelState, ChannelUnreachable};
pub use facts::facts;
pub use merchant::{default_keys_present, seed_development};
pub use payment::Payment;
pub use remembered::{Remembered, remembered};
pub use risk::{AllowAll, RiskCheck, RiskDecision, RiskRequest};

/// The tables of this service.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "gateway",
        number: 1,
        sqlite: include_str!("../../../migrations/gateway/sqlite/0001_init.sql"),
        postgres: include_str!("../../../migrations/gateway/postgres/0001_init.sql"),
    },
    Migration {
        owner: "gateway",
        number: 2,
        sqlite: include_str!("../../../migrations/gateway/sqlite/0002_find.sql"),
        postgres: include_str!("../../../migrations/gateway/postgres/0002_find.sql"),
    },
    Migration {
        owner: "gateway",
        number: 3,
        sqlite: include_str!("../../../migrations/gateway/sqlite/0003_open.sql"),
        postgres: include_str!("../../../migrations/gateway/postgres/0003_open.sql"),
    },
    Migration {
        owner: "gateway",
        number: 4,
        sqlite: include_str!("../../../migrations/gateway/sqlite/0004_statistics.sql"),
        postgres: include_str!("../../../migrations/gateway/postgres/0004_statistics.sql"),
    },
];

/// Builds the service.
pub fn build(context: &ServiceContext) -> Running {
    assembly::build(context)
}
