//! What becomes of a platform whose servers stop, die, come late or lose what they held. They are this file's own: nobody
//! else's server is ever touched.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use payctl::config::Ambient;
use payctl::event::{Record, Topic, TopicPartition};
use payctl::log::{Admin, KafkaConfig, Publisher};

use crate::kafka;
use crate::platform::stripe_event;
use crate::real::{PROCESSES, Real, turn};
use crate::server::Server;

const RATE: &str = "30/s";

/// One server of `scripts/stack` in a directory of its own; it ends with this value.
struct Own {
    dir: tempfile::TempDir,
    part: &'static str,
    port: u16,
}

impl Own {
    fn new(part: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL runs as a user of its own where tests run as root.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir, part, port: free_port() }
    }

    fn stack(&self, word: &str) {
        let done = self.told(word);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{word} {}: {said}", self.part);
    }

    fn told(&self, word: &str) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/stack");
        let mut command = Command::new(script);
        command.args([word, self.part]).env("PAYCTL_STACK_DIR", self.dir.path()).env("PAYCTL_STACK_BROKERS", "1");
        command.env("PAYCTL_STACK_KAFKA_PORT", self.port.to_string()).env("PAYCTL_STACK_PG_PORT", self.port.to_string());
        command.output().unwrap()
    }

    /// Kills the broker as a power cut would.
    fn kill_broker(&self) {
        let pid = std::fs::read_to_string(self.dir.path().join("kafka-1/pid")).unwrap();
        assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    }

    /// Restarts PostgreSQL without a shutdown: every connection is cut, and it recovers from its log.
    fn restart_postgres(&self) {
        let data = self.dir.path().join("postgres/data");
        let script = "bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1); cd /; \
                      set -- \"${bin:+$bin/}pg_ctl\" -D \"$DATA\" -w -m immediate -l \"$DATA/../log\" restart; \
                      if [ \"$(id -u)\" = 0 ]; then exec runuser -u postgres -- \"$@\"; else exec \"$@\"; fi";
        let done = Command::new("sh").args(["-c", script]).env("DATA", &data).output().unwrap();
        assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A test that failed has already said why.
        let _ = self.told("down");
    }
}

fn free_port() -> u16 {
    // The broker's controller listens ten above.
    for _ in 0..100 {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        if port < 60_000 && TcpListener::bind(("127.0.0.1", port + 10)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "not yet proven on a free machine: run it by name with --ignored"]
async fn payments_are_taken_while_the_broker_is_late_stopped_or_dead_and_settle_when_it_is_back() {
    // Whoever has no broker for tests has no Java for one of their own either.
    let Some(config) = kafka::config() else { return };
    let turn = turn();
    let Some(database) = Server::empty() else { return };
    let broker = Own::new("kafka");
    let config = KafkaConfig { brokers: format!("127.0.0.1:{}", broker.port), ..config };
    let mut real = Real::on(&crate::real::url(&database), config, Some(database), turn);
    for (name, ..) in PROCESSES {
        real.spawn(name, &[]);
    }
    let early = async || real.env.create("EARLY-1", 700).await.is_some();
    real.eventually("a payment is taken before there is a broker", early).await;
    broker.stack("up");
    for (name, ..) in PROCESSES {
        real.ready(name).await;
    }
    let load = real.load(RATE).await;
    broker.stack("down");
    real.more(&load, 30).await;
    broker.stack("up");
    real.more(&load, 30).await;
    broker.kill_broker();
    real.more(&load, 30).await;
    broker.stack("up");
    real.prove(load).await;
    assert_eq!(real.parked(), 0, "an outage parks nothing");

    real.terminate("accounting");
    kafka::delete(real.kafka(), &[Topic::PaymentEvents]);
    let made = async || {
        let made = Admin::new(real.kafka()).unwrap().create_missing(&[Topic::PaymentEvents]).await;
        made.is_ok_and(|made| !made.is_empty())
    };
    real.eventually("the topic is made anew", made).await;
    real.spawn("accounting", &[]);
    let refused = async || {
        let log = real.env.log();
        log.contains("the topic was emptied or made anew") && log.contains("payctl events republish --topic payment.events")
    };
    real.eventually("accounting refuses a log that it has not read, and names the cure", refused).await;
    real.verify();
    real.terminate_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_without_a_shutdown_loses_nothing_acknowledged() {
    let Some(config) = kafka::config() else { return };
    let turn = turn();
    if crate::server::url().is_none() {
        return;
    }
    let postgres = Own::new("postgres");
    postgres.stack("up");
    let url = format!("postgres://payctl@127.0.0.1:{}/payctl", postgres.port);
    let mut real = Real::on(&url, config, None, turn);
    real.up().await;
    let load = real.load(RATE).await;
    for _ in 0..3 {
        real.more(&load, 15).await;
        postgres.restart_postgres();
    }
    real.more(&load, 15).await;
    real.prove(load).await;
    assert_eq!(real.parked(), 0, "an outage parks nothing");
    real.terminate_all();
}

/// Records that no group can read, on the first partition of the payments' topic.
async fn rubbish(config: &KafkaConfig, count: usize) {
    let record = || Record {
        at: TopicPartition { topic: Topic::PaymentEvents, partition: 0 },
        offset: 0,
        key: "nobody".to_owned(),
        headers: "{}".to_owned(),
        value: Ambient::system().uuid().to_string().into_bytes(),
        created_at: "2026-01-02T03:04:05Z".to_owned(),
    };
    let records: Vec<Record> = (0..count).map(|_| record()).collect();
    Publisher::new(config).unwrap().publish(&records).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "not yet proven on a free machine: run it by name with --ignored"]
async fn poison_is_parked_while_the_rest_flows_and_a_flood_of_it_opens_the_circuit() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    rubbish(real.kafka(), 1).await;
    let payment = real.env.create("POISON-1", 5_000).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap();
    assert_eq!(real.env.webhook(&stripe_event("evt_poison", "payment_intent.succeeded", payment_no, 5_000)).await, Some(200));
    let settled = async || real.env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    real.eventually("the payment settles", settled).await;
    real.drained().await;
    let parked = async || real.parked() == 4;
    real.eventually("each group has parked the one record", parked).await;
    rubbish(real.kafka(), 300).await;
    let open = async || real.env.json(&["status"]).to_string().contains("circuit open");
    real.eventually("the circuit opens", open).await;
    let before = real.parked();
    assert!(before < 400, "fewer than a hundred for each group: {before}");
    real.verify();
    real.terminate_all();
}
