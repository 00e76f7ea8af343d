//! The embedded engine: one SQLite file in WAL, one writer thread that commits groups of jobs, a few reader threads.

mod connection;
mod error;
mod functions;
mod hold;
mod migrate;
mod once;
mod open;
mod reader;
mod writer;

pub(super) use connection::Connection;
use once::run_once;
pub(super) use open::{Mode, open};
