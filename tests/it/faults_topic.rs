//! What of a topic is not what a group expects: a log that was wiped and made anew, and records that nobody can read.

use payctl::config::Ambient;
use payctl::event::{Record, Topic, TopicPartition};
use payctl::log::{Admin, KafkaConfig, Publisher};

use crate::kafka;
use crate::platform::stripe_event;
use crate::real::{GROUPS, Real};

const RATE: &str = "40/s";

/// Takes a payment as far as its money goes without the groups.
async fn paid(real: &Real, order_no: &str) -> String {
    let payment = real.env.create(order_no, 5_000).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap().to_owned();
    let event = stripe_event(&format!("evt_{order_no}"), "payment_intent.succeeded", &payment_no, 5_000);
    assert_eq!(real.env.webhook(&event).await, Some(200));
    payment_no
}

async fn settles(real: &Real, payment_no: &str) {
    let settled = async || real.env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    real.eventually("the payment settles", settled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_wiped_is_refused_by_every_group_and_the_cure_it_names_heals_it() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    real.more(&load, 30).await;
    let journal = real.prove(load).await;

    kafka::delete(real.kafka(), &[Topic::PaymentEvents]);
    let made = async || {
        let made = Admin::new(real.kafka()).unwrap().create_missing(&[Topic::PaymentEvents]).await;
        made.is_ok_and(|made| !made.is_empty())
    };
    real.eventually("the topic is made anew", made).await;
    let late = paid(&real, "WIPED-1").await;
    // Some read on as if nothing were, others find the new log at their start.
    real.terminate("accounting");
    real.spawn("accounting", &[]);
    for group in GROUPS {
        let refused = async || {
            let log = real.env.log();
            let cured = |line: &str| line.contains(&format!("`payctl groups reset-offsets payctl.{group} --topic payment.events`"));
            log.lines()
                .any(|line| line.contains("made anew") && line.contains("`payctl events republish --topic payment.events`") && cured(line))
        };
        real.eventually(&format!("{group} refuses a log that it has not read, and names the cure"), refused).await;
    }
    let told = real.env.payctl(&["groups", "reset-offsets", "accounting", "--topic", "payment.events", "--to", "start", "--execute"]);
    assert_ne!(told.code, 0, "a group is not moved under its members: {}", told.stdout);

    for name in ["order", "accounting", "others"] {
        real.terminate(name);
    }
    for group in GROUPS {
        real.done(&["groups", "reset-offsets", group, "--topic", "payment.events", "--to", "start", "--execute"]);
    }
    real.done(&["events", "republish", "--topic", "payment.events", "--all", "--execute"]);
    for name in ["order", "accounting", "others"] {
        real.spawn(name, &[]);
    }
    settles(&real, &late).await;
    real.drained().await;
    real.done(&["verify", "topic", "payment.events"]);
    assert_eq!(real.acked(&journal).code, 0);
    real.verify();
    assert_eq!(real.parked(), 0, "a lost log parks nothing");
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
        is_tombstone: false,
        created_at: "2026-01-02T03:04:05Z".to_owned(),
    };
    let records: Vec<Record> = (0..count).map(|_| record()).collect();
    Publisher::new(config).unwrap().publish(&records).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_parked_while_the_rest_flows_and_a_flood_of_it_opens_the_circuit() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    rubbish(real.kafka(), 1).await;
    let payment_no = paid(&real, "POISON-1").await;
    settles(&real, &payment_no).await;
    real.drained().await;
    let groups = i64::try_from(GROUPS.len()).unwrap();
    let parked = async || real.parked() == groups;
    real.eventually("each group has parked the one record", parked).await;
    rubbish(real.kafka(), 300).await;
    let open = async || real.env.json(&["status"]).to_string().contains("circuit open");
    real.eventually("the circuit opens", open).await;
    let before = real.parked();
    assert!(before < 30 * groups, "a flood is not parked: {before}");
    real.verify();
    real.terminate_all();
}
