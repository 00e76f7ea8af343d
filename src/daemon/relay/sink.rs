use crate::event::Record;
use crate::log::{PublishError, Publisher};

/// What the relay needs of the log.
pub trait Sink: Send + Sync + 'static {
    /// Publishes records in their order and waits for every acknowledgement; the offset of each.
    fn publish(&self, records: &[Record]) -> impl Future<Output = Result<Vec<i64>, PublishError>> + Send;

    /// Drops what is under way.
    fn abandon(&self);
}

impl Sink for Publisher {
    async fn publish(&self, records: &[Record]) -> Result<Vec<i64>, PublishError> {
        Self::publish(self, records).await
    }

    fn abandon(&self) {
        Self::abandon(self);
    }
}
