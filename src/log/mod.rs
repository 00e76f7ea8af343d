//! The event log behind one small interface: topics, partitions, offsets, reading, and a group's subscription.
//!
//! The delivery contract: a subscription hands out the records of each assigned partition in order, from the offset that
//! the caller sought to, again and again until the caller moves on; where a group stands is the caller's to keep (in the
//! database, in the transaction of its effects). On the embedded log publishing is committing: the log is the table
//! `events`, an offset is its sequence (so offsets of a partition have gaps), and records are never removed. On Kafka the
//! relay publishes what was committed, and partitions come and go between the members of a group.

mod delivery;
mod embedded;
mod foreign;
mod handle;
mod kafka;
mod scan;

pub use delivery::{Bounds, Delivery, LogError, Standing};
pub use foreign::{BrokerCommit, BrokerGroup, ForeignPage, ForeignRecord, GroupState};
pub use handle::{EventLog, Subscription};
pub use kafka::{Admin, Drift, GroupProtocol, KafkaConfig, PublishError, Publisher, Roundtrip, Sasl, Security, TopicPlan, round_trips};
pub use scan::PartitionScan;
