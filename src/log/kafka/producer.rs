use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::event::Record;
use crate::log::LogError;

use super::KafkaConfig;
use super::config::Shared;
use super::context::Plain;
use super::error::log_error;
use super::record::headers_of;

/// For a client that was retired to tell what became of its records.
const LAST_WORDS: Duration = Duration::from_secs(2);

type Acknowledgement = oneshot::Sender<Result<i64, KafkaError>>;
type Producer = ThreadedProducer<Acknowledging>;

/// Not every record of a batch is known to be in the log; each may be.
#[derive(Debug, Clone, thiserror::Error)]
#[error("not every record was acknowledged: {0}")]
pub struct PublishError(pub LogError);

/// Writes to the log on Kafka; cheap to clone.
///
/// What one call hands over lies in its order, and so do calls that wait for each other. When one record fails, all that
/// are under way are dropped and the client is made anew, so that nothing later overtakes it: start again from the first.
#[derive(Clone)]
pub struct Publisher(Arc<Inner>);

struct Inner {
    config: Shared,
    present: Mutex<Present>,
}

/// The client in use, and how many there were before it.
#[derive(Clone)]
struct Present {
    producer: Producer,
    generation: u64,
    /// Whether it was retired. Held while a batch is handed over, so that no batch gets in behind the purge without its
    /// beginning.
    is_retired: Arc<RwLock<bool>>,
    /// Ends every wait for an acknowledgement of a client that was retired: it does not always tell what became of its last
    /// records, and whoever waits begins again in any case.
    over: CancellationToken,
}

/// Passes each acknowledgement to whoever waits for it.
struct Acknowledging;

impl ClientContext for Acknowledging {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Plain.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        Plain.error(error, reason);
    }
}

impl ProducerContext for Acknowledging {
    type DeliveryOpaque = Box<Acknowledgement>;

    fn delivery(&self, outcome: &DeliveryResult<'_>, waiting: Self::DeliveryOpaque) {
        let told = match outcome {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.clone()),
        };
        // Whoever waited may have stopped; its rows are then published again.
        let _ = waiting.send(told);
    }
}

impl Publisher {
    /// Succeeds whether a broker answers or not.
    pub fn new(config: &KafkaConfig) -> Result<Self, LogError> {
        config.check()?;
        let config = Arc::new(config.clone());
        let present = Present { producer: produce(&config)?, generation: 0, is_retired: Arc::default(), over: CancellationToken::new() };
        Ok(Self(Arc::new(Inner { config, present: Mutex::new(present) })))
    }

    /// Publishes records in their order, each on its own partition, and waits until all are acknowledged by every copy
    /// that must have them. The offset of each; the records' own offsets are not looked at.
    pub async fn publish(&self, records: &[Record]) -> Result<Vec<i64>, PublishError> {
        let present = self.present();
        let generation = present.generation;
        let failed = |error: &KafkaError| {
            self.renew(generation);
            PublishError(log_error(error))
        };
        let waiting = hand_over(&self.0.config, &present, records).map_err(|error| failed(&error))?;
        let over = present.over.clone();
        drop(present);
        let mut offsets = Vec::with_capacity(records.len());
        // They come in about their order, so that hardly one of them is waited for.
        let mut waiting = waiting.into_iter();
        while let Some(acknowledgement) = waiting.next() {
            match told(acknowledgement, &over).await {
                Ok(offset) => offsets.push(offset),
                Err(error) => {
                    let error = failed(&error);
                    return Err(worst(error, waiting).await);
                }
            }
        }
        Ok(offsets)
    }

    /// Drops what is under way and makes the client anew, so that nothing of it comes later.
    pub fn abandon(&self) {
        self.renew(self.present().generation);
    }

    fn present(&self) -> Present {
        self.0.present.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn renew(&self, failed: u64) {
        let mut present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.generation != failed {
            return;
        }
        match produce(&self.0.config) {
            Ok(producer) => {
                let new = Present { producer, generation: failed + 1, is_retired: Arc::default(), over: CancellationToken::new() };
                let old = std::mem::replace(&mut *present, new);
                drop(present);
                retire(old);
            }
            Err(error) => tracing::error!(%error, "the producer cannot be made anew"),
        }
    }
}

/// What became of a record, as far as its client still tells.
async fn told(acknowledgement: oneshot::Receiver<Result<i64, KafkaError>>, over: &CancellationToken) -> Result<i64, KafkaError> {
    tokio::select! {
        biased;
        told = acknowledgement => told.unwrap_or(Err(KafkaError::Canceled)),
        () = over.cancelled() => Err(KafkaError::Canceled),
    }
}

/// One record that is refused takes others with it, whose errors say nothing: told is the refusal, where there is one. What is
/// under way was purged, so none of these is waited for long; a client that ends may leave some without a word.
async fn worst(first: PublishError, others: impl Iterator<Item = oneshot::Receiver<Result<i64, KafkaError>>>) -> PublishError {
    if matches!(first.0, LogError::Record(_)) {
        return first;
    }
    let refused = async {
        for other in others {
            if let Ok(Err(error)) = other.await
                && let refusal @ LogError::Record(_) = log_error(&error)
            {
                return Some(PublishError(refusal));
            }
        }
        None
    };
    tokio::time::timeout(LAST_WORDS, refused).await.ok().flatten().unwrap_or(first)
}

/// Ending a client may take a moment, which no caller should wait for.
fn retire(old: Present) {
    use rdkafka::producer::{Producer as _, PurgeConfig};
    *old.is_retired.write().unwrap_or_else(PoisonError::into_inner) = true;
    old.producer.purge(PurgeConfig::default().queue().inflight());
    old.over.cancel();
    let ending = std::thread::Builder::new().name("log-producer-end".to_owned()).spawn(move || drop(old));
    if let Err(error) = ending {
        tracing::debug!(%error, "an old producer was ended in place");
    }
}

/// Hands a batch to the client, all of it or up to the record that it refuses.
fn hand_over(
    config: &KafkaConfig,
    present: &Present,
    records: &[Record],
) -> Result<Vec<oneshot::Receiver<Result<i64, KafkaError>>>, KafkaError> {
    let is_retired = present.is_retired.read().unwrap_or_else(PoisonError::into_inner);
    if *is_retired {
        return Err(KafkaError::Canceled);
    }
    let mut waiting = Vec::with_capacity(records.len());
    for record in records {
        let (sender, acknowledgement) = oneshot::channel();
        send(config, &present.producer, record, sender)?;
        waiting.push(acknowledgement);
    }
    Ok(waiting)
}

fn produce(config: &KafkaConfig) -> Result<Producer, LogError> {
    config.producer().create_with_context(Acknowledging).map_err(|error| log_error(&error))
}

fn send(config: &KafkaConfig, producer: &Producer, record: &Record, waiting: Acknowledgement) -> Result<(), KafkaError> {
    let topic = config.topic_name(record.at.topic);
    let (headers, millis) = headers_of(record);
    let mut message = BaseRecord::with_opaque_to(&topic, Box::new(waiting))
        .partition(i32::from(record.at.partition))
        .key(record.key.as_bytes())
        .headers(headers);
    if !record.is_tombstone {
        message = message.payload(record.value.as_slice());
    }
    if let Some(millis) = millis {
        message = message.timestamp(millis);
    }
    producer.send(message).map_err(|(error, _)| error)
}
