//! What becomes of a platform whose servers stop, die or come late.

use payctl::log::KafkaConfig;

use crate::kafka;
use crate::own::Own;
use crate::real::{PROCESSES, Real, turn};
use crate::server::Server;

const RATE: &str = "30/s";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
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
    real.drained().await;
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
