//! How far each group is behind: in records, in time and in money, and why it does not move.

mod brokers;
mod condition;
mod drain;
mod foreign;
mod gather;
mod judge;
mod missed;
mod outbox;
mod pace;
mod partition;
mod rate;
mod report;
mod retention;
mod status;
mod table;
mod unpublished;
mod wanted;
mod watch;

#[cfg(test)]
mod tests;

pub use condition::{Condition, Filter, above, older};
pub use drain::Drain;
pub use foreign::{BrokerLag, BrokerPartition, Foreign};
pub(in crate::ops) use foreign::{TOO_MANY, strangers};
pub use gather::lag;
pub use rate::Rate;
pub use report::{By, GroupLag, LagReport, MailLag, MemberRow, NextRecord, OutboxLag, PartitionLag, RefusedEvent, Source};
pub use status::Status;
pub use wanted::{Looks, Wanted, look, look_without_store};
pub use watch::History;
