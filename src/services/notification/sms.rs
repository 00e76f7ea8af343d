use super::mailer::SendError;
use super::store::Letter;

/// Who takes text messages to a phone.
pub(super) trait SmsProvider: Send + Sync {
    /// Gives one text message away.
    fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// Notes that there was a text message, and neither its number nor its text.
pub(super) struct LogProvider;

impl SmsProvider for LogProvider {
    fn send(&self, letter: &Letter) -> Result<(), SendError> {
        tracing::info!(template = letter.template, payment.id = letter.payment_no, "text message");
        Ok(())
    }
}
