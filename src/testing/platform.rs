use std::sync::Arc;

use crate::config::{Ambient, Config, Secret};
use crate::domain::parse_timestamp;
use crate::http::{ApiKeys, Edge, Meter, Router, finish};
use crate::services::{Service, ServiceContext};
use crate::store::Store;

use super::server::{self, OtherSession, Scratch};

/// A platform's database in a directory of its own, with a clock that stands still, and no process around it.
///
/// It is on SQLite, or with `PAYCTL_TEST_ENGINE=postgres` on the server that `TEST_DATABASE_URL` names.
pub(crate) struct TestPlatform {
    pub(crate) context: ServiceContext,
    _dir: tempfile::TempDir,
    scratch: Option<Scratch>,
}

impl TestPlatform {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ambient = Ambient::fixed(parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap());
        let scratch = Scratch::new();
        let store = match &scratch {
            Some(scratch) => scratch.open(&ambient),
            None => Store::open(dir.path(), &Service::migrations(), &ambient).unwrap(),
        };
        let context = ServiceContext {
            store,
            ambient,
            config: Arc::new(Config::development(dir.path().to_owned())),
            internal_token: Secret::new("internal-token-of-tests"),
            webhook_secrets: Arc::new(vec![Secret::new("whsec_of_tests")]),
        };
        Self { context, _dir: dir, scratch }
    }

    /// One on the server for tests, with an outbox that nobody empties; nothing, and the reason printed, where it is not used.
    pub(crate) fn with_outbox() -> Option<Self> {
        if server::url().is_none() {
            println!("skip: PAYCTL_TEST_ENGINE is not postgres, so there is no outbox to test; see scripts/stack");
            return None;
        }
        Some(Self::new())
    }

    /// Somebody else on its database, which is on the server for tests.
    pub(crate) fn other_session(&self) -> OtherSession {
        self.scratch.as_ref().unwrap().session()
    }

    /// Whether unit tests run on the server for tests, where there is an outbox.
    pub(crate) fn is_on_server() -> bool {
        server::url().is_some()
    }

    /// What takes away the guards that keep events and transfers as they are, for planting faults.
    pub(crate) fn without_guards() -> &'static [&'static str] {
        if server::url().is_some() {
            return &["DROP TRIGGER events_are_permanent ON events", "DROP TRIGGER transfers_are_permanent ON transfers"];
        }
        &[
            "DROP TRIGGER events_are_permanent_u",
            "DROP TRIGGER events_are_permanent_d",
            "DROP TRIGGER transfers_are_permanent_u",
            "DROP TRIGGER transfers_are_permanent_d",
        ]
    }

    /// What the engine calls bytes.
    pub(crate) fn bytes_type() -> &'static str {
        if server::url().is_some() { "BYTEA" } else { "BLOB" }
    }

    /// `routes` behind the edge, as the daemon serves them; call it with `tower::ServiceExt::oneshot`.
    pub(crate) fn served(&self, service: Service, routes: Router) -> Router {
        let edge = Edge {
            service: service.name(),
            api_keys: ApiKeys::new(self.context.store.clone()),
            internal_token: self.context.internal_token.clone(),
            profile: self.context.config.profile,
            ambient: self.context.ambient.clone(),
            meter: Meter::new(service.name()),
        };
        routes.layer(axum::middleware::from_fn_with_state(Arc::new(edge), finish))
    }
}
