use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::{Ambient, DatabaseServer};
use crate::services::Service;
use crate::store::Store;

/// Unit tests run on SQLite unless this is `postgres`.
const ENGINE: &str = "PAYCTL_TEST_ENGINE";
/// The URL of a database whose user may create others.
const VARIABLE: &str = "TEST_DATABASE_URL";

/// Here no brokers are: an event lies where its number says, as in the embedded log.
const PUBLISH_AT_ONCE: &str = "CREATE FUNCTION publish_at_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO published VALUES (NEW.seq, NEW.topic, NEW.partition, NEW.seq, NEW.created_at); RETURN NEW; END $$; \
     CREATE TRIGGER published_at_once AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION publish_at_once()";

/// A database on the server for tests; it goes away with this value.
pub(super) struct Scratch(DatabaseServer);

impl Scratch {
    /// A new database with the platform's schema, where there is a server for tests.
    pub(super) fn new() -> Option<Self> {
        static TEMPLATE: OnceLock<DatabaseServer> = OnceLock::new();
        url()?;
        let template = TEMPLATE.get_or_init(|| {
            let made = create("template0");
            connect(&made, &Ambient::system()).close();
            psql(&made.name, PUBLISH_AT_ONCE);
            made
        });
        Some(Self(create(&template.name)))
    }

    pub(super) fn open(&self, ambient: &Ambient) -> Store {
        connect(&self.0, ambient)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        psql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.0.name));
    }
}

/// The server for tests, where unit tests are to run on it.
#[expect(clippy::disallowed_methods, reason = "how tests are run is no setting of the platform")]
pub(super) fn url() -> Option<DatabaseServer> {
    let wanted = std::env::var(ENGINE).is_ok_and(|engine| engine == "postgres");
    let url = std::env::var(VARIABLE).ok().filter(|url| wanted && !url.is_empty());
    url.map(|url| DatabaseServer::parse(&url).unwrap())
}

fn create(template: &str) -> DatabaseServer {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("payctl_lib_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    DatabaseServer { name, ..url().unwrap() }
}

/// On a thread and a runtime of its own, as the test may be inside one that must not block.
fn connect(server: &DatabaseServer, ambient: &Ambient) -> Store {
    std::thread::scope(|scope| {
        let connecting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(Store::connect(server, &Service::migrations(), ambient)).unwrap()
        });
        connecting.join().unwrap()
    })
}

fn psql(database: &str, sql: &str) {
    let server = url().unwrap();
    let place = format!("host={} port={} user={} dbname={database}", server.host, server.port, server.user);
    let output =
        Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &place, "-c", sql]).output().expect("psql is missing");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
}
