//! How services run: supervisor, consumer loop, HTTP server, outbox relay, health, shutdown.

mod consumer;
mod desk;
mod error;
mod export;
mod fallback;
mod health;
mod internal;
mod observe;
mod pipeline;
mod relay;
mod secrets;
mod server;
mod signal;
mod supervisor;

pub use error::StartError;
pub use relay::{Outbox, Relay, RelayStatus, Sink, StoreOutbox};
pub use secrets::{internal_token, webhook_secret};
pub use signal::Shutdown;
pub use supervisor::{Platform, start};
