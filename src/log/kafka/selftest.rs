use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rdkafka::admin::{NewTopic, TopicReplication};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::log::LogError;

use super::admin::Admin;
use super::config::{KafkaConfig, Shared};
use super::context::Plain;
use super::error::log_error;

/// How long a first answer may take: longer than any broker that lives.
const HELLO: Duration = Duration::from_secs(3);
/// How long one record may be on its way.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long records were on their way to the brokers and back.
#[derive(Debug, Clone)]
pub struct Roundtrip {
    /// Which cluster it was.
    pub cluster_id: String,
    /// How many brokers it has.
    pub brokers: usize,
    /// From sending to the acknowledgement by every copy that must have the record, by record.
    pub acknowledged: Vec<Duration>,
    /// From sending to reading, by record.
    pub returned: Vec<Duration>,
}

/// Tells the thread that sent a record whether the brokers have it.
struct Acknowledging(SyncSender<Result<(), KafkaError>>);

impl ClientContext for Acknowledging {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Plain.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        Plain.error(error, reason);
    }
}

impl ProducerContext for Acknowledging {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {
        // Whoever sent it may have lost patience.
        let _ = self.0.try_send(outcome.as_ref().map(|_| ()).map_err(|(error, _)| error.clone()));
    }
}

/// Sends `records` to a topic of its own, one after the other, and reads each back. The topic goes again, whatever happens.
pub async fn round_trips(config: &KafkaConfig, name: &str, records: u32) -> Result<Roundtrip, LogError> {
    let admin = Admin::new(config)?;
    let (cluster_id, brokers) = admin.hello(HELLO).await?;
    let topic = format!("{}payctl.selftest.{name}", config.prefix);
    let copies = TopicReplication::Fixed(if config.replication > 0 { i32::from(config.replication) } else { -1 });
    let created = admin.client().create_topics(&[NewTopic::new(&topic, 1, copies)], &admin.options()).await;
    for answer in created.map_err(|error| log_error(&error))? {
        answer.map_err(|(name, code)| LogError::Broker(format!("topic {name} cannot be created: {code}")))?;
    }
    let (shared, scratch) = (Shared::new(config.clone()), topic.clone());
    let travelling = tokio::task::spawn_blocking(move || travel(&shared, &scratch, records));
    let travelled = travelling.await.unwrap_or_else(|error| Err(LogError::Broker(error.to_string())));
    let gone = admin.client().delete_topics(&[&topic], &admin.options()).await;
    let (acknowledged, returned) = travelled?;
    for answer in gone.map_err(|error| log_error(&error))? {
        answer.map_err(|(name, code)| LogError::Broker(format!("topic {name} cannot be removed: {code}")))?;
    }
    Ok(Roundtrip { cluster_id, brokers, acknowledged, returned })
}

fn travel(config: &Shared, topic: &str, records: u32) -> Result<(Vec<Duration>, Vec<Duration>), LogError> {
    let (sender, acknowledgements) = sync_channel(16);
    let mut settings = config.producer();
    // One record at a time gains nothing by waiting for company.
    settings.set("linger.ms", "0").set("message.timeout.ms", PATIENCE.as_millis().to_string());
    let producer: ThreadedProducer<Acknowledging> =
        settings.create_with_context(Acknowledging(sender)).map_err(|error| log_error(&error))?;
    let consumer: BaseConsumer<Plain> = config.reader().create_with_context(Plain).map_err(|error| log_error(&error))?;
    let mut places = TopicPartitionList::new();
    places.add_partition_offset(topic, 0, Offset::Offset(0)).map_err(|error| log_error(&error))?;
    consumer.assign(&places).map_err(|error| log_error(&error))?;
    let (mut acknowledged, mut returned) = (Vec::new(), Vec::new());
    // The first one pays for the connections and for the topic's becoming known.
    for number in 0..=records {
        let text = number.to_string();
        let started = Instant::now();
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(0).payload(&text);
        producer.send(record).map_err(|(error, _)| log_error(&error))?;
        let told = acknowledgements.recv_timeout(PATIENCE);
        told.map_err(|_| LogError::Broker("a record was not acknowledged in time".to_owned()))?.map_err(|error| log_error(&error))?;
        let took = started.elapsed();
        come_back(&consumer, text.as_bytes(), started)?;
        if number > 0 {
            acknowledged.push(took);
            returned.push(started.elapsed());
        }
    }
    Ok((acknowledged, returned))
}

fn come_back(consumer: &BaseConsumer<Plain>, wanted: &[u8], started: Instant) -> Result<(), LogError> {
    while let Some(left) = PATIENCE.checked_sub(started.elapsed()) {
        match consumer.poll(left) {
            Some(Ok(message)) if message.payload() == Some(wanted) => return Ok(()),
            Some(Ok(_)) => return Err(LogError::Refused("another record came back than the one that was sent".to_owned())),
            // A topic as new as this may not be known everywhere yet; the client asks again.
            Some(Err(error)) => tracing::debug!(%error, "the record is not there yet"),
            None => {}
        }
    }
    Err(LogError::Broker("a record did not come back in time".to_owned()))
}
