use crate::event::{Record, TopicPartition};
use crate::store::StoreError;

/// What can go wrong with the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The log cannot be read at present; trying again may help.
    #[error("the log is unavailable: {0}")]
    Unavailable(#[from] StoreError),
}

/// Where a partition begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The offset of the first record that is still there, or `end` when there is none.
    pub start: i64,
    /// The offset that the next record will have at the earliest.
    pub end: i64,
}

/// What a subscription tells its group's loop; a closed set.
#[derive(Debug)]
pub enum Delivery {
    /// The partitions are the caller's now; seek before reading on.
    Assigned(Vec<TopicPartition>),
    /// Records of one partition, in order, never none.
    Records(TopicPartition, Vec<Record>),
}
