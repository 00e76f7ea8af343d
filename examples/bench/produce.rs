//! A producer with nothing around it: what the brokers and the client library can do on this machine.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use payctl::config::KafkaConfig;
use payctl::event::EncodedEvent;
use payctl::log::KafkaConfig as Log;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};

const PATIENCE: Duration = Duration::from_mins(1);

/// Produces every record on its own partition and waits until all are acknowledged; how long that took.
pub(crate) fn all(brokers: &KafkaConfig, events: &[EncodedEvent]) -> anyhow::Result<Duration> {
    let log = Log::from(brokers);
    let producer: ThreadedProducer<_> = ClientConfig::new()
        .set("bootstrap.servers", &log.brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", "5")
        .create()?;
    let started = Instant::now();
    for EncodedEvent { event, encoded } in events {
        let topic = log.topic_name(encoded.at.topic);
        let record = BaseRecord::to(&topic).partition(i32::from(encoded.at.partition)).key(&event.key).payload(&encoded.value);
        let mut unsent = Some(record);
        while let Some(record) = unsent.take() {
            match producer.send(record) {
                Ok(()) => {}
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), record)) => {
                    std::thread::sleep(Duration::from_millis(1));
                    unsent = Some(record);
                }
                Err((error, _)) => return Err(error).context("a record was refused"),
            }
        }
    }
    producer.flush(PATIENCE).context("not everything was acknowledged")?;
    let took = started.elapsed();
    ensure!(producer.in_flight_count() == 0, "records are left over");
    Ok(took)
}
