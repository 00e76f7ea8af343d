//! The engines that the conformance suites run on. A new one implements [`Engine`] and gets a line in each suite.

use payctl::config::Ambient;
use payctl::domain::{Currency, Email, MerchantId, PaymentStatus, parse_timestamp};
use payctl::event::{Cause, EventKind, Extra, NewEvent, Payload, PaymentPayload};
use payctl::log::EventLog;
use payctl::services::Service;
use payctl::store::{Migration, Store, StoreError};

/// The moment at which the clock of every engine under test stands.
pub(crate) const NOW: &str = "2026-01-02T03:04:05.678901Z";

/// Tables of the suites themselves.
const SUITE: Migration = Migration {
    owner: "suite",
    number: 1,
    sqlite: "CREATE TABLE notes (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, note TEXT, data BLOB, at TEXT, ref TEXT) STRICT",
    postgres: "CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE, note TEXT, data BYTEA, at TIMESTAMPTZ, ref UUID)",
};

/// A database and its log, empty when made; opening again finds what was written before.
pub(crate) trait Engine {
    /// Opens it for the platform itself.
    fn open(&self) -> Store;
    /// Opens it for reading, beside a platform or without one.
    fn open_read_only(&self) -> Result<Store, StoreError>;
    /// The log that belongs to it.
    fn log(&self, store: &Store) -> EventLog;
    /// Waits until the log has what was committed.
    async fn relayed(&self, _store: &Store) {}
}

/// SQLite with the log in its table `events`.
pub(crate) struct Embedded {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) ambient: Ambient,
}

impl Embedded {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), ambient: Ambient::fixed(parse_timestamp(NOW).unwrap()) }
    }
}

impl Engine for Embedded {
    fn open(&self) -> Store {
        Store::open(self.dir.path(), &migrations(), &self.ambient).unwrap()
    }

    fn open_read_only(&self) -> Result<Store, StoreError> {
        Store::open_read_only(self.dir.path(), &migrations(), &self.ambient)
    }

    fn log(&self, store: &Store) -> EventLog {
        EventLog::embedded(store)
    }
}

/// The platform's schema and the suites' own.
pub(crate) fn migrations() -> Vec<Migration> {
    Service::migrations().into_iter().chain([SUITE]).collect()
}

/// Runs each behaviour of a suite on an engine, or on each of several, as a test of its own.
macro_rules! conformance {
    ($($name:ident if $found:expr),+; $behaviours:tt) => {
        $($crate::engine::conformance! { @found $name, $found, $behaviours })+
    };
    (@found $name:ident, $found:expr, { $($behaviour:ident)+ }) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let Some(engine) = $found else { return };
                super::$behaviour(engine).await;
            })+
        }
    };
    ($name:ident on $engine:expr; $($behaviour:ident)+) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour($engine).await;
            })+
        }
    };
}
pub(crate) use conformance;

/// A payment's event of this version, under this key.
pub(crate) fn event(ambient: &Ambient, payment_no: &str, version: i64, key: &str) -> NewEvent {
    let merchant_id = MerchantId(uuid::Uuid::from_u128(7));
    NewEvent {
        event_id: ambient.uuid(),
        kind: EventKind::PaymentCreated,
        topic: EventKind::PaymentCreated.topic(),
        aggregate_id: payment_no.to_owned(),
        aggregate_version: version,
        merchant_id: Some(merchant_id),
        key: key.to_owned(),
        timestamp: ambient.now(),
        cause: Cause::default(),
        producer: "suite",
        payload: Payload::Payment(Box::new(PaymentPayload {
            payment_no: payment_no.to_owned(),
            merchant_id,
            order_no: "ORD1".to_owned(),
            amount: 10_000,
            currency: Currency::USD,
            channel: "stripe".to_owned(),
            status: PaymentStatus::Pending,
            customer_email: Email::stored("test@example.com"),
            created_at: ambient.now(),
            paid_at: None,
            fee_bps: 200,
            fee_amount: 200,
            extra: Extra::new(),
        })),
    }
}
