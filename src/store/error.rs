/// What can go wrong between a caller and the database; each engine turns its own codes into these in one function.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The queue before the writer or the readers is full: try again later.
    #[error("the database queue is full")]
    Overloaded,
    /// The database cannot be used at present; trying again may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection broke while the transaction was being committed: it may have taken effect or not.
    #[error("it is not known whether the transaction was committed: {0}")]
    UnknownOutcome(String),
    /// The disk or the permitted size is used up.
    #[error("the disk is full")]
    Full,
    /// A write to disk failed; what is on disk is unknown until the process starts again.
    #[error("the database cannot write to disk: {0}")]
    Io(String),
    /// A uniqueness, check or reference constraint refused a row.
    #[error("constraint {0} refused a row")]
    Constraint(String),
    /// The statement itself is wrong, or does not fit the schema.
    #[error("statement failed: {0}")]
    Statement(String),
    /// The column is missing or of another type.
    #[error("column {0} is missing or of another type")]
    Column(usize),
    /// The job panicked; nothing of it was kept.
    #[error("panicked: {0}")]
    Panicked(String),
    /// The job waited for something else than its own transaction.
    #[error("a database job waited for something outside its transaction")]
    Waited,
    /// The job returned a result although one of its statements had failed.
    #[error("a database job went on after one of its statements had failed")]
    WentOn,
    /// The file is no database, or is damaged.
    #[error("{path} is not a usable database: {reason}")]
    Corrupt {
        /// The file.
        path: String,
        /// What the engine said.
        reason: String,
    },
    /// A newer payctl has changed the schema.
    #[error("{path} was written by a newer payctl (schema {owner} {found}, this one knows {known})")]
    Newer {
        /// The file or server.
        path: String,
        /// Whose tables.
        owner: String,
        /// The number found.
        found: i64,
        /// The highest number known here.
        known: i64,
    },
    /// Another process holds the data directory.
    #[error("{0} is in use by another payctl process")]
    Held(String),
    /// The data directory cannot be created or written.
    #[error("{path} cannot be written: {reason}")]
    Unwritable {
        /// The directory.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// There is no database to read.
    #[error("no platform has run in {0}")]
    Missing(String),
    /// An event could not be written down.
    #[error("an event cannot be encoded: {0}")]
    Encode(String),
}

impl StoreError {
    /// Whether the same job may succeed later without anybody changing it.
    pub const fn is_infrastructure(&self) -> bool {
        matches!(self, Self::Overloaded | Self::Unavailable(_) | Self::UnknownOutcome(_) | Self::Full | Self::Io(_))
    }
}

impl From<crate::event::EncodeError> for StoreError {
    fn from(error: crate::event::EncodeError) -> Self {
        Self::Encode(error.to_string())
    }
}
