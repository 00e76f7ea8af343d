use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;

/// What the client's callbacks tell the thread that polls; a closed set.
#[derive(Debug)]
pub(super) enum Signal {
    /// These are ours now, and wait to be assigned.
    Assign(TopicPartitionList),
    /// These must be given up.
    Revoke(TopicPartitionList),
}

/// Logs what the client library has to say, on our own terms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl ClientContext for Plain {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the Kafka client reports an error and goes on by itself");
    }
}

impl ConsumerContext for Plain {}

/// A group member's callbacks: they only pass on what they hear. All run on the thread that polls.
#[derive(Debug)]
pub(super) struct MemberContext {
    signals: SyncSender<Signal>,
    /// Whether the last poll served something that is no record.
    served: AtomicBool,
    closing: AtomicBool,
}

impl MemberContext {
    pub(super) const fn new(signals: SyncSender<Signal>) -> Self {
        Self { signals, served: AtomicBool::new(false), closing: AtomicBool::new(false) }
    }

    /// Whether a poll that brought no record has served something else, so that there may be more.
    pub(super) fn take_served(&self) -> bool {
        self.served.swap(false, Ordering::Relaxed)
    }

    /// From now on partitions are given up at once: nobody is left to ask.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for MemberContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.served.store(true, Ordering::Relaxed);
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.served.store(true, Ordering::Relaxed);
        tracing::debug!(%error, reason, "the Kafka client reports an error and goes on by itself");
    }
}

impl ConsumerContext for MemberContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, kind: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        self.served.store(true, Ordering::Relaxed);
        let is_assign = kind == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Relaxed) {
            let done = if is_assign { consumer.incremental_assign(partitions) } else { consumer.incremental_unassign(partitions) };
            if let Err(error) = done {
                tracing::debug!(%error, "partitions were gone before the consumer closed");
            }
            return;
        }
        let signal = if is_assign { Signal::Assign(partitions.clone()) } else { Signal::Revoke(partitions.clone()) };
        // The thread that reads the signals is the one that polls, so at most a few can wait; the next poll tells the rest.
        if self.signals.try_send(signal).is_err() {
            tracing::error!("a rebalance was lost because nobody took the ones before");
        }
    }
}

fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        // Every connection tells of every try; an outage is told once by those whom it stops. What the client thinks of its settings
        // is for whoever chose them here, and not for whoever starts a platform. Offsets that were not taken are told again.
        _ if matches!(facility, "FAIL" | "CONFWARN" | "COMMITFAIL") => tracing::debug!(facility, message, "Kafka client"),
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
            tracing::warn!(facility, message, "Kafka client");
        }
        RDKafkaLogLevel::Warning | RDKafkaLogLevel::Notice => tracing::info!(facility, message, "Kafka client"),
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => tracing::debug!(facility, message, "Kafka client"),
    }
}
