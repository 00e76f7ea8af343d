//! The engine on a real broker: `KAFKA_BROKERS` says where one runs (`scripts/stack.d/kafka.sh` starts one).

use std::collections::BTreeMap;
use std::time::Duration;

use payctl::config::Ambient;
use payctl::event::{Topic, TopicPartition};
use payctl::log::{Admin, EventLog, KafkaConfig, Publisher};
use payctl::store::{Store, StoreError};

use crate::engine::{Embedded, Engine};

/// What the suites use of the catalogue: a topic that nobody reads only costs time.
const TOPICS: [Topic; 2] = [Topic::PaymentEvents, Topic::OrderEvents];

/// A database with a relay of its own to topics of its own, which go when it goes.
pub(crate) struct Kafka {
    database: Embedded,
    pub(crate) config: KafkaConfig,
    publisher: Publisher,
    /// What of each partition of the database was published.
    published: tokio::sync::Mutex<BTreeMap<TopicPartition, i64>>,
}

/// Where the broker for tests runs, or nothing and the reason printed.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the broker is")]
pub(crate) fn brokers() -> Option<String> {
    let found = std::env::var("KAFKA_BROKERS").ok().filter(|brokers| !brokers.is_empty());
    if found.is_none() {
        println!("skip: KAFKA_BROKERS is not set, so there is no broker to test with");
    }
    found
}

/// Settings of a test that has topics and groups for itself.
pub(crate) fn config() -> Option<KafkaConfig> {
    let prefix = format!("t{}.", Ambient::system().uuid().simple());
    Some(KafkaConfig { brokers: brokers()?, prefix, replication: 1, ..KafkaConfig::default() })
}

impl Kafka {
    pub(crate) async fn reachable() -> Option<Self> {
        let config = config()?;
        let created = Admin::new(&config).unwrap().create_missing(&TOPICS).await.unwrap();
        assert_eq!(created, TOPICS);
        let (database, publisher) = (Embedded::new(), Publisher::new(&config).unwrap());
        Some(Self { database, config, publisher, published: tokio::sync::Mutex::default() })
    }
}

impl Engine for Kafka {
    fn open(&self) -> Store {
        self.database.open()
    }

    fn open_read_only(&self) -> Result<Store, StoreError> {
        self.database.open_read_only()
    }

    fn log(&self, _store: &Store) -> EventLog {
        EventLog::kafka(&self.config).unwrap()
    }

    async fn relayed(&self, store: &Store) {
        let mut published = self.published.lock().await;
        for at in Topic::PaymentEvents.all_partitions() {
            let from = published.entry(at).or_default();
            let records = EventLog::embedded(store).read(at, *from, 10_000).await.unwrap();
            self.publisher.publish(&records).await.unwrap();
            *from = records.last().map_or(*from, |record| record.offset + 1);
        }
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        delete_topics(&self.config);
    }
}

/// Takes the topics away, so that a broker serves many runs.
pub(crate) fn delete_topics(config: &KafkaConfig) {
    use rdkafka::admin::{AdminClient, AdminOptions};
    use rdkafka::client::DefaultClientContext;
    let admin: AdminClient<DefaultClientContext> = rdkafka::ClientConfig::new().set("bootstrap.servers", &config.brokers).create().unwrap();
    let names = TOPICS.map(|topic| config.topic_name(topic));
    let deleting = async move {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        tokio::time::timeout(Duration::from_secs(20), admin.delete_topics(&names, &AdminOptions::new())).await
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // What cannot be deleted now is only a few empty files more.
    let _ = std::thread::spawn(move || runtime().block_on(deleting)).join();
}
