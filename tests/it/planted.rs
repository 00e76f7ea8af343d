//! Corruptions planted into a real platform's database and topics: a healthy system under load is left alone, and each fault is
//! named by its invariant with a command that shows it.

use std::process::{Command, Stdio};

use payctl::event::{Topic, partition_of};
use serde_json::{Value, json};

use crate::corruption::{self, UNTRACED};
use crate::real::Real;

const RATE: &str = "40/s";
/// The key of what is planted on a topic.
const KEY: &str = "planted";
/// What is in two topics' worth of order, and the other way round on the topic.
const FIRST: &str = "00000000-0000-0000-0000-0000000000a1";
const SECOND: &str = "00000000-0000-0000-0000-0000000000a2";
/// What was committed and never came to the topic.
const LOST: &str = "00000000-0000-0000-0000-0000000000a3";

/// A record of no service, as `topics tail --raw` would show it.
fn line(event_id: &str, value: &str) -> String {
    let names = ["event_type", "aggregate_type", "aggregate_id", "aggregate_version", "timestamp", "version", "sha256", "traceparent"];
    let mut headers: serde_json::Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    headers.insert("event_id".to_owned(), json!(event_id));
    json!({ "key": KEY, "raw": { "headers": headers, "value": value, "value_hex": null } }).to_string()
}

/// An event of the store that no service has written.
fn stored(event_id: &str, version: i64) -> String {
    let partition = partition_of(KEY.as_bytes(), Topic::OrderEvents.partitions());
    format!(
        "INSERT INTO events (event_id, aggregate_type, aggregate_id, aggregate_version, event_type, topic, partition, key, headers, value, \
         created_at) VALUES ('{event_id}', 'order', 'planted', {version}, 'order.planted', 'order.events', {partition}, '{KEY}', '{{}}', \
         '{{}}', now())"
    )
}

fn plant(real: &Real) {
    real.run("ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE transfers DISABLE TRIGGER USER");
    for sql in corruption::statements(true) {
        real.run(&sql);
    }
    for (event_id, version) in [(FIRST, 1), (SECOND, 2), (LOST, 3)] {
        real.run(&stored(event_id, version));
    }
    real.run("ALTER TABLE events ENABLE TRIGGER USER");
    let file = real.env.home().join("records.jsonl");
    std::fs::write(&file, [line(SECOND, "{}"), line(FIRST, "{}"), line(LOST, "forged"), "no line".to_owned()].join("\n")).unwrap();
    let file = file.to_str().unwrap();
    let planned = real.env.payctl(&["topics", "produce", "order.events", file]);
    assert_eq!(planned.code, 5, "{}\n{}", planned.stdout, planned.stderr);
    assert!(planned.stderr.contains("3 of 4 lines can be published: 2 are events of the store"), "{}", planned.stderr);
    let done = real.env.payctl(&["topics", "produce", "order.events", file, "--reason", "a test", "--execute"]);
    assert_eq!(done.code, 5, "one line is none: {}\n{}", done.stdout, done.stderr);
    let audited = "SELECT count(*) FROM events WHERE topic = 'audit.logs' AND convert_from(value, 'UTF8') LIKE '%topics.produce%'";
    assert_eq!(real.asked(audited), Some(1), "it is audited");
}

/// What `verify --all` says of one check.
fn check<'a>(found: &'a Value, id: &str, source: &str) -> &'a Value {
    let checks = found["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id && check["source"] == source).unwrap_or_else(|| panic!("no {id} of {source}: {found}"))
}

/// Asks again and again until Ctrl-C, which is its own exit code.
async fn watch(real: &Real) -> Option<i32> {
    let file = real.env.home().join("watched");
    let mut command = real.env.command(&["verify", "--id", "I19", "--watch", "100ms"]);
    let mut child = command.stdout(std::fs::File::create(&file).unwrap()).stderr(Stdio::null()).spawn().unwrap();
    let told = || std::fs::read_to_string(&file).unwrap();
    real.eventually("two blocks are there", async || told().matches("\n== ").count() >= 1 && told().contains("I19")).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap().code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_under_load_is_left_alone_and_each_corruption_is_named() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    for _ in 0..3 {
        real.more(&load, 40).await;
        real.done(&["verify", "--all"]);
    }
    real.prove(load).await;
    real.done(&["verify", "--all"]);
    real.done(&["verify", "consumption"]);
    let raw = real.env.payctl(&["topics", "tail", "payment.events", "--from-offset", "0", "--raw", "-o", "jsonl"]);
    std::fs::write(real.env.home().join("raw.jsonl"), &raw.stdout).unwrap();
    let again = real.env.json(&["topics", "produce", "payment.events", "raw.jsonl"]);
    assert_eq!((&again["known"], &again["lines"]), (&json!(raw.stdout.lines().count()), &again["known"]), "{}", raw.stderr);
    assert_eq!(watch(&real).await, Some(130));
    let away = real.env.command(&["verify", "--all"]).env("KAFKA_BROKERS", "127.0.0.1:1").output().unwrap();
    assert_eq!(away.status.code(), Some(5), "the database is checked, the topics are unknown: {away:?}");
    real.terminate_all();

    plant(&real);
    let done = real.env.payctl(&["verify", "--all", "-o", "json"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    let planted = corruption::ids().into_iter().map(|id| (id, "database"));
    for (id, source) in planted.chain([("I9", "database"), ("I21", "database"), ("I9", "topics"), ("I10", "topics"), ("I11", "topics")]) {
        let check = check(&found, id, source);
        assert_eq!(check["verdict"], "broken", "{id} of the {source}: {check}");
        let examples = check["examples"].as_array().unwrap();
        assert!((1..=5).contains(&examples.len()), "{check}");
        let is_traced = examples.iter().any(|example| example["next"].as_str().is_some_and(|next| next.starts_with("payctl trace ")));
        assert!(is_traced || UNTRACED.contains(&id), "{id} of the {source}: {check}");
    }
    assert_eq!(check(&found, "I11", "topics")["examples"][0]["subject"], FIRST);
}
