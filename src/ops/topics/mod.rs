//! What lies on the log: the catalogue, and the records themselves, read without joining any group.

mod catalogue;
mod condition;
mod describe;
mod expand;
mod found;
mod headers;
mod init;
mod line;
mod masked;
mod plain_line;
mod produce;
mod query;
mod range;
mod source;
mod tail;

#[cfg(test)]
mod tests;

pub use catalogue::{TopicList, TopicRow, list};
pub use condition::Condition;
pub use describe::{PartitionRow, TopicDetail, describe};
pub use headers::Headers;
pub use init::{Missing, TopicDrift, TopicState, TopicsState, init};
pub use line::{RawRecord, TAIL_HEADERS, TailRecord, Undecodable};
pub use masked::Masked;
pub use produce::{ProducePartition, ProducePlan, Produced, UnreadLine, plan_produce, produce};
pub use query::TailQuery;
pub use tail::{Tail, TailFooter, TailPage};
