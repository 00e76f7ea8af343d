//! Death at named places, a member that sleeps through its session, and wrongs planted on purpose: a checker that has never
//! failed proves nothing.

use crate::platform::Finished;
use crate::real::{Real, SECOND, has_fail_points};

const RATE: &str = "40/s";

/// It has a relay as well, and is not the one that the tests of relays look at.
const GIVES_WAY: &str = "order";

/// A process, the point at which it dies, and how often it passes it before.
const DEATHS: [(&str, &str); 8] = [
    ("gateway", "ingest.begun:12"),
    ("gateway", "ingest.written:12"),
    ("gateway", "ingest.committed:12"),
    ("relay", "relay.acknowledged:3"),
    ("order", "consumer.begun:3"),
    ("accounting", "consumer.begun:3"),
    ("accounting", "consumer.written:3"),
    ("others", "consumer.committed:3"),
];

/// Eight shards of the outbox leave one of five relays without any, and it would never come to its point: of four each has two.
fn make_room(real: &mut Real, name: &str) {
    if name == "relay" {
        real.terminate(GIVES_WAY);
    }
}

/// Starts the process that died, and who made room for it.
async fn restart(real: &mut Real, name: &str) {
    real.spawn(name, &[]);
    if name == "relay" {
        real.spawn(GIVES_WAY, &[]);
        real.ready(GIVES_WAY).await;
    }
    real.ready(name).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn death_at_any_named_place_leaves_no_trace_after_the_restart() {
    if !has_fail_points() {
        return;
    }
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    for (name, point) in DEATHS {
        make_room(&mut real, name);
        real.terminate(name);
        real.spawn(name, &[("PAYCTL_FAIL", point)]);
        real.died(name).await;
        restart(&mut real, name).await;
    }
    real.more(&load, 20).await;
    real.prove(load).await;
    real.terminate_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_slept_past_its_session_commits_nothing_of_what_it_held() {
    if !has_fail_points() {
        return;
    }
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    real.terminate("accounting");
    // It stops with a batch in its hands, and has not begun to write it.
    real.spawn("accounting", &[("PAYCTL_FAIL", "consumer.taken:3:stop")]);
    real.stopped("accounting").await;
    real.spawn(SECOND, &[]);
    let journal = load.end();
    // The second member has everything only after the broker gave the first one up.
    real.drained().await;
    real.wake("accounting");
    let fenced = async || real.env.log().contains("another member has taken the partition");
    real.eventually("the batch of the first is refused", fenced).await;
    assert_eq!(real.acked(&journal).code, 0);
    let load = real.load(RATE).await;
    real.more(&load, 20).await;
    real.prove(load).await;
    real.terminate_all();
}

/// What the checkers say after a wrong.
struct Told {
    acked: Finished,
    verify: Finished,
    topics: Finished,
}

/// Runs the platform with a planted wrong, and asks the checkers afterwards.
async fn planted(name: &str, point: &str) -> Option<Told> {
    if !has_fail_points() {
        return None;
    }
    let mut real = Real::found()?;
    real.up().await;
    make_room(&mut real, name);
    real.terminate(name);
    real.spawn(name, &[("PAYCTL_FAIL", point)]);
    real.ready(name).await;
    let load = real.load(RATE).await;
    if name != "gateway" {
        real.died(name).await;
        restart(&mut real, name).await;
    }
    real.more(&load, 40).await;
    let journal = load.end();
    real.drained().await;
    let (verify, topics) = (real.env.payctl(&["verify"]), real.env.payctl(&["verify", "topic"]));
    Some(Told { acked: real.acked(&journal), verify, topics })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_before_the_commit_is_found_as_lost() {
    let Some(Told { acked, .. }) = planted("gateway", "wrong.answers_before_commit:5").await else { return };
    assert_eq!(acked.code, 3, "{acked:?}");
    assert!(acked.stdout.contains("\"lost\""), "{acked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offset_that_commits_before_its_effects_is_found_as_skipped() {
    let Some(Told { verify, .. }) = planted("accounting", "wrong.offset_before_effects:5").await else { return };
    assert_eq!(verify.code, 3, "{verify:?}");
    assert!(verify.stdout.contains("I13") && verify.stdout.contains("skipped"), "{verify:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_leave_the_outbox_before_they_are_published_are_found_missing() {
    let Some(Told { topics, .. }) = planted("relay", "wrong.settles_before_publishing:5").await else { return };
    // What was lost may be of a topic that no group reads, so only the topics themselves tell.
    assert_eq!(topics.code, 3, "{topics:?}");
    assert!(topics.stdout.contains("missing"), "{topics:?}");
}
