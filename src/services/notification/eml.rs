use std::io;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::message::header::ContentTransferEncoding;

use super::mailer::{Mailer, SendError, sender_of};
use super::message;
use super::store::Letter;

/// Writes each mail to a file of its own, readable as it lies there, for a platform without a mail server.
pub(super) struct FileMailer {
    dir: PathBuf,
    from: Result<Mailbox, SendError>,
}

impl FileMailer {
    pub(super) fn new(dir: PathBuf, from: &str) -> Self {
        Self { dir, from: sender_of(from) }
    }

    async fn write(&self, letter: &Letter) -> Result<(), SendError> {
        let message = message::compose(letter, self.from.as_ref().map_err(Clone::clone)?, ContentTransferEncoding::EightBit)?;
        self.store(&file_name(&letter.message_id), &message.formatted())
            .await
            .map_err(|error| SendError::Unreachable(format!("mail files cannot be written to {}: {}", self.dir.display(), error.kind())))
    }

    /// A reader sees the whole file or none; a mail sent again takes the place of its first copy.
    async fn store(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (partial, path) = (self.dir.join(format!(".{name}.partial")), self.dir.join(name));
        match tokio::fs::write(&partial, bytes).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tokio::fs::create_dir_all(&self.dir).await?;
                tokio::fs::write(&partial, bytes).await?;
            }
            other => other?,
        }
        tokio::fs::rename(&partial, &path).await
    }
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(self.write(letter))
    }

    fn slots(&self) -> usize {
        16
    }
}

/// The part of the Message-ID before the `@`, which no other mail has.
fn file_name(message_id: &str) -> String {
    let id = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    let kept: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    format!("{kept}.eml")
}
