//! The log on Kafka: the only place that names its client library.
//!
//! Where a group stands is kept in the database, with the effects; Kafka only says which partitions are whose, and its own
//! committed offsets are a mirror for other tools. Each member of a group has one consumer on a thread of its own
//! (`member`), which shares a mailbox of bounded buffers with the group's loop (`mailbox`); whoever changes something there
//! wakes the other. Partitions are assigned only when the loop has said from where to read, and given up when it has said
//! that its open batch is done. Reading without a group (bounds, pages, checks) is one more thread (`reader`);
//! reading whole partitions has a consumer for each time it is done (`scan`).

mod admin;
mod check;
mod config;
mod context;
mod error;
mod foreign;
mod groups;
mod mailbox;
mod member;
mod mirror;
mod producer;
mod reader;
mod reason;
mod record;
mod scan;
mod selftest;
mod session;
mod subscription;

#[cfg(test)]
mod tests;

pub use admin::{Admin, Drift, TopicPlan};
pub use config::{GroupProtocol, KafkaConfig, Sasl, Security};
pub(super) use foreign::read as read_foreign;
pub(super) use groups::{list as list_groups, stand as stand_of};
pub use producer::{PublishError, Publisher};
pub(super) use reader::Reader;
pub(super) use scan::{KafkaScan, scan};
pub use selftest::{Roundtrip, round_trips};
pub(super) use subscription::KafkaSubscription;
