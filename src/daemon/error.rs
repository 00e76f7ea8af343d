use crate::services::Service;
use crate::store::StoreError;

/// Why a platform does not start. Each says in one line what stands in the way; the console adds the way out.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or prepared.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A port is taken, or may not be used.
    #[error("port {port} of {service} cannot be opened: {reason}")]
    Port {
        /// Whose port.
        service: Service,
        /// Which.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// The configuration is not one to run with.
    #[error("{0}")]
    Refused(String),
}
