//! How far each group is behind: in records, in time and in money, and why it does not move.

mod gather;
mod judge;
mod missed;
mod report;
mod unpublished;

#[cfg(test)]
mod tests;

pub use gather::lag;
pub use report::{By, GroupLag, LagReport, MailLag, NextRecord, OutboxLag, PartitionLag, RefusedEvent, Status};
