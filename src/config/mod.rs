//! Everything that comes from around the process: defaults, file, environment, flags, clock and randomness.
//!
//! Defaults < `payctl.toml` < environment < flags, merged once by [`load`]; nothing below this module reads the environment.

mod ambient;
mod check;
mod database;
mod database_url;
mod environment;
mod error;
mod file;
mod inputs;
mod kafka;
mod load;
mod name;
mod origin;
mod secret;
mod seed;
mod setting;
mod settings;
mod value;

#[cfg(test)]
mod profile_tests;
#[cfg(test)]
mod tests;

pub use ambient::Ambient;
pub use database::{DatabaseConfig, DatabaseServer, SslMode};
pub use environment::fail_point;
pub use error::ConfigError;
pub use inputs::{Flags, Inputs, Purpose};
pub use kafka::{GroupProtocol, KafkaConfig, Sasl, Security};
pub use load::{KnownProfile, Loaded, load};
pub use name::nearest;
pub use origin::{Origin, Setting};
pub use secret::Secret;
pub use seed::{SEEDED_API_KEYS, SEEDED_MERCHANT};
pub use setting::{Fallback, Kind, SETTINGS, Spec};
pub use settings::{
    Config, GatewayConfig, LogConfig, LogFormat, MailSink, NotificationConfig, Profile, SmtpConfig, SmtpTls, StripeConfig, TraceConfig,
    UrlConfig,
};
