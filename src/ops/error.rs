use crate::log::LogError;
use crate::store::StoreError;

/// Why a question has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpsError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Nothing has this id.
    #[error("{what} {id} is not known here")]
    NotFound {
        /// What was looked for: `payment`, `order`.
        what: &'static str,
        /// As it was typed.
        id: String,
    },
    /// Whoever could do it does not answer.
    #[error("{0}")]
    Unreachable(String),
    /// It cannot be done as things are.
    #[error("{0}")]
    Refused(String),
    /// The question itself is wrong.
    #[error("{0}")]
    Usage(String),
}
