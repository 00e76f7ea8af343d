//! How services run: supervisor, consumer loop, HTTP server, health, shutdown.

mod consumer;
mod error;
mod health;
mod observe;
mod secrets;
mod server;
mod signal;
mod supervisor;

pub use error::StartError;
pub use secrets::webhook_secret;
pub use signal::Shutdown;
pub use supervisor::{Platform, start};
