//! A platform of several processes on PostgreSQL and Kafka, with a database and topics of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use payctl::config::DatabaseServer;
use payctl::event::Topic;
use payctl::log::{Admin, KafkaConfig};
use serde_json::Value;

use crate::kafka;
use crate::platform::{Env, Finished};
use crate::server::Server;

/// The processes that a platform is split into, each with the ports by which it is known to be ready.
pub(crate) const PROCESSES: [(&str, &[&str], &[u16]); 5] = [
    ("gateway", &["serve", "gateway", "channel"], &[40003, 40005]),
    ("order", &["serve", "order"], &[40004]),
    ("accounting", &["serve", "accounting"], &[40007]),
    ("others", &["serve", "notification", "analytics"], &[40008, 40009]),
    ("relay", &["serve", "relay"], &[]),
];
/// The groups among them, by their short names.
pub(crate) const GROUPS: [&str; 4] = ["order", "accounting", "notification", "analytics"];
/// A second member of accounting's group, which only starts when a test asks for it.
pub(crate) const SECOND: &str = "accounting-2";
/// It listens here, before the offset.
const SECOND_PORT: u16 = 40015;
const TOKEN: &str = "an-internal-token-of-the-integration-tests";
/// Two cores and unoptimised code: a group whose member was killed waits for the session's end before it goes on.
const PATIENCE: Duration = Duration::from_mins(4);

/// One real platform at a time: several would only starve each other.
static TURN: Mutex<()> = Mutex::new(());

/// Where its servers are, and the processes that run on them.
pub(crate) struct Real {
    pub(crate) env: Env,
    running: BTreeMap<String, Child>,
    kafka: KafkaConfig,
    database_url: String,
    loads: u32,
    _database: Option<Server>,
    _turn: MutexGuard<'static, ()>,
}

/// Traffic that is under way, and its history.
pub(crate) struct Load {
    child: Child,
    pub(crate) journal: PathBuf,
}

impl Real {
    /// A platform on the servers for tests; `None`, and the reason printed, where there are none.
    pub(crate) fn found() -> Option<Self> {
        let (kafka, turn) = (kafka::config()?, turn());
        // The processes make the schema, one of them as the first.
        let database = Server::empty()?;
        Some(Self::on(&url(&database), kafka, Some(database), turn))
    }

    /// A platform on these servers.
    pub(crate) fn on(database_url: &str, kafka: KafkaConfig, database: Option<Server>, turn: MutexGuard<'static, ()>) -> Self {
        let env = Env::new()
            .with("DATABASE_URL", database_url)
            .with("KAFKA_BROKERS", &kafka.brokers)
            .with("PAYCTL_TOPIC_PREFIX", &kafka.prefix)
            .with("PAYCTL_PROFILE", "development")
            .with("PAYCTL_INTERNAL_TOKEN", TOKEN)
            .with("PAYCTL_MAIL_SINK", "null");
        Self { env, running: BTreeMap::new(), kafka, database_url: database_url.to_owned(), loads: 0, _database: database, _turn: turn }
    }

    /// Starts every process and waits until all are ready.
    pub(crate) async fn up(&mut self) {
        self.up_with(|_| Vec::new()).await;
    }

