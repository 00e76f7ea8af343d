use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
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

    pub(super) fn session(&self) -> OtherSession {
        let mut child =
            psql_command(&self.0.name).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql is missing, see scripts/stack");
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        OtherSession { child, input, output }
    }
}

/// Somebody else on the test's database, whose transactions stay open until the test ends them.
pub(crate) struct OtherSession {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl OtherSession {
    /// Runs statements and waits for them.
    pub(crate) fn run(&mut self, sql: &str) {
        self.begin(sql);
        self.end();
    }

    /// Runs statements that may have to wait for others.
    pub(crate) fn begin(&mut self, sql: &str) {
        writeln!(self.input, "{sql};\n\\echo done").unwrap();
    }

    /// Waits for what was begun.
    pub(crate) fn end(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "psql has failed");
    }
}

impl Drop for OtherSession {
    fn drop(&mut self) {
        // Its transaction, if one is open, goes with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
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

fn psql_command(database: &str) -> Command {
    let server = url().unwrap();
    let place = format!("host={} port={} user={} dbname={database}", server.host, server.port, server.user);
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &place]);
    command
}

fn psql(database: &str, sql: &str) {
    let output = psql_command(database).args(["-c", sql]).output().expect("psql is missing");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
}
