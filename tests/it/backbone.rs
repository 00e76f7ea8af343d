//! What operators do about a log on brokers, on real servers: `TEST_DATABASE_URL` and `KAFKA_BROKERS` say where they run.

use payctl::log::KafkaConfig;

use crate::kafka;
use crate::platform::Env;
use crate::server::Server;

/// A platform on a database and topics of its own; nothing, and the reason printed, where there are no servers.
fn platform() -> Option<(Env, KafkaConfig, Server)> {
    let server = Server::empty()?;
    let config = kafka::config()?;
    let database = &server.server;
    let password = database.password.as_ref().map_or("", |password| password.expose());
    let env = Env::new()
        .with("DB_HOST", &database.host)
        .with("DB_PORT", &database.port.to_string())
        .with("DB_USER", &database.user)
        .with("DB_PASSWORD", password)
        .with("DB_NAME", &database.name)
        .with("DB_SSL_MODE", "disable")
        .with("KAFKA_BROKERS", &config.brokers)
        .with("PAYCTL_TOPIC_PREFIX", &config.prefix);
    Some((env, config, server))
}

/// Whether the group has read everything that lies on the brokers.
fn has_read_all(env: &Env, group: &str) -> bool {
    env.json(&["groups", "describe", group])["lag"]["lag"] == 0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_lost_is_filled_again_and_nothing_is_applied_twice() {
    let Some((env, config, _server)) = platform() else { return };
    assert_eq!(env.payctl(&["topics", "init"]).code, 0);
    let up = env.up().await;
    let mut payments = Vec::new();
    for order in 0..5 {
        let created = env.create(&format!("ORD{order}"), 1000).await.expect("the payment is created");
        payments.push(created["payment_no"].as_str().unwrap().to_owned());
    }
    env.verify().await;
    let trace = env.json(&["trace", &payments[0]]);
    let steps = trace["steps"].as_array().unwrap();
    let created = steps.iter().find(|step| step["what"] == "payment.created v1").unwrap();
    assert!(created["place"].as_str().is_some_and(|place| place.starts_with("payment.events/")), "{created}");
    assert!(created["reads"].as_array().is_some_and(|reads| !reads.is_empty()), "{created}");
    let found = env.json(&["verify", "topic", "payment.events", "order.events"]);
    assert_eq!((found["topics"][0]["records"].as_u64(), found["topics"][0]["missing"].as_u64()), (Some(5), Some(0)), "{found}");
    assert_eq!(env.payctl(&["verify", "topic"]).code, 0);
    let refused = env.payctl(&["groups", "reset-offsets", "order", "--topic", "payment.events", "--to", "start", "--execute"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("living member"), "{}", refused.stderr);
    up.kill();

    kafka::delete_topics(&config);
    env.eventually("the topics are made anew", async || env.payctl(&["topics", "init"]).code == 0).await;
    env.eventually("the topic is empty", async || env.payctl(&["verify", "topic", "payment.events"]).code == 3).await;
    for topic in ["payment.events", "order.events"] {
        let done = env.json(&["events", "republish", "--topic", topic, "--all", "--execute"]);
        assert!(done["put_back"].as_u64().is_some_and(|put_back| put_back > 0), "{done}");
    }
    let readers = [("order", "payment.events"), ("accounting", "payment.events"), ("notification", "payment.events")];
    let more = [("analytics", "payment.events"), ("notification", "order.events"), ("analytics", "order.events")];
    for (group, topic) in readers.into_iter().chain(more) {
        let words = ["groups", "reset-offsets", group, "--topic", topic, "--to", "start", "--reason", "made anew", "--execute"];
        env.eventually("the killed members are forgotten", async || env.payctl(&words).code == 0).await;
    }
    let _up = env.up().await;
    for group in ["order", "accounting", "notification", "analytics"] {
        env.eventually("the group has read the new log", async || has_read_all(&env, group)).await;
    }
    env.verify().await;
    env.eventually("the topic holds what the store holds", async || env.payctl(&["verify", "topic"]).code == 0).await;
    let audited = env.json(&["verify", "topic", "audit.logs"]);
    assert_eq!(audited["topics"][0]["records"], 6, "{audited}");
    kafka::delete_topics(&config);
}

#[test]
fn the_selftest_sends_records_there_and_back_and_leaves_nothing() {
    let Some((env, _, _server)) = platform() else { return };
    let found = env.json(&["selftest", "kafka"]);
    assert_eq!((found["brokers"].as_u64(), found["records"].as_u64()), (Some(1), Some(100)), "{found}");
    assert!(found["returned"]["p50_us"].as_u64() >= found["acknowledged"]["p50_us"].as_u64(), "{found}");
    let away = env.with("KAFKA_BROKERS", "127.0.0.1:1").payctl(&["selftest", "kafka"]);
    assert_eq!((away.code, away.stderr.lines().count()), (4, 1), "{}", away.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_log_is_a_table_what_only_brokers_need_is_refused_with_the_reason() {
    let env = Env::new();
    for words in [
        &["events", "republish", "--topic", "payment.events", "--all"][..],
        &["groups", "reset-offsets", "order", "--topic", "payment.events", "--to", "start"],
        &["verify", "topic"],
        &["selftest", "kafka"],
    ] {
        let refused = env.payctl(words);
        assert_eq!(refused.code, 2, "{words:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("the log is a table of the SQLite file"), "{}", refused.stderr);
    }
}
