use crate::config::Ambient;
use crate::event::Topic;
use crate::log::{Admin, KafkaConfig};

/// Topics of a test's own on the broker that `KAFKA_BROKERS` names.
pub(crate) struct TestBroker {
    pub(crate) config: KafkaConfig,
    topics: Vec<Topic>,
}

impl TestBroker {
    /// Nothing, and the reason printed, where no broker is named.
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the broker is")]
    pub(crate) async fn found(topics: &[Topic]) -> Option<Self> {
        let Some(brokers) = std::env::var("KAFKA_BROKERS").ok().filter(|brokers| !brokers.is_empty()) else {
            println!("skip: KAFKA_BROKERS is not set, so there is no broker to test with; see scripts/stack");
            return None;
        };
        let prefix = format!("t{}.", Ambient::system().uuid().simple());
        let config = KafkaConfig { brokers, prefix, replication: 1, ..KafkaConfig::default() };
        Admin::new(&config).unwrap().create_missing(topics).await.unwrap();
        Some(Self { config, topics: topics.to_vec() })
    }

    /// Lets this topic take no batch of more bytes.
    pub(crate) async fn limit(&self, topic: Topic, bytes: usize) {
        Admin::new(&self.config).unwrap().limit(topic, bytes).await;
    }

    pub(crate) async fn gone(self) {
        Admin::new(&self.config).unwrap().delete(&self.topics).await;
    }
}
