//! Whether the platform works: each service by its own word, database and log as read from here, each group.

mod gather;
mod report;

pub use gather::status;
pub use report::{Part, PartKind, PartState, StatusReport};
