use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;

pub use crate::config::{GroupProtocol, Sasl, Security};
use crate::event::{MAX_EVENT_BYTES, Topic};
use crate::log::LogError;

/// Memory that one consumer may use for records fetched ahead, in KiB.
const FETCH_AHEAD_KIB: &str = "8192";
/// Records of one partition that the client library fetches ahead.
const FETCH_AHEAD_RECORDS: &str = "2000";
/// Memory for records that a scan fetches ahead, in KiB: of all its partitions, and of one of very many at least.
const SCAN_AHEAD_KIB: usize = 65_536;
const SCAN_LEAST_KIB: usize = 1024;
/// Records of one partition that a scan fetches ahead.
const SCAN_AHEAD_RECORDS: &str = "20000";
/// How long a member may stay silent before its partitions go to others.
const SESSION_TIMEOUT_MS: &str = "10000";
/// How long a group's loop may take over one piece of work; the consumer's thread polls on meanwhile.
const MAX_POLL_INTERVAL_MS: &str = "300000";
/// How long a record is tried: an outage longer than this is told to the relay, which starts again from its oldest row.
const DELIVERY_TIMEOUT_MS: &str = "300000";
/// The largest record that the producer takes, in bytes …
const RECORD_MAX_BYTES: usize = 1_000_000;
/// … and the largest batch that a topic of ours takes, which is the brokers' own default.
pub(super) const TOPIC_MAX_BYTES: usize = 1_048_588;
/// What lengths, timestamps and names of headers add to a record at most.
const FRAME_BYTES: usize = 4096;
/// What an event may be a record may be, and what a record may be a topic takes.
const _: () = assert!(MAX_EVENT_BYTES + FRAME_BYTES <= RECORD_MAX_BYTES && RECORD_MAX_BYTES + FRAME_BYTES <= TOPIC_MAX_BYTES);
/// Records and memory that wait in the producer at most; the relay's own batches are far smaller.
const PRODUCER_RECORDS: &str = "50000";
const PRODUCER_KIB: &str = "65536";

/// How to reach the brokers, and what our topics and groups are called there.
#[derive(Debug, Clone, Default)]
pub struct KafkaConfig {
    /// `host:port` of some brokers, separated by commas.
    pub brokers: String,
    /// Goes before the name of every topic and group; empty where the cluster is ours alone.
    pub prefix: String,
    /// How members of a group share its partitions.
    pub protocol: GroupProtocol,
    /// How connections are protected.
    pub security: Security,
    /// A file of certificates to trust, where it is not the system's.
    pub ca_file: Option<String>,
    /// Who we are, where the broker asks.
    pub sasl: Option<Sasl>,
    /// Copies of a topic that is created; 0 leaves it to the brokers.
    pub replication: u16,
    /// Copies that must have a record before it counts; 0 leaves it to the brokers.
    pub min_insync: u16,
    /// How long whoever asks waits for an answer; `None` for what each question may take.
    pub patience: Option<Duration>,
}

impl From<&crate::config::KafkaConfig> for KafkaConfig {
    fn from(settings: &crate::config::KafkaConfig) -> Self {
        Self {
            brokers: settings.brokers.join(","),
            prefix: settings.topic_prefix.clone(),
            protocol: settings.protocol,
            security: settings.security,
            ca_file: settings.ca_file.as_ref().map(|file| file.display().to_string()),
            sasl: settings.sasl(),
            replication: settings.replication,
            min_insync: settings.min_insync,
            patience: settings.patience,
        }
    }
}

impl KafkaConfig {
    /// Refuses what this binary cannot do, in one line.
    pub fn check(&self) -> Result<(), LogError> {
        if self.brokers.trim().is_empty() {
            return Err(LogError::Refused("no Kafka broker is configured; set KAFKA_BROKERS to host:port".to_owned()));
        }
        if self.security.needs_tls_build() && !cfg!(feature = "kafka-tls") {
            let asked = self.security.name().to_uppercase();
            return Err(LogError::Refused(format!(
                "this payctl was built without Kafka TLS and cannot speak {asked}; use a binary built with --features kafka-tls"
            )));
        }
        Ok(())
    }