    /// Starts every process, each with these settings of its own, and waits until all are ready.
    pub(crate) async fn up_with(&mut self, vars: impl Fn(&str) -> Vec<(&'static str, String)>) {
        Admin::new(&self.kafka).unwrap().create_missing(Topic::ALL).await.unwrap();
        for (name, ..) in PROCESSES {
            let own = vars(name);
            let own: Vec<(&str, &str)> = own.iter().map(|(variable, value)| (*variable, value.as_str())).collect();
            self.spawn(name, &own);
        }
        for (name, ..) in PROCESSES {
            self.ready(name).await;
        }
    }

    /// Starts a process of the list, or the second member.
    pub(crate) fn spawn(&mut self, name: &str, vars: &[(&str, &str)]) {
        let log = self.log_file();
        let words = PROCESSES.iter().find(|(known, ..)| *known == name).map_or(&["serve", "accounting"][..], |(_, words, _)| words);
        let mut command = self.env.command(words);
        if name == SECOND {
            command.env("PORT", self.env.port(SECOND_PORT).to_string());
        }
        command.envs(vars.iter().copied()).stdout(log.try_clone().unwrap()).stderr(log);
        let before = self.running.insert(name.to_owned(), command.spawn().unwrap());
        assert!(before.is_none(), "{name} runs already");
    }

    /// What all processes write to.
    fn log_file(&self) -> File {
        File::options().create(true).append(true).open(self.env.home().join("log")).unwrap()
    }

    pub(crate) async fn ready(&self, name: &str) {
        let (_, _, ports) = PROCESSES.iter().find(|(known, ..)| *known == name).unwrap();
        self.env.ready(ports).await;
    }

    /// The process disappears.
    pub(crate) fn kill(&mut self, name: &str) {
        let mut child = self.running.remove(name).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends it by SIGTERM; it must end well.
    pub(crate) fn terminate(&mut self, name: &str) {
        let mut child = self.running.remove(name).unwrap();
        signal(&child, "-TERM");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}\n{}", self.env.log());
    }

    pub(crate) fn terminate_all(&mut self) {
        let names: Vec<String> = self.running.keys().cloned().collect();
        for name in names {
            self.terminate(&name);
        }
    }

    /// Waits until a process has ended by itself, as at a fail point.
    pub(crate) async fn died(&mut self, name: &str) {
        let started = Instant::now();
        while self.running.get_mut(name).unwrap().try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "{name} did not reach its fail point\n{}", self.env.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.running.remove(name);
    }

    /// Waits until a process has stopped itself.
    pub(crate) async fn stopped(&self, name: &str) {
        let stat = format!("/proc/{}/stat", self.running[name].id());
        let is_stopped = async || std::fs::read_to_string(&stat).is_ok_and(|text| text.contains(") T "));
        self.eventually(&format!("{name} has stopped itself"), is_stopped).await;
    }

    /// Lets a stopped process go on.
    pub(crate) fn wake(&self, name: &str) {
        signal(&self.running[name], "-CONT");
    }

    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !holds().await {
            let told = || format!("{}\n{}", self.env.log(), self.env.payctl(&["lag"]).stdout);
            assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{}", told());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts `payctl load run` at this rate; it goes on until it is ended.
    pub(crate) async fn load(&mut self, rate: &str) -> Load {
        self.loads += 1;
        let journal = self.env.home().join(format!("run-{}.ndjson", self.loads));
        let seed = self.loads.to_string();
        let file = journal.to_str().unwrap();
        let words = ["load", "run", "--rate", rate, "--connections", "16", "--duration", "5m", "--warm-up", "0s", "--duplicates", "5"];
        let more = ["--mix", "create=60,query=10,cancel=5,pay=25", "--drain-timeout", "1s", "--journal", file, "--seed", &seed, "--quiet"];
        let mut command = self.env.command(&[&words[..], &more[..]].concat());
        let child = command.stdout(Stdio::null()).stderr(self.log_file()).spawn().unwrap();
        let load = Load { child, journal };
        self.eventually("payments are acknowledged", async || load.acknowledged() > 10).await;
        load
    }

    /// Waits until so many more creates are acknowledged.
    pub(crate) async fn more(&self, load: &Load, count: usize) {
        let wanted = load.acknowledged() + count;
        self.eventually(&format!("{count} more are acknowledged"), async || load.acknowledged() >= wanted).await;
    }

    /// Ends the load, waits for the groups, and proves what was acknowledged and all invariants; gives the journal.
    pub(crate) async fn prove(&self, load: Load) -> PathBuf {
        let journal = load.end();
        self.drained().await;
        let done = self.acked(&journal);
        assert_eq!(done.code, 0, "{}\n{}\n{}", done.stdout, done.stderr, self.env.log());
        self.verify();
        journal
    }

    pub(crate) fn acked(&self, journal: &std::path::Path) -> Finished {
        self.env.payctl(&["verify", "acked", "--journal", journal.to_str().unwrap(), "-o", "json"])
    }

    pub(crate) fn verify(&self) {
        self.done(&["verify"]);
    }

    /// Runs a command that must end well.
    pub(crate) fn done(&self, args: &[&str]) {
        let done = self.env.payctl(args);
        assert_eq!(done.code, 0, "{args:?}\n{}\n{}\n{}", done.stdout, done.stderr, self.env.log());
    }

    /// Waits until everything is published and read.
    pub(crate) async fn drained(&self) {
        self.eventually("everything is published and read", async || self.is_published() && self.is_drained() && self.is_published()).await;
    }

    /// Whether nothing is between a commit and the log.
    fn is_published(&self) -> bool {
        let sql = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM webhook_in WHERE state = 'received')";
        self.asked(sql) == Some(0)
    }

    /// How often partitions of the group, named in full, have been claimed in all.
    pub(crate) fn claims(&self, group: &str) -> i64 {
        self.asked(&format!("SELECT coalesce(sum(epoch), 0) FROM consumer_offsets WHERE grp = '{group}'")).unwrap()
    }

    /// Runs statements on its database.
    pub(crate) fn run(&self, sql: &str) {
        let answer = Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.database_url]).output().unwrap();
        assert!(answer.status.success(), "{sql}: {}", String::from_utf8_lossy(&answer.stderr));
    }

    /// What the database says; nothing while it does not answer.
    pub(crate) fn asked(&self, sql: &str) -> Option<i64> {
        let answer = Command::new("psql").args(["-X", "-At", "-c", sql, &self.database_url]).output().unwrap();
        String::from_utf8(answer.stdout).unwrap().trim().parse().ok()
    }

    fn is_drained(&self) -> bool {
        let lag = self.env.payctl(&["lag", "-o", "json"]);
        let Ok(lag) = serde_json::from_str::<Value>(&lag.stdout) else { return false };
        lag["groups"].as_array().is_some_and(|groups| !groups.is_empty() && groups.iter().all(|group| group["lag"] == 0))
    }

    /// How many events of all groups are parked or held.
    pub(crate) fn parked(&self) -> i64 {
        let lag = self.env.json(&["lag"]);
        let count = |group: &Value| group["parked"].as_i64().unwrap() + group["held"].as_i64().unwrap();
        lag["groups"].as_array().unwrap().iter().map(count).sum()
    }

    /// Where its database is.
    pub(crate) fn server(&self) -> DatabaseServer {
        DatabaseServer::parse(&self.database_url).unwrap()
    }

    pub(crate) const fn kafka(&self) -> &KafkaConfig {
        &self.kafka
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
        kafka::delete(&self.kafka, Topic::ALL);
    }
}

impl Load {
    /// How many creates are acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        let text = std::fs::read_to_string(&self.journal).unwrap_or_default();
        text.lines().filter(|line| line.contains("\"ok\"") && line.contains("\"create\"")).count()
    }

    /// Ends it; its last line may be torn, and says nothing then.
    pub(crate) fn end(mut self) -> PathBuf {
        let _ = self.child.kill();
        let _ = self.child.wait();
        std::mem::take(&mut self.journal)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the platform before this one to end; a test that failed has broken nothing for the next.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this build has fail points; says so where it has not.
pub(crate) fn has_fail_points() -> bool {
    if !cfg!(debug_assertions) {
        println!("skip: a release build has no fail points");
    }
    cfg!(debug_assertions)
}

/// How the processes are told of it.
pub(crate) fn url(database: &Server) -> String {
    let server = &database.server;
    url_by(server, &format!("{}:{}", server.host, server.port))
}

/// How processes are told of a database that they reach at this place.
pub(crate) fn url_by(server: &DatabaseServer, place: &str) -> String {
    let password = server.password.as_ref().map_or_else(String::new, |password| format!(":{}", password.expose()));
    format!("postgres://{}{password}@{place}/{}", server.user, server.name)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}
