//! The embedded engine: one SQLite file in WAL, one writer thread that commits groups of jobs, a few reader threads.

mod connection;
mod error;
mod hold;
mod job;
mod open;
mod queue;
mod reader;
mod writer;

pub(super) use connection::Connection;
pub(super) use job::{Job, Task};
pub(super) use open::{Mode, Opened, open};
use queue::Kind;
pub(super) use queue::Queue;
