use futures_util::future::LocalBoxFuture;

use crate::event::Event;
use crate::store::{StoreError, Tx};

/// Why a batch, or at last one event of it, was not applied. It alone decides what happens next.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HandleError {
    /// Database or network: pause and try again for ever, park nothing.
    #[error(transparent)]
    Infrastructure(StoreError),
    /// May pass by itself: at most three more tries.
    #[error("{0}")]
    Transient(String),
    /// Will fail again: park the event.
    #[error("{message}")]
    Poison {
        /// A stable name in upper case.
        code: &'static str,
        /// What is wrong, without personal data.
        message: String,
    },
}

impl HandleError {
    /// An event that will fail whenever it comes.
    pub fn poison(code: &'static str, message: impl Into<String>) -> Self {
        Self::Poison { code, message: message.into() }
    }
}

impl From<StoreError> for HandleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Panicked(message) => Self::poison("HANDLER_PANICKED", message),
            StoreError::Constraint(message) => Self::poison("CONSTRAINT", message),
            StoreError::Statement(message) => Self::poison("STATEMENT", message),
            StoreError::Column(index) => Self::poison("STATEMENT", format!("column {index} is missing or of another type")),
            StoreError::Encode(message) => Self::poison("ENCODE", message),
            StoreError::Waited => Self::poison("HANDLER_WAITED", StoreError::Waited.to_string()),
            StoreError::WentOn => Self::poison("HANDLER_WENT_ON", StoreError::WentOn.to_string()),
            other => Self::Infrastructure(other),
        }
    }
}

/// What a service does with the events of its group.
///
/// The loop calls it with new events only, in the order of one partition, inside the transaction that also holds the
/// offsets and the dedupe marks; it writes set-based and waits for nothing but `tx`. A batch that fails is rolled back and
/// bisected, so that the one bad event stands alone.
pub trait Consumer: Send + Sync + 'static {
    /// Applies a batch. Events of types that do not concern the service are passed too, and ignored by it.
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>>;

    /// Called after the batch was committed, for waking the service's own workers.
    fn committed(&self) {}
}
