//! Every status of a group, brought about on real servers, with its reason and the exit code that a script sees.

use std::time::{Duration, Instant};

use payctl::config::Ambient;
use payctl::event::{NewEvent, Topic};
use payctl::log::KafkaConfig;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};
use serde_json::Value;

use crate::backbone::migrated;
use crate::engine::event;
use crate::kafka;
use crate::platform::{Env, Running};
use crate::server::{Server, wait_for};

/// A database and topics of a test's own; `analytics` is the group that is looked at, since it takes any event.
struct Ground {
    env: Env,
    config: KafkaConfig,
    server: Server,
    store: Store,
    versions: i64,
}

/// Members that are killed at most until a rebalance is seen.
const ROUNDS: i64 = 8;

impl Ground {
    fn found() -> Option<Self> {
        let (env, config, server) = migrated()?;
        let env = env.with("PAYCTL_PROFILE", "development").with("PAYCTL_INTERNAL_TOKEN", "internal-token-of-the-lag-test");
        let made = env.payctl(&["topics", "init"]);
        assert_eq!(made.code, 0, "{}\n{}", made.stdout, made.stderr);
        let store = wait_for(Store::connect(&server.server, &Service::migrations(), &Ambient::system())).unwrap();
        Some(Self { env, config, server, store, versions: 0 })
    }

    /// Commits so many events of one payment, which thus lie in one partition.
    async fn commit(&mut self, count: i64) {
        self.commit_under(count, &["K"]).await;
    }

    /// Commits so many events of each of these payments, each under a key of its own.
    async fn commit_under(&mut self, count: i64, payments: &[&str]) {
        let ambient = Ambient::system();
        let of = |version: i64| payments.iter().map(move |payment| (version, *payment));
        let make = |(version, payment)| event(&ambient, &format!("PY20260102030405ABCDEFGHJ{payment}"), self.versions + version, payment);
        let events: Vec<NewEvent> = (1..=count).flat_map(of).map(make).collect();
        self.versions += count;
        self.store.write::<_, StoreError, _>(Class::Background, async move |tx: &mut Tx| tx.publish(&events).await).await.unwrap();
    }

    /// What `lag` says of the group, whatever its exit code.
    fn group(&self) -> Value {
        self.env.json(&["lag", "analytics"])["groups"][0].clone()
    }

