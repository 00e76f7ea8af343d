use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::message::Mailbox;

use super::store::Letter;

/// The longest that giving one mail away may take.
pub(super) const LONGEST_TRY: Duration = Duration::from_secs(90);

/// Why a mail did not go out. No reason names an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SendError {
    /// There is nobody to give it to at present; that says nothing of the mail.
    #[error("{0}")]
    Unreachable(String),
    /// It was refused, or nobody knows what became of it.
    #[error("{reason}")]
    Refused {
        /// Whether the server says that trying again is of no use.
        permanent: bool,
        /// The server's words.
        reason: String,
    },
    /// It cannot be written.
    #[error("{0}")]
    Unsendable(String),
}

/// Where mails go; only what differs is here.
pub(super) trait Mailer: Send + Sync {
    /// Gives one mail away. It may be cut off at any moment, and ends within [`LONGEST_TRY`].
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), SendError>>;

    /// How many mails may be under way at once.
    fn slots(&self) -> usize;

    /// Lets go of what is kept for the next mail, when there has been none for a while.
    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// What it depends on, and what is wrong with that.
    fn dependency(&self) -> Option<(&'static str, Option<String>)> {
        None
    }
}

/// The sender's mailbox, as configured.
pub(super) fn sender_of(from: &str) -> Result<Mailbox, SendError> {
    from.parse().map_err(|_| SendError::Unreachable("the configured sender is not a mail address (SMTP_FROM)".to_owned()))
}

/// What follows the `@` in our Message-IDs: the sender's domain.
pub(super) fn domain(from: &str) -> String {
    from.parse::<Mailbox>().map_or_else(|_| "payctl.invalid".to_owned(), |mailbox| mailbox.email.domain().to_owned())
}
