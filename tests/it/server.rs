//! The engine behind a socket, for the conformance suites: each test gets a database of its own on the server that
//! `scripts/stack up postgres` starts.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use payctl::config::{Ambient, DatabaseServer};
use payctl::domain::parse_timestamp;
use payctl::log::EventLog;
use payctl::store::{Store, StoreError};

use crate::engine::{Engine, NOW, migrations};

/// The URL of a database whose user may create others.
const VARIABLE: &str = "TEST_DATABASE_URL";

/// A database on a server; it goes away with this value.
pub(crate) struct Server {
    pub(crate) server: DatabaseServer,
    pub(crate) ambient: Ambient,
}

impl Server {
    /// A new database with the platform's schema, where there is a server for tests; says so where there is none.
    pub(crate) fn found() -> Option<Self> {
        Some(Self::from_template(template()?))
    }

    /// A new database without anything in it.
    pub(crate) fn empty() -> Option<Self> {
        url().map(|_| Self::from_template("template0"))
    }

    fn from_template(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("payctl_it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        psql(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let server = DatabaseServer { name, ..DatabaseServer::parse(&url().unwrap()).unwrap() };
        Self { server, ambient: Ambient::fixed(parse_timestamp(NOW).unwrap()) }
    }

    /// Runs statements on it beside the platform.
    pub(crate) fn run(&self, sql: &str) {
        psql_on(&self.server.name, sql);
    }

    /// Begins a session on it that runs these one after the other; it ends with the last, or with its backend.
    pub(crate) fn session(&self, statements: &[&str]) -> Child {
        let statements = statements.iter().flat_map(|sql| ["-c", sql]);
        psql_command(&self.server.name).args(statements).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql cannot be run")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        psql(&format!("DROP DATABASE {} WITH (FORCE)", self.server.name));
    }
}

impl Engine for Server {
    fn open(&self) -> Store {
        wait_for(Store::connect(&self.server, &migrations(), &self.ambient)).unwrap()
    }

    fn open_read_only(&self) -> Result<Store, StoreError> {
        wait_for(Store::connect_read_only(&self.server, &migrations(), &self.ambient))
    }

    fn log(&self, store: &Store) -> EventLog {
        EventLog::embedded(store)
    }
}

/// Opening is a matter of a runtime of its own, as a test may be inside one that must not block.
pub(crate) fn wait_for<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future));
        waiting.join().unwrap()
    })
}

#[expect(clippy::disallowed_methods, reason = "where tests find their server is no setting of the platform")]
pub(crate) fn url() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("skip: {VARIABLE} is not set, so there is no PostgreSQL to test on; see scripts/stack");
    }
    url
}

/// A migrated database of this process that the others are copies of.
fn template() -> Option<&'static str> {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    url()?;
    Some(TEMPLATE.get_or_init(|| {
        let made = Server::from_template("template0");
        let store = made.open();
        store.close();
        let name = made.server.name.clone();
        // The template outlives every test of the process.
        std::mem::forget(made);
        name
    }))
}

fn psql(sql: &str) {
    psql_on("postgres", sql);
}

fn psql_command(database: &str) -> Command {
    let server = DatabaseServer::parse(&url().unwrap()).unwrap();
    let place = format!("host={} port={} user={} dbname={database}", server.host, server.port, server.user);
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &place]);
    command.env("PGPASSWORD", server.password.as_ref().map_or("", |password| password.expose()));
    command
}

fn psql_on(database: &str, sql: &str) {
    let output = psql_command(database).args(["-c", sql]).output().expect("psql cannot be run");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
}
