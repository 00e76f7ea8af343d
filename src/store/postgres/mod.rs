//! The engine behind a socket: PostgreSQL, with a few writer and reader threads that each have a connection.

mod bind;
mod column;
mod connector;
mod error;
mod link;
mod migrate;
mod numeric;
mod open;
mod session;
mod tls;
mod worker;

pub(super) use open::{Mode, open};
pub(super) use session::Session;
