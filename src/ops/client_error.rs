use crate::domain::PaymentStatus;

/// Why the platform did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// Nothing listens there.
    #[error("nothing answers at {url}")]
    Unreachable {
        /// The base URL of the service.
        url: String,
    },
    /// It took the request and did not answer: whether it was done is unknown.
    #[error("{url} {how}, so whether it did what was asked is unknown")]
    NoAnswer {
        /// The base URL of the service.
        url: String,
        /// Too late, or broken off.
        how: &'static str,
    },
    /// It answered with an error of its own.
    #[error("{message} ({error})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The name of the error, such as `PAYMENT_NOT_FOUND`.
        error: String,
        /// One sentence for a person.
        message: String,
    },
    /// Something answers there that is not this platform, or is another version of it.
    #[error("{url} answered {status}, which is no answer of payctl")]
    Foreign {
        /// The base URL of the service.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// There is no key to show.
    #[error("PAYCTL_API_KEY is not set, and only the development profile has a key of its own")]
    NoKey,
    /// The checkout page is for people wherever money is real.
    #[error("only the development profile pays from the console; elsewhere the payer opens the payment_url")]
    NotDevelopment,
    /// The payment is past the point where a payer can choose.
    #[error("payment {payment_no} is {status}, so there is nothing left to pay")]
    Final {
        /// Which.
        payment_no: String,
        /// As it stands.
        status: PaymentStatus,
    },
    /// The payer's choice has not become the payment's status yet.
    #[error("payment {payment_no} is still {status} after {seconds} s")]
    Unsettled {
        /// Which.
        payment_no: String,
        /// As it stands.
        status: PaymentStatus,
        /// How long was waited.
        seconds: u64,
    },
    /// The client itself could not be made.
    #[error("cannot prepare requests: {0}")]
    Broken(String),
}
