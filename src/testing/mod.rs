//! What unit tests of several modules start from; compiled for tests only.

mod broker;
mod platform;
mod server;

pub(crate) use broker::TestBroker;
pub(crate) use platform::TestPlatform;
