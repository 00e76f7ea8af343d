use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::config::KafkaConfig;

/// How long a connection may take to fail once more.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps why the first connection failed.
#[derive(Default)]
struct Listening(Mutex<Option<String>>);

impl ClientContext for Listening {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| reason.to_owned());
        }
    }
}

impl ConsumerContext for Listening {}

/// Why brokers do not answer: refused credentials, a certificate that is not trusted, nobody there. Questions only tell that they
/// were not answered, and the reason is told to whoever listens to the client; so this connects once more, and listens.
pub(super) fn why(config: &KafkaConfig) -> Option<String> {
    let consumer: BaseConsumer<Listening> = config.reader().create_with_context(Listening::default()).ok()?;
    let until = Instant::now() + config.waits(PATIENCE).min(PATIENCE);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        // Whatever is polled, what counts is what the callback heard meanwhile.
        let _ = consumer.poll(left);
        let heard = consumer.context().0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if heard.is_some() {
            return heard;
        }
    }
    None
}
