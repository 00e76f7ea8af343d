//! What unit tests of several modules start from; compiled for tests only.

use std::sync::Arc;

use crate::config::{Ambient, Config, Secret};
use crate::domain::parse_timestamp;
use crate::event::Topic;
use crate::http::{ApiKeys, Edge, Router, finish};
use crate::log::{Admin, KafkaConfig};
use crate::services::{Service, ServiceContext};
use crate::store::Store;

/// A platform's database in a directory of its own, with a clock that stands still, and no process around it.
pub(crate) struct TestPlatform {
    pub(crate) context: ServiceContext,
    _dir: tempfile::TempDir,
}

impl TestPlatform {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ambient = Ambient::fixed(parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap());
        let store = Store::open(dir.path(), &Service::migrations(), &ambient).unwrap();
        let context = ServiceContext {
            store,
            ambient,
            config: Arc::new(Config::development(dir.path().to_owned())),
            internal_token: Secret::new("internal-token-of-tests"),
            webhook_secrets: Arc::new(vec![Secret::new("whsec_of_tests")]),
        };
        Self { context, _dir: dir }
    }

    /// `routes` behind the edge, as the daemon serves them; call it with `tower::ServiceExt::oneshot`.
    pub(crate) fn served(&self, service: Service, routes: Router) -> Router {
        let edge = Edge {
            service: service.name(),
            api_keys: ApiKeys::new(self.context.store.clone()),
            internal_token: self.context.internal_token.clone(),
            profile: self.context.config.profile,
            ambient: self.context.ambient.clone(),
        };
        routes.layer(axum::middleware::from_fn_with_state(Arc::new(edge), finish))
    }
}

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

    pub(crate) async fn gone(self) {
        Admin::new(&self.config).unwrap().delete(&self.topics).await;
    }
}
