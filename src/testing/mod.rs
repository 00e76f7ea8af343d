//! What unit tests of several modules start from; compiled for tests only.

mod platform;
mod server;

pub(crate) use platform::TestPlatform;
