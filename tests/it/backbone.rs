//! What operators do about a log on brokers, on real servers: `TEST_DATABASE_URL` and `KAFKA_BROKERS` say where they run.

use payctl::event::Topic;
use payctl::log::KafkaConfig;
use payctl::services::Service;
use payctl::store::Store;

use crate::kafka;
use crate::platform::Env;
use crate::server::{Server, wait_for};

/// A platform on a database and topics of its own; nothing, and the reason printed, where there are no servers.
pub(crate) fn platform() -> Option<(Env, KafkaConfig, Server)> {
    on(Server::empty())
}

/// The same with the schema of a platform that nobody has used yet.
pub(crate) fn migrated() -> Option<(Env, KafkaConfig, Server)> {
    let server = Server::empty()?;
    wait_for(Store::connect(&server.server, &Service::migrations(), &server.ambient)).unwrap().close();
    on(Some(server))
}

fn on(server: Option<Server>) -> Option<(Env, KafkaConfig, Server)> {
    let server = server?;
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

#[test]
fn the_selftest_sends_records_there_and_back_and_leaves_nothing() {
    let Some((env, _, _server)) = platform() else { return };
    let found = env.json(&["selftest", "kafka"]);
    assert_eq!((found["brokers"].as_u64(), found["records"].as_u64()), (Some(1), Some(100)), "{found}");
    assert!(found["returned"]["p50_us"].as_u64() >= found["acknowledged"]["p50_us"].as_u64(), "{found}");
    let away = env.with("KAFKA_BROKERS", "127.0.0.1:1").payctl(&["selftest", "kafka"]);
    assert_eq!((away.code, away.stderr.lines().count()), (4, 1), "{}", away.stderr);
}

#[test]
fn topics_that_were_made_a_moment_ago_are_listed_and_measured_at_once() {
    for _ in 0..3 {
        let Some((env, config, _server)) = migrated() else { return };
        for words in [&["topics", "init"][..], &["lag"], &["topics", "list"], &["topics", "tail", "payment.events"]] {
            let done = env.payctl(words);
            assert_eq!(done.code, 0, "{words:?}: {}", done.stderr);
        }
        kafka::delete(&config, Topic::ALL);
    }
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
