use crate::ops::{ClientError, OpsError};

/// Why a run of load has no report, or a journal no proof.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// The gateway's address is none that load can be sent to.
    #[error("{0} is no address for load, which is sent as clear HTTP, such as http://127.0.0.1:40003")]
    Url(String),
    /// The gateway does not listen.
    #[error("nothing answers at {0}")]
    Unreachable(String),
    /// The platform cannot be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The database cannot be read.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// The journal cannot be written, so nothing more may count as acknowledged.
    #[error("the journal {path} cannot be written: {reason}")]
    Unwritable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The journal cannot be read.
    #[error("the journal {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The file is no journal.
    #[error("line {line} of {path} is no line of a journal")]
    Malformed {
        /// The file.
        path: String,
        /// Counted from 1.
        line: u64,
    },
    /// The client itself could not be made.
    #[error("cannot prepare figures: {0}")]
    Broken(String),
}

impl From<crate::store::StoreError> for LoadError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Ops(error.into())
    }
}
