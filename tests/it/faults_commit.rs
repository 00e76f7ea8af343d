//! The connection to the database ends right at a COMMIT, whose outcome nobody was told: callers, groups and relay must neither
//! lose what it did nor do it twice.

use serde_json::Value;

use crate::platform::{API_KEY, payment_body};
use crate::proxy::{Cut, Proxy};
use crate::real::{Real, url_by};

const RATE: &str = "40/s";
/// One COMMIT of so many is cut: of the gateway's, and of all others' together.
const GATEWAY_EVERY: usize = 9;
const OTHERS_EVERY: usize = 13;

/// The same create under the same key, whatever became of it before: its status and its payment.
async fn create(real: &Real, order_no: &str) -> (u16, Value) {
    let request = real.env.http().post(real.env.gateway("/api/v1/payments")).header("X-API-Key", API_KEY);
    let answer = request.header("Idempotency-Key", order_no).json(&payment_body(order_no, 900)).send().await.unwrap();
    (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["data"]["payment_no"].take())
}

/// Whether the journal has a create that was answered neither 201 nor 503.
fn other_answer(journal: &std::path::Path) -> Option<String> {
    let text = std::fs::read_to_string(journal).unwrap();
    let creates = text.lines().filter(|line| line.contains("\"op\":\"create\""));
    let is_other = |line: &&str| {
        let is_refused = line.contains("\"type\":\"fail\"") || line.contains("\"type\":\"info\"");
        is_refused && !line.contains("OVERLOADED")
    };
    creates.filter(is_other).map(str::to_owned).next()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_told_as_it_ended_and_has_its_effect_once() {
    let Some(mut real) = Real::found() else { return };
    let server = real.server();
    let proxy = || Proxy::before(&server.host, server.port);
    let (gateway, others) = (proxy(), proxy());
    let through = |proxy: &Proxy| vec![("DATABASE_URL", url_by(&server, &format!("127.0.0.1:{}", proxy.port)))];
    real.up_with(|name| through(if name == "gateway" { &gateway } else { &others })).await;

    gateway.cut_next(Cut::Unanswered);
    let (status, payment_no) = create(&real, "CUT-DONE").await;
    assert!(gateway.has_cut());
    assert_eq!((status, gateway.cuts()), (201, (0, 1)), "it was committed, and its caller is told so");
    assert_eq!(create(&real, "CUT-DONE").await, (201, payment_no), "the repetition finds the same payment");
    // The gateway's process commits other things as well, so the cut may meet one of those.
    let mut lost = None;
    for number in 0..20 {
        let order_no = format!("CUT-LOST-{number}");
        gateway.cut_next(Cut::Undelivered);
        match create(&real, &order_no).await {
            (503, _) => lost = Some(order_no),
            (status, _) => assert_eq!(status, 201, "another COMMIT was cut"),
        }
        if lost.is_some() {
            break;
        }
    }
    let lost = lost.expect("a create was not committed, and its caller may send it again");
    let (status, payment_no) = create(&real, &lost).await;
    assert_eq!(status, 201);
    assert_eq!(create(&real, &lost).await, (201, payment_no));

    let load = real.load(RATE).await;
    gateway.cut_every(GATEWAY_EVERY);
    others.cut_every(OTHERS_EVERY);
    let enough = async || [gateway.cuts(), others.cuts()].iter().all(|(undelivered, unanswered)| *undelivered > 8 && *unanswered > 8);
    real.eventually("both kinds of COMMIT were cut on either side", enough).await;
    real.more(&load, 40).await;
    gateway.cut_every(0);
    others.cut_every(0);
    real.more(&load, 20).await;
    let journal = load.journal.clone();
    real.prove(load).await;
    assert_eq!(other_answer(&journal), None, "who is not told 201 is told 503");
    assert_eq!(real.parked(), 0, "a lost answer parks nothing");
    real.terminate_all();
}
