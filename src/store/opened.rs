use std::any::Any;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::watch;

use super::{Heads, Queue, StoreError};

/// The threads and queues of an open database.
pub(super) struct Opened {
    pub(super) writes: Option<Arc<Queue>>,
    pub(super) reads: Arc<Queue>,
    pub(super) heads: Arc<Heads>,
    pub(super) broken: watch::Receiver<Option<StoreError>>,
    pub(super) threads: Vec<JoinHandle<()>>,
    /// Whether everybody shares one writer, so that who has it makes the others wait.
    pub(super) has_one_writer: bool,
    /// How many of the readers are worth having at once.
    pub(super) together: usize,
    pub(super) hold: Option<Box<dyn Any + Send + Sync>>,
}

/// Starts a database thread.
pub(super) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(|error| StoreError::Unavailable(error.to_string()))
}