    /// How long to wait for an answer that may take `usual`.
    pub(super) fn waits(&self, usual: Duration) -> Duration {
        self.patience.unwrap_or(usual)
    }

    /// What the topic is called on the brokers.
    pub fn topic_name(&self, topic: Topic) -> String {
        format!("{}{}", self.prefix, topic.name())
    }

    /// What the group is called on the brokers.
    pub fn group_name(&self, group: &str) -> String {
        format!("{}{group}", self.prefix)
    }

    /// The topic that is called so on the brokers.
    pub(super) fn topic_of(&self, name: &str) -> Option<Topic> {
        name.strip_prefix(self.prefix.as_str()).and_then(Topic::parse)
    }

    /// What every client has in common.
    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "payctl")
            .set("security.protocol", self.security.name())
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "2000")
            .set("topic.metadata.refresh.interval.ms", "30000")
            .set("log.connection.close", "false")
            .set("allow.auto.create.topics", "false");
        if let Some(file) = &self.ca_file {
            config.set("ssl.ca.location", file);
        }
        if let Some(sasl) = &self.sasl {
            config.set("sasl.mechanism", &sasl.mechanism).set("sasl.username", &sasl.username).set("sasl.password", sasl.password.expose());
        }
        config
    }

    /// A consumer that keeps no offset and resets none by itself.
    fn consumer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("isolation.level", "read_committed")
            .set("fetch.error.backoff.ms", "100")
            // Once enough is fetched ahead the library would else look again after a whole second, while the queue runs dry.
            .set("fetch.queue.backoff.ms", "5")
            .set("queued.min.messages", FETCH_AHEAD_RECORDS)
            .set("queued.max.messages.kbytes", FETCH_AHEAD_KIB);
        config
    }

    /// A member of `group`.
    pub(super) fn member(&self, group: &str) -> ClientConfig {
        let mut config = self.consumer();
        config.set("group.id", self.group_name(group)).set("max.poll.interval.ms", MAX_POLL_INTERVAL_MS);
        match self.protocol {
            GroupProtocol::Consumer => config.set("group.protocol", "consumer"),
            GroupProtocol::Classic => config
                .set("group.protocol", "classic")
                .set("partition.assignment.strategy", "cooperative-sticky")
                .set("session.timeout.ms", SESSION_TIMEOUT_MS)
                .set("heartbeat.interval.ms", "1000"),
        };
        config
    }

    /// A consumer that reads what it is told and never joins a group; the library wants a name all the same.
    pub(super) fn reader(&self) -> ClientConfig {
        let mut config = self.consumer();
        config.set("group.id", self.group_name("payctl.reader"));
        config
    }

    /// A reader of so many partitions from end to end: it fetches far ahead, within memory that they share, and says where each ends.
    pub(super) fn scanner(&self, partitions: usize) -> ClientConfig {
        let share = (SCAN_AHEAD_KIB / partitions.max(1)).max(SCAN_LEAST_KIB);
        let mut config = self.reader();
        config
            .set("enable.partition.eof", "true")
            .set("queued.min.messages", SCAN_AHEAD_RECORDS)
            .set("queued.max.messages.kbytes", share.to_string());
        config
    }

    /// Idempotent and without gaps: what cannot be delivered in order ends the producer instead.
    pub(super) fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("enable.gapless.guarantee", "true")
            .set("acks", "all")
            .set("partitioner", "murmur2_random")
            .set("compression.type", "lz4")
            // The relay hands over whole batches, so there is little to wait for.
            .set("linger.ms", "1")
            .set("message.max.bytes", RECORD_MAX_BYTES.to_string())
            .set("message.timeout.ms", DELIVERY_TIMEOUT_MS)
            .set("queue.buffering.max.messages", PRODUCER_RECORDS)
            .set("queue.buffering.max.kbytes", PRODUCER_KIB);
        config
    }
}

/// Shared by all that belongs to one log.
pub(super) type Shared = Arc<KafkaConfig>;
