//! Logs that have lost something, and events that no log has yet: what operators see of it and how it is cured, on real servers.

use std::ops::Range;

use payctl::config::Ambient;
use payctl::event::{NewEvent, Topic};
use payctl::log::KafkaConfig;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};
use serde_json::Value;

use crate::backbone::migrated;
use crate::engine::event;
use crate::fallback::{Door, paid, real};
use crate::kafka;
use crate::platform::{Env, Running};
use crate::server::{Server, wait_for};

const AGGREGATES: i64 = 20;

/// A database and topics of a test's own, in which events wait in the outbox; nothing, and the reason printed, without servers.
fn ground() -> Option<(Env, KafkaConfig, Server)> {
    let (env, config, server) = migrated()?;
    let env = env.with("PAYCTL_PROFILE", "development").with("PAYCTL_INTERNAL_TOKEN", "internal-token-of-the-lost-log-test");
    let made = env.payctl(&["topics", "init"]);
    assert_eq!(made.code, 0, "{}\n{}", made.stdout, made.stderr);
    commit(&server, 1..6);
    Some((env, config, server))
}

fn commit(server: &Server, versions: Range<i64>) {
    let ambient = Ambient::system();
    let store = wait_for(Store::connect(&server.server, &Service::migrations(), &ambient)).unwrap();
    let of = |version| (0..AGGREGATES).map(move |number| (version, number));
    let make = |(version, number)| event(&ambient, &format!("PY{number}"), version, &format!("key-{number}"));
    let events: Vec<NewEvent> = versions.flat_map(of).map(make).collect();
    wait_for(store.write::<_, StoreError, _>(Class::Background, async move |tx: &mut Tx| tx.publish(&events).await)).unwrap();
    store.close();
}

/// Starts these services and waits until nothing is left in the outbox.
async fn published(env: &Env, words: &[&str]) -> Running {
    let running = env.spawn(words);
    let empty =
        async || serde_json::from_str::<Value>(&env.payctl(&["lag", "-o", "json"]).stdout).is_ok_and(|lag| lag["outbox"]["waiting"] == 0);
    env.eventually("the outbox is empty", empty).await;
    running
}

/// How many records the group of `analytics` has missed.
fn missed(env: &Env) -> i64 {
    let lag = env.json(&["lag", "analytics"]);
    let partitions = lag["groups"][0]["partitions"].as_array().unwrap().clone();
    partitions.iter().map(|partition| partition["missed"].as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_made_anew_is_found_to_lack_every_event_and_can_be_filled_again() {
    let Some((env, config, _server)) = ground() else { return };
    let relay = published(&env, &["serve", "relay"]).await;
    let verify = ["verify", "topic", "payment.events", "-o", "json"];
    let whole = env.payctl(&verify);
    assert_eq!(whole.code, 0, "{}\n{}", whole.stdout, whole.stderr);
    assert_eq!(relay.terminate(), Some(0));

    kafka::delete(&config, &[Topic::PaymentEvents]);
    let is_new = async || env.json(&["topics", "init"])["topics"][0]["created"] == true;
    // A topic that is being deleted still has its name for a moment.
    env.eventually("the topic is made anew", is_new).await;
    let wiped = env.payctl(&verify);
    assert_eq!(wiped.code, 3, "{}\n{}", wiped.stdout, wiped.stderr);
    let told: Value = serde_json::from_str(&wiped.stdout).unwrap();
    let topic = &told["topics"][0];
    assert_eq!((&topic["records"], &topic["missing"], &topic["foreign"]), (&0.into(), &100.into(), &0.into()), "{topic}");
    assert_eq!(topic["findings"][0]["what"], "missing");
    assert_eq!(topic["findings"].as_array().unwrap().len(), 10, "the first of them are named");

    let again = env.payctl(&["events", "republish", "--topic", "payment.events", "--all", "--execute"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let relay = published(&env, &["serve", "relay"]).await;
    let filled = env.payctl(&verify);
    assert_eq!(filled.code, 0, "{}\n{}", filled.stdout, filled.stderr);
    assert_eq!(relay.terminate(), Some(0));
    kafka::delete(&config, Topic::ALL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_group_says_what_was_gone_before_it_came_and_gets_it_by_republishing() {
    let Some((env, config, _server)) = ground() else { return };
    let relay = published(&env, &["serve", "relay"]).await;
    assert_eq!(relay.terminate(), Some(0));
    let gone = kafka::truncate(&config, Topic::PaymentEvents, 3).await;
    assert!(gone > 0);
    assert_eq!(missed(&env), gone, "before it has begun");

    let running = published(&env, &["serve", "analytics"]).await;
    env.eventually("analytics has read what is left", async || env.log().contains("begins at the first record that is left")).await;
    env.eventually("analytics has caught up", async || env.json(&["lag", "analytics"])["groups"][0]["lag"] == 0).await;
    assert_eq!(env.log().matches("begins at the first record that is left").count(), 1, "{}", env.log());
    assert_eq!(missed(&env), gone);
    let said = env.payctl(&["lag", "analytics"]).stderr;
    let note = format!("! analytics: {gone} records of payment.events were gone when it began there. Try: payctl events republish");
    assert!(said.contains(&note), "{said}");

    let again = env.payctl(&["events", "republish", "--topic", "payment.events", "--all", "--execute"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    env.eventually("what was gone is published again and read", async || missed(&env) == 0).await;
    assert_eq!(running.terminate(), Some(0));
    kafka::delete(&config, Topic::ALL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_no_log_has_yet_is_at_risk_and_without_brokers_lag_does_not_say_that_all_is_well() {
    let (Some(server), Some(broker)) = (Server::empty(), kafka::brokers()) else { return };
    let door = Door::closed(broker);
    let env = real(&server, &door.here.to_string());
    // Without consumers nothing can be done past the brokers either.
    let gateway = env.spawn(&["--profile", "development", "serve", "gateway", "channel"]);
    env.ready(&[40003, 40005]).await;
    paid(&env, "ORD-1").await;
    let lag = || {
        let told = env.payctl(&["lag", "-o", "json"]);
        assert_eq!(told.code, 5, "{}", told.stderr);
        serde_json::from_str::<Value>(&told.stdout).unwrap()
    };
    let accounting = |lag: &Value| lag["groups"].as_array().unwrap().iter().find(|group| group["group"] == "accounting").unwrap().clone();
    let waits = async || accounting(&lag())["status"] == "UNPUBLISHED";
    env.eventually("lag says that events are in no log", waits).await;
    let (all, group) = (lag(), accounting(&lag()));
    assert!(all["log_fault"].as_str().is_some_and(|fault| fault.contains("unavailable")), "{all}");
    assert_eq!((&group["payments_at_risk"], &group["at_risk"][0]["amount"]), (&1.into(), &1_000.into()), "{group}");
    assert_eq!(group["at_risk"][0]["currency"], "USD");
    assert!(group["unpublished"].as_i64().unwrap() >= 2, "{group}");
    assert!(group["reason"].as_str().unwrap().contains("wait in the outbox and are in no log"), "{group}");
    assert_eq!(gateway.terminate(), Some(0));

    door.open();
    let running = env.up().await;
    env.verify().await;
    let group = accounting(&env.json(&["lag"]));
    assert_eq!((&group["status"], &group["payments_at_risk"], &group["unpublished"]), (&"OK".into(), &0.into(), &0.into()), "{group}");
    assert_eq!(running.terminate(), Some(0));
}
