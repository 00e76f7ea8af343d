//! Two thousand payments, two hundred of which the books refuse: what the operator sees, and a replay until every one is booked.

use std::process::Stdio;

use futures_util::StreamExt as _;
use serde_json::Value;

use crate::platform::{Env, Finished, stripe_event};
use crate::real::{Real, has_fail_points};

const PAYMENTS: i64 = 2000;
/// Every so many amounts one is refused, so that failures lie among successes and the circuit stays closed.
const EVERY: i64 = 10;
const REFUSED: i64 = PAYMENTS / EVERY;
const FIRST_AMOUNT: i64 = 1_000;
/// Requests at a time: the platform is unoptimised, and the machine not its own.
const AT_ONCE: usize = 16;

/// Creates the payments and has each paid.
async fn pay(env: &Env) {
    let one = |number: i64| async move {
        let amount = FIRST_AMOUNT + number;
        let created = env.create(&format!("LETTER-{number}"), amount).await.expect("a payment");
        let payment_no = created["payment_no"].as_str().unwrap();
        let event = stripe_event(&format!("evt_{number}"), "payment_intent.succeeded", payment_no, amount);
        assert_eq!(env.webhook(&event).await, Some(200));
    };
    futures_util::stream::iter((0..PAYMENTS).map(one)).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

fn refused_money() -> i64 {
    (0..PAYMENTS).map(|number| FIRST_AMOUNT + number).filter(|amount| amount % EVERY == 0).sum()
}

fn replay(env: &Env, words: &[&str]) -> (Finished, Value) {
    let done = env.payctl(&[&["dlq", "replay"], words, &["-o", "json"]].concat());
    let report = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
    (done, report)
}

fn tally(report: &Value, kind: &str, name: &str) -> i64 {
    let tallies = report[kind].as_array().cloned().unwrap_or_default();
    tallies.iter().find(|tally| tally["name"] == name).map_or(0, |tally| tally["count"].as_i64().unwrap())
}

/// What the operator does before the fault is gone: looks, and sees the canary come back.
async fn look_and_try(env: &Env) -> String {
    let listed = async || env.json(&["dlq", "list"])["causes"][0]["count"] == REFUSED;
    env.eventually("every refused payment is parked", listed).await;
    let list = env.json(&["dlq", "list"]);
    assert_eq!(list["causes"].as_array().unwrap().len(), 1, "{list}");
    let cause = &list["causes"][0];
    assert_eq!((cause["group"].as_str(), cause["error_code"].as_str()), (Some("accounting"), Some("ACCOUNT_REFUSED")));
    assert_eq!(cause["money"], serde_json::json!([{"amount": refused_money(), "currency": "USD"}]));
    let id = cause["cause"].as_str().unwrap().to_owned();
    let shown = env.json(&["dlq", "show", &id]);
    assert_eq!((shown["preflight"]["verdict"].as_str(), shown["preflight"]["reaches"].as_str()), (Some("ready"), Some("accounting")));
    assert_eq!((tally(&shown, "verdicts", "ready"), shown["preflight"]["effect"].is_null()), (REFUSED, true));
    assert!(!shown.to_string().contains("test@example.com"), "{shown}");

    let (planned, plan) = replay(env, &[&id, "--canary", "3"]);
    assert_eq!((planned.code, tally(&plan, "verdicts", "ready"), plan["sent"].as_i64()), (0, REFUSED, Some(0)), "{}", planned.stderr);
    let plan_id = plan["plan_id"].as_str().unwrap();
    let (stopped, report) = replay(env, &["--plan", plan_id, "--reason", "ticket 4711", "--execute"]);
    assert_eq!(stopped.code, 3, "{}\n{}\n{}", stopped.stdout, stopped.stderr, env.log());
    assert_eq!((report["sent"].as_i64(), tally(&report, "outcomes", "FAILED-AGAIN")), (Some(3), 3), "{report}");
    assert_eq!((report["ended"].as_str(), report["state"].as_str()), (Some("stopped"), Some("stopped")));
    assert_eq!(env.json(&["dlq", "list"])["causes"][0]["failed_again"], 3);
    id
}

/// A replay that is killed half-way, with some sent and some not; its plan.
async fn killed_half_way(env: &Env, cause: &str) -> String {
    let (planned, plan) = replay(env, &[cause, "--rate", "40/s", "--reason", "repaired"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let plan_id = plan["plan_id"].as_str().unwrap().to_owned();
    let words = ["dlq", "replay", "--plan", &plan_id, "--execute"];
    let mut console = env.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let some = async || tally(&env.json(&["dlq", "status", &plan_id]), "outcomes", "VERIFIED") > REFUSED / 8;
    env.eventually("some are booked", some).await;
    console.kill().unwrap();
    console.wait().unwrap();
    let sent = env.json(&["dlq", "status", &plan_id])["sent"].as_i64().unwrap();
    assert!((REFUSED / 8..REFUSED).contains(&sent), "{sent} were sent");
    plan_id
}

/// What the operator does once the fault is gone and a first replay was cut off.
fn replay_the_rest(env: &Env, (cause, plan_id): (&str, &str)) {
    let (done, report) = replay(env, &["--plan", plan_id, "--wait", "60s", "--execute"]);
    assert_eq!(done.code, 0, "{}\n{}\n{}", done.stdout, done.stderr, env.log());
    assert_eq!((tally(&report, "outcomes", "VERIFIED"), report["state"].as_str()), (REFUSED, Some("done")), "{report}");
    assert_eq!(report["outcomes"][0]["money"][0]["amount"], refused_money());
    assert_eq!(env.payctl(&["dlq", "status", plan_id]).code, 0);
    let (again, report) = replay(env, &["--plan", plan_id, "--execute"]);
    assert_eq!((again.code, tally(&report, "outcomes", "VERIFIED")), (0, REFUSED), "{}", again.stderr);
    assert!(again.stderr.contains("sent before"), "{}", again.stderr);
    let (nothing, _) = replay(env, &[cause, "--execute"]);
    assert_eq!(nothing.code, 0, "{}", nothing.stderr);
    assert!(nothing.stderr.contains("nothing to replay"), "{}", nothing.stderr);
    assert!(env.json(&["dlq", "list"])["causes"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parked_payments_are_seen_tried_and_booked_while_one_process_holds_the_file() {
    if !has_fail_points() {
        return;
    }
    let env = Env::new().with("PAYCTL_MAIL_SINK", "null");
    let point = format!("wrong.refuses_amounts:{EVERY}");
    let faulty = env.spawn_with(&["up"], &[("PAYCTL_FAIL", &point)]);
    env.ready(&[40003, 40004, 40005, 40007, 40008, 40009]).await;
    pay(&env).await;
    let cause = look_and_try(&env).await;
    assert_eq!(faulty.terminate(), Some(0));
    assert_eq!(env.json(&["dlq", "list"])["causes"][0]["count"], REFUSED, "the console reads a platform that is down as well");
    let (dead, report) = replay(&env, &[&cause, "--execute", "--wait", "1s"]);
    assert_eq!((dead.code, report["sent"].as_i64()), (5, Some(1)), "{}\n{}", dead.stdout, dead.stderr);
    assert!(dead.stderr.contains("no member of accounting is alive"), "{}", dead.stderr);
    let _repaired = env.up().await;
    let plan_id = report["plan_id"].as_str().unwrap().to_owned();
    let verified = async || tally(&env.json(&["dlq", "status", &plan_id]), "outcomes", "VERIFIED") == 1;
    env.eventually("the one that was marked is booked after the start", verified).await;
    let (rest, report) = replay(&env, &["--plan", &plan_id, "--execute"]);
    assert_eq!((rest.code, tally(&report, "outcomes", "VERIFIED")), (0, REFUSED), "{}\n{}", rest.stdout, rest.stderr);
    env.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parked_payments_are_seen_tried_and_booked_on_servers() {
    if !has_fail_points() {
        return;
    }
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    real.terminate("accounting");
    real.spawn("accounting", &[("PAYCTL_FAIL", &format!("wrong.refuses_amounts:{EVERY}"))]);
    real.ready("accounting").await;
    pay(&real.env).await;
    // Each refused one costs its batch several tries, here beside other tests.
    let parked = async || real.env.json(&["dlq", "list"])["causes"][0]["count"] == REFUSED;
    real.eventually("every refused payment is parked", parked).await;
    let cause = look_and_try(&real.env).await;
    real.terminate("accounting");
    real.spawn("accounting", &[]);
    real.ready("accounting").await;
    let load = real.load("15/s").await;
    let plan_id = killed_half_way(&real.env, &cause).await;
    replay_the_rest(&real.env, (&cause, &plan_id));
    real.prove(load).await;
    real.done(&["verify", "--all"]);
    real.terminate_all();
}
