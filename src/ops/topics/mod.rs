//! What lies on the log: the catalogue, and the records themselves, read without joining any group.

mod catalogue;
mod describe;
mod init;
mod line;
mod query;
mod source;
mod tail;

#[cfg(test)]
mod tests;

pub use catalogue::{TopicList, TopicRow, list};
pub use describe::{PartitionRow, TopicDetail, describe};
pub use init::{Missing, TopicDrift, TopicState, TopicsState, init};
pub(in crate::ops) use line::masked;
pub use line::{TAIL_HEADERS, TailRecord, Undecodable};
pub use query::TailQuery;
pub use tail::{Tail, TailFooter, TailPage};
