use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::store::StoreError;

/// What a failed statement means for the job around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The job's own: it would fail again.
    Own,
    /// A key is taken: by another transaction since this one looked, or by its own fault.
    Taken,
    /// Another transaction held what it needed, for longer than it waits.
    Blocked,
    /// It got in the way of another transaction: run it again.
    Collided,
    /// The connection is gone, or of no use: connect and run it again.
    Lost,
}

/// The one place that turns the server's codes into ours.
pub(super) fn from_postgres(error: &Error) -> (StoreError, Trouble) {
    let Some(reply) = error.as_db_error() else {
        return match error.source() {
            // What the driver could not write as the type that the server asked for never left.
            Some(source) if !error.is_closed() && source.downcast_ref::<std::io::Error>().is_none() => {
                (StoreError::Statement(chain(error)), Trouble::Own)
            }
            _ => (StoreError::Unavailable(chain(error)), Trouble::Lost),
        };
    };
    let message = reply.message().to_owned();
    let code = reply.code();
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        return (StoreError::Unavailable(format!("the transaction collided with others too often: {message}")), Trouble::Collided);
    }
    // A schema that a newer process has changed, or a pooler between that gave us another connection: prepare anew.
    let is_stale =
        *code == SqlState::INVALID_SQL_STATEMENT_NAME || (*code == SqlState::FEATURE_NOT_SUPPORTED && message.starts_with("cached plan"));
    if is_stale || is_fatal(reply) || *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return (StoreError::Unavailable(message), Trouble::Lost);
    }
    let trouble = match *code {
        SqlState::UNIQUE_VIOLATION => Trouble::Taken,
        SqlState::LOCK_NOT_AVAILABLE => Trouble::Blocked,
        _ => Trouble::Own,
    };
    let ours = match code.code().get(..2).unwrap_or_default() {
        "23" => StoreError::Constraint(reply.constraint().map_or(message, str::to_owned)),
        _ if *code == SqlState::DISK_FULL => StoreError::Full,
        // Connections, resources, an operator or a time-out, the server's own disk.
        "08" | "53" | "57" | "58" => StoreError::Unavailable(message),
        _ if *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Unavailable(message),
        _ => StoreError::Statement(message),
    };
    (ours, trouble)
}

/// What a failed COMMIT means: unless the server itself refused it, nobody knows whether it took effect.
pub(super) fn from_commit(error: &Error) -> (StoreError, Trouble) {
    match error.as_db_error() {
        Some(reply) if !is_fatal(reply) => from_postgres(error),
        _ => (StoreError::UnknownOutcome(chain(error)), Trouble::Lost),
    }
}

/// Whether the server ends the connection with this reply.
fn is_fatal(reply: &DbError) -> bool {
    !matches!(reply.parsed_severity(), Some(Severity::Error) | None)
}

/// An error with its causes; the driver's own text hides them.
pub(super) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
