//! From the outbox to the brokers, where the log is Kafka.
//!
//! The delivery contract: what was committed is published at least once, what an aggregate published comes in its order,
//! and a row leaves the outbox in the transaction that notes where its record lies. A shard of the outbox has one owner, by
//! a lease on the database's clock; several processes share the shards. An owner publishes the oldest rows of some at
//! once, waits for every acknowledgement, and settles them under its epochs. After any error it drops what is under way and begins again at the
//! oldest row: a copy is published twice then, which groups see through, but nothing overtakes and nothing is lost.
//!
//! A row that the brokers refuse for its own sake, because it is too large for its topic, is set aside with their reason, and
//! what its aggregate publishes later waits behind it (`carrier`, `refusals`); all others go on. It is tried again from time to time.
//!
//! `outbox` is what the relay needs of the database, `rows` the same on the store, `sink` what it needs of the log, `run`
//! the loop over the shards, `lane` which of them are carried together and when, `share` who holds which.

mod carrier;
mod lane;
mod outbox;
mod refusals;
mod rows;
mod run;
mod share;
mod sink;
mod spans;

#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod tests;

pub use outbox::Outbox;
pub use rows::StoreOutbox;
pub use run::{Relay, RelayStatus};
pub use sink::Sink;
