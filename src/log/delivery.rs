use uuid::Uuid;

use crate::event::{Record, TopicPartition};
use crate::store::StoreError;

/// What can go wrong with the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The embedded log cannot be read at present; trying again may help.
    #[error("the log is unavailable: {0}")]
    Unavailable(#[from] StoreError),
    /// The brokers cannot be used at present; trying again may help.
    #[error("the brokers are unavailable: {0}")]
    Broker(String),
    /// The brokers answer, and have not told each other yet of a topic that was just made, or of who leads a partition now;
    /// asking again in a moment helps, unless the topic is not there at all.
    #[error("the brokers are unavailable: {0}")]
    Unsettled(String),
    /// The brokers do not take a record because of what it is: it is too large, or not valid. Others are taken meanwhile.
    #[error("the brokers refuse a record: {0}")]
    Record(String),
    /// Going on would skip, repeat or mix up events: a person must decide. The text names the cure.
    #[error("{0}")]
    Refused(String),
}

/// Where a partition begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The offset of the first record that is still there, or `end` when there is none.
    pub start: i64,
    /// The offset that the next record will have at the earliest.
    pub end: i64,
}

/// Where a group stands in a partition, and what it remembers of the log that it has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The partition.
    pub at: TopicPartition,
    /// The offset it reads next; 0 for a group that has read nothing yet.
    pub next_offset: i64,
    /// The event at the last offset that it has applied.
    pub last_event_id: Option<Uuid>,
    /// The cluster that it has read.
    pub cluster_id: Option<String>,
}

/// What a subscription tells its group's loop; a closed set.
#[derive(Debug)]
pub enum Delivery {
    /// The partitions are the caller's now; seek, or hold, each of them before reading on.
    Assigned(Vec<TopicPartition>),
    /// The partitions are not the caller's any more; release them as soon as no batch of theirs is open.
    Revoked(Vec<TopicPartition>),
    /// Records of one partition, in order, never none.
    Records(TopicPartition, Vec<Record>),
}