    /// Waits until the group has this status; its reason.
    async fn becomes(&self, status: &str) -> String {
        let started = Instant::now();
        loop {
            let group = self.group();
            if group["status"] == status {
                return group["reason"].as_str().unwrap_or_default().to_owned();
            }
            assert!(started.elapsed() < Duration::from_mins(1), "analytics is not {status}: {group}\n{}", self.env.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Checks the table, and that a script which asks for this status is told of it.
    fn fails_on(&self, condition: &str, reason: &str) {
        let told = self.env.payctl(&["lag", "analytics", "--fail-on", condition]);
        assert_eq!(told.code, 3, "{}\n{}", told.stdout, told.stderr);
        assert!(told.stderr.contains("fails on analytics: ") && told.stderr.contains(reason), "{}", told.stderr);
    }

    /// Why partitions are on their way to another member; none when everything is read before that is seen.
    async fn rebalances(&self) -> Option<String> {
        self.published().await;
        loop {
            let group = self.group();
            if group["status"] == "REBALANCING" {
                return Some(group["reason"].as_str().unwrap_or_default().to_owned());
            }
            if group["lag"] == 0 {
                return None;
            }
        }
    }

    async fn published(&self) {
        let empty = async || self.env.json(&["lag"])["outbox"]["waiting"] == 0;
        self.env.eventually("the outbox is empty", empty).await;
    }

    async fn read(&self) {
        let read = async || {
            let group = self.group();
            group["lag"] == 0 && group["unpublished"] == 0 && group["members"] == 1
        };
        self.env.eventually("analytics has read everything", read).await;
    }

    fn serve(&self) -> Running {
        self.env.spawn(&["serve", "analytics"])
    }

    fn end(self) {
        self.store.close();
        kafka::delete(&self.config, Topic::ALL);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_told_from_its_beginning_over_its_death_to_the_records_that_it_lost() {
    let Some(mut ground) = Ground::found() else { return };
    let relay = ground.env.spawn(&["serve", "relay"]);
    ground.commit(3).await;
    ground.published().await;
    let reason = ground.becomes("NO-COMMIT").await;
    assert!(reason.ends_with("holds records and was never committed"), "{reason}");
    let group = ground.group();
    assert_eq!(group["lag"], Value::Null);
    assert_eq!(group["known_partitions"].as_i64().map(|known| known + 1), group["all_partitions"].as_i64());
    ground.fails_on("no-commit", "NO-COMMIT");

    let serving = ground.serve();
    ground.read().await;
    let well = ground.env.payctl(&["lag", "analytics", "--fail-on", "stalled,stopped,lost,unknown,age>1s,lag>0"]);
    assert_eq!(well.code, 0, "{}\n{}", well.stdout, well.stderr);
    assert!(well.stdout.lines().nth(1).unwrap().starts_with("analytics  OK"), "{}", well.stdout);
    assert!(well.stderr.contains("commits, members, money and rates from the database; ends from the brokers"), "{}", well.stderr);

    serving.kill();
    ground.commit(4).await;
    let reason = ground.becomes("STOPPED").await;
    assert!(reason.starts_with("no member is alive, the last was seen "), "{reason}");
    assert!(reason.ends_with("Try: payctl trace PY20260102030405ABCDEFGHJK"), "{reason}");
    ground.published().await;
    let group = ground.group();
    assert_eq!(group["lag"], 4, "{group}");
    let kept = group["retention_left_ms"].as_i64().unwrap();
    assert!((6 * 86_400_000..=7 * 86_400_000).contains(&kept), "{group}");
    ground.fails_on("stopped", "no member is alive");
    ground.fails_on("lag>3", "lag 4 > 3");

    // Retention deletes the three that were read and two that were not.
    kafka::truncate(&ground.config, Topic::PaymentEvents, 5).await;
    let reason = ground.becomes("LOST").await;
    assert!(reason.contains("the log begins at 5 and the group stands at 3: 2 records were deleted unread"), "{reason}");
    let table = ground.env.payctl(&["lag", "analytics"]);
    assert!(table.stdout.contains("LOST 2"), "{}", table.stdout);
    ground.fails_on("lost", "LOST");

    assert_eq!(relay.terminate(), Some(0));
    ground.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_is_held_up_is_rewound_then_stalled_and_without_brokers_nobody_says_that_it_is_well() {
    let Some(mut ground) = Ground::found() else { return };
    let relay = ground.env.spawn(&["serve", "relay"]);
    let serving = ground.serve();
    ground.commit(5).await;
    ground.read().await;
    let away = ground.env.command(&["lag", "analytics", "-o", "json"]).env("KAFKA_BROKERS", "127.0.0.1:1").output().unwrap();
    assert_eq!(away.status.code(), Some(5), "{}", String::from_utf8_lossy(&away.stderr));
    let told: Value = serde_json::from_slice(&away.stdout).unwrap();
    assert_eq!(told["groups"][0]["status"], "UNKNOWN", "{told}");
    assert!(told["groups"][0]["reason"].as_str().unwrap().starts_with("the log does not tell where "), "{told}");
    assert!(told["sources"][1]["fault"].is_string() && told["sources"][0]["fault"].is_null(), "{told}");
    without_a_database(&ground);
    assert_eq!(serving.terminate(), Some(0));

    let reset = ["groups", "reset-offsets", "analytics", "--topic", "payment.events", "--to", "start", "--reason", "a test", "--execute"];
    let done = ground.env.payctl(&reset);
    assert_eq!(done.code, 0, "{}", done.stderr);
    // The group can take partitions and say that it lives, but no batch of it can move its offset.
    ground.server.run(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$; \
         CREATE TRIGGER hold BEFORE UPDATE OF next_offset ON consumer_offsets FOR EACH STATEMENT EXECUTE FUNCTION hold()",
    );
    let mut holder = ground.server.session(&["SELECT pg_advisory_lock(4711)", "SELECT pg_sleep(300)"]);
    let held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted";
    ground.server.run(&format!("DO $$ BEGIN WHILE NOT EXISTS ({held}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"));
    let serving = ground.serve();
    let reason = ground.becomes("REWOUND").await;
    assert!(reason.ends_with("the offset went back from 5 to 0, and what lies between is read again"), "{reason}");
    let reason = ground.becomes("STALLED").await;
    assert!(reason.contains("offset 0 has not moved for ") && reason.contains("next record PY20260102030405ABCDEFGHJK"), "{reason}");
    ground.fails_on("stalled", "has not moved");
    ground.fails_on("age>1s", "the oldest record waits for ");
    ground.server.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted");
    holder.wait().unwrap();
    ground.read().await;
    assert_eq!(ground.becomes("OK").await, "");
    assert_eq!(serving.terminate(), Some(0));
    assert_eq!(relay.terminate(), Some(0));
    ground.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_gets_more_than_it_takes_is_slow_and_never_drains() {
    let Some(mut ground) = Ground::found() else { return };
    // Each batch takes three seconds, however many records it holds and however busy the machine is: fewer than come, and yet the
    // offset never stands for as long as that of a group that has stalled.
    ground.server.run(
        "CREATE FUNCTION drag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$; \
         CREATE TRIGGER drag BEFORE INSERT ON inbox FOR EACH STATEMENT EXECUTE FUNCTION drag()",
    );
    let relay = ground.env.spawn(&["serve", "relay"]);
    let serving = ground.serve();
    let started = Instant::now();
    let group = loop {
        assert!(started.elapsed() < Duration::from_mins(2), "the group is slow at some time: {}", ground.group());
        let due = i64::try_from(started.elapsed().as_millis()).unwrap() * 240 / 1000 + 1 - ground.versions;
        ground.commit(due.max(1)).await;
        let group = ground.group();
        if group["status"] == "SLOW" {
            break group;
        }
    };
    let reason = group["reason"].as_str().unwrap();
    assert!(reason.contains("/s; its oldest record waits for "), "{reason}");
    assert_eq!(group["drain"]["state"], "never", "{group}");
    assert!(group["in_per_second"].as_f64() > group["out_per_second"].as_f64(), "{group}");
    drop((serving, relay));
    ground.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_partitions_of_a_killed_member_go_to_another_the_group_is_rebalancing() {
    let Some(mut ground) = Ground::found() else { return };
    let relay = ground.env.spawn(&["serve", "relay"]);
    let payments = ["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "M", "N"];
    let mut running = ground.serve();
    ground.commit_under(1, &payments).await;
    ground.read().await;
    let mut seen = None;
    for round in 1..=ROUNDS {
        // The brokers keep its partitions for it until its session ends, and now and then that is over before anybody has looked.
        running.kill();
        ground.commit_under(1 + round, &payments).await;
        running = ground.env.spawn_with(&["serve", "analytics"], &[("PORT", &ground.env.port(40016).to_string())]);
        seen = ground.rebalances().await;
        if seen.is_some() {
            break;
        }
    }
    let reason = seen.expect("a rebalance is seen");
    assert!(reason.contains("was last seen ") && reason.ends_with("and what it had goes to the others"), "{reason}");
    ground.read().await;
    assert_eq!(running.terminate(), Some(0));
    assert_eq!(relay.terminate(), Some(0));
    ground.end();
}

/// Without the database the groups are shown as they have told the brokers, and a script sees that something is missing.
fn without_a_database(ground: &Ground) {
    let lag = |more: &[&str]| {
        let words = [&["lag", "analytics", "-o", "json"], more].concat();
        ground.env.command(&words).env("DB_PORT", "1").output().unwrap()
    };
    let name = ground.config.group_name("payctl.analytics");
    let started = Instant::now();
    loop {
        let told = lag(&[]);
        assert_eq!(told.status.code(), Some(5), "{}", String::from_utf8_lossy(&told.stderr));
        let seen: Value = serde_json::from_slice(&told.stdout).unwrap();
        let group = &seen["foreign"][0];
        assert_eq!((group["group"].as_str(), &group["members"]), (Some(name.as_str()), &Value::Null), "{seen}");
        assert!(seen["store_fault"].is_string() && seen["mail"].is_null() && seen["outbox"].is_null(), "{seen}");
        // What is told to the brokers is a mirror, which follows.
        if group["lag"] == 0 && group["status"] == "OK" {
            break;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{seen}");
    }
    assert_eq!(lag(&["--fail-on", "ok"]).status.code(), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_of_others_are_told_by_their_commits_on_the_brokers() {
    let Some(mut ground) = Ground::found() else { return };
    let relay = ground.env.spawn(&["serve", "relay"]);
    ground.commit(9).await;
    ground.published().await;
    let name = format!("{}billing", ground.config.prefix);
    let unknown = ground.env.payctl(&["lag", &name]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    assert!(unknown.stderr.contains(&format!("there is no group {name}; the platform's are order, accounting")), "{}", unknown.stderr);

    kafka::commit_as(&ground.config, &name, Topic::PaymentEvents, 0).await;
    let told = ground.env.json(&["lag", &name]);
    let group = &told["foreign"][0];
    assert_eq!((told["groups"].as_array().unwrap().len(), &group["status"], &group["lag"]), (0, &"STOPPED".into(), &9.into()), "{told}");
    assert!(group["reason"].as_str().unwrap().starts_with("no member is in the group, and "), "{group}");
    assert!(group["oldest_ms"].as_i64().is_some() && group["members"] == 0, "{group}");
    assert_eq!(ground.env.payctl(&["lag", &name, "--fail-on", "stopped"]).code, 3);
    let all = ground.env.payctl(&["lag", "--foreign", "--by", "partition", "--lag", ">0"]);
    assert!(all.stdout.lines().any(|line| line.starts_with(&name) && line.contains(" STOPPED ")), "{}", all.stdout);
    let listed = ground.env.json(&["groups", "list"]);
    let row = listed["groups"].as_array().unwrap().iter().find(|row| row["group"] == name.as_str()).unwrap().clone();
    assert_eq!((&row["is_ours"], &row["lag"], &row["state"]), (&false.into(), &9.into(), &"empty".into()), "{row}");

    kafka::truncate(&ground.config, Topic::PaymentEvents, 4).await;
    let group = ground.env.json(&["lag", &name])["foreign"][0].clone();
    assert_eq!((&group["status"], &group["lag"]), (&"LOST".into(), &5.into()), "{group}");
    assert_eq!(relay.terminate(), Some(0));
    ground.end();
}

/// Commits so many events of one payment to a platform's file that nobody holds.
fn commit_to_file(env: &Env, versions: std::ops::Range<i64>) {
    std::fs::create_dir_all(env.data_dir()).unwrap();
    let ambient = Ambient::system();
    let store = Store::open(&env.data_dir(), &Service::migrations(), &ambient).unwrap();
    let events: Vec<NewEvent> = versions.map(|version| event(&ambient, "PY20260102030405ABCDEFGHJK", version, "K")).collect();
    wait_for(store.write::<_, StoreError, _>(Class::Background, async move |tx: &mut Tx| tx.publish(&events).await)).unwrap();
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_one_file_a_group_is_watched_from_its_beginning_to_its_death() {
    let env = Env::new();
    commit_to_file(&env, 1..4);
    let group = || env.json(&["lag", "analytics"])["groups"][0].clone();
    assert_eq!((&group()["status"], &group()["lag"]), (&"NO-COMMIT".into(), &Value::Null));
    assert_eq!(env.payctl(&["lag", "--fail-on", "no-commit"]).code, 3);

    let serving = env.spawn(&["--profile", "development", "serve", "analytics"]);
    env.eventually("analytics has read everything", async || group()["lag"] == 0 && group()["members"] == 1).await;
    let well = env.payctl(&["lag", "analytics", "--fail-on", "unknown,slow,stalled,stopped,lost,lag>0"]);
    assert_eq!(well.code, 0, "{}\n{}", well.stdout, well.stderr);
    assert!(well.stderr.contains("commits, ends, members, money and rates from the database; at "), "{}", well.stderr);
    serving.kill();
    commit_to_file(&env, 4..6);
    env.eventually("analytics is stopped", async || group()["status"] == "STOPPED").await;
    assert!(group()["reason"].as_str().unwrap().starts_with("no member is alive, the last was seen "), "{}", group());
    assert_eq!((&group()["lag"], &group()["retention_left_ms"], &group()["drain"]["state"]), (&2.into(), &Value::Null, &"idle".into()));

    let ended = env.payctl(&["lag", "--watch", "500ms", "--fail-on", "lag>1"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("fails on analytics: lag 2 > 1"), "{}", ended.stderr);
    for words in [&["lag", "--fail-on", "asleep"][..], &["lag", "nobody"], &["lag", "--lag", "3"], &["lag", "--watch", "1ms"]] {
        let wrong = env.payctl(words);
        assert_eq!(wrong.code, 2, "{words:?}: {}", wrong.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_that_is_interrupted_says_what_it_saw_last() {
    use std::io::{BufRead as _, BufReader, Read as _};
    let env = Env::new();
    commit_to_file(&env, 1..4);
    let mut command = env.command(&["lag", "analytics", "--watch", "500ms"]);
    let mut watch = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let headers = |line: &String| line.starts_with("GROUP ") && line.contains(" TREND ");
    assert!(lines.next().unwrap().unwrap().starts_with("== "), "a block says when it was true");
    assert!(headers(&lines.next().unwrap().unwrap()));
    assert!(lines.by_ref().any(|line| headers(&line.unwrap())), "a block for each look");
    let told = std::process::Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
    assert!(told.success());
    // The rest is read, so that nothing it says meets a closed pipe.
    lines.for_each(drop);
    let mut said = String::new();
    watch.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.lines().last().unwrap().contains(": analytics NO-COMMIT with lag unknown"), "{said}");
}
