//! What an operator learns of a payment that is stuck somewhere, from whatever source is still there.

use serde_json::Value;

use crate::platform::{Env, stripe_event};
use crate::real::{Real, has_fail_points};

const SERVICES: [(&str, u16); 6] =
    [("gateway", 40003), ("order", 40004), ("channel", 40005), ("accounting", 40007), ("notification", 40008), ("analytics", 40009)];
/// Nobody listens here.
const NOWHERE: &str = "127.0.0.1:1";

/// Takes a payment as far as its money goes without the groups.
async fn paid(env: &Env, order_no: &str, amount: i64) -> String {
    let created = env.create(order_no, amount).await.expect("a payment");
    let payment_no = created["payment_no"].as_str().unwrap().to_owned();
    let event = stripe_event(&format!("evt_{order_no}"), "payment_intent.succeeded", &payment_no, amount);
    assert_eq!(env.webhook(&event).await, Some(200));
    payment_no
}

fn verdict(told: &Value) -> (&str, Option<&str>) {
    (told["verdict"]["state"].as_str().unwrap_or("unknown"), told["verdict"]["at"].as_str())
}

async fn settles(env: &Env, payment_no: &str) {
    let settled = async || verdict(&env.json(&["trace", payment_no])).0 == "settled";
    env.eventually("the payment settles", settled).await;
}

/// Waits until the money has moved; then `at` is what holds the rest up.
async fn stuck(env: &Env, payment_no: &str, at: &str) {
    let is_stuck = async || verdict(&env.json(&["trace", payment_no])) == ("stuck", Some(at));
    env.eventually(&format!("the trace says that it is stuck at {at}"), is_stuck).await;
    let told = env.payctl(&["trace", payment_no]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(told.stdout.contains(&format!("no {at} is running")), "{}", told.stdout);
}

/// A command with other surroundings: its exit code, and what it said.
fn elsewhere(env: &Env, words: &[&str], vars: &[(&str, &str)]) -> (i32, Value, String) {
    let done = env.command(&[words, &["-o", "json"]].concat()).envs(vars.iter().copied()).output().unwrap();
    let json = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
    (done.status.code().unwrap(), json, String::from_utf8_lossy(&done.stderr).into_owned())
}

fn source<'a>(told: &'a Value, name: &str) -> &'a Value {
    told["sources"].as_array().unwrap().iter().find(|source| source["name"] == name).unwrap()
}

/// What else an operator asks about a payment that is settled.
fn ask_around(env: &Env, payment_no: &str) {
    let stored = env.json(&["events", "list", "--aggregate", payment_no]);
    let events = stored["events"].as_array().unwrap();
    let last = &events.last().unwrap()["record"];
    assert_eq!((events.len(), last["event_type"].as_str()), (2, Some("payment.success")), "{stored}");
    let shown = env.json(&["events", "show", last["event_id"].as_str().unwrap()]);
    let states: Vec<&str> = shown["groups"].as_array().unwrap().iter().map(|group| group["state"].as_str().unwrap()).collect();
    assert_eq!((states, shown["is_intact"].as_bool()), (vec!["applied"; 4], Some(true)), "{shown}");
    assert!(!shown.to_string().contains("test@example.com"), "{shown}");
    let history = env.json(&["payments", "get", payment_no, "--history"]);
    let steps: Vec<&str> = history["history"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(steps, ["pending", "success"]);
    let replayed = env.payctl(&["events", "replay", "--into", "shadow", "--diff"]);
    assert_eq!(replayed.code, 0, "{}\n{}", replayed.stdout, replayed.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_consumer_that_is_not_running_is_named_on_one_file() {
    let env = Env::new().with("PAYCTL_MAIL_SINK", "null").with("PAYCTL_PROFILE", "development");
    for without in ["order", "accounting", "notification", "analytics"] {
        let left: Vec<(&str, u16)> = SERVICES.iter().copied().filter(|(name, _)| *name != without).collect();
        let words: Vec<&str> = std::iter::once("serve").chain(left.iter().map(|(name, _)| *name)).collect();
        let running = env.spawn(&words);
        env.ready(&left.iter().map(|(_, port)| *port).collect::<Vec<u16>>()).await;
        let payment_no = paid(&env, &format!("WITHOUT-{without}"), 5_001).await;
        stuck(&env, &payment_no, without).await;
        assert_eq!(running.terminate(), Some(0));
    }
    let running = env.up().await;
    let payment_no = paid(&env, "WITH-ALL", 5_001).await;
    settles(&env, &payment_no).await;
    env.eventually("every group has caught up", async || env.drained()).await;
    ask_around(&env, &payment_no);
    drop(running);
    assert_eq!(verdict(&env.json(&["trace", "WITHOUT-accounting"])).0, "settled", "the console reads a platform that is down as well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_event_is_stuck_with_its_dead_letter_and_the_command_that_shows_it() {
    if !has_fail_points() {
        return;
    }
    let env = Env::new().with("PAYCTL_MAIL_SINK", "null");
    let _running = env.spawn_with(&["up"], &[("PAYCTL_FAIL", "wrong.refuses_amounts:10")]);
    env.ready(&[40003, 40004, 40005, 40007, 40008, 40009]).await;
    let payment_no = paid(&env, "PARKED-1", 5_000).await;
    let parked = async || verdict(&env.json(&["trace", &payment_no])) == ("stuck", Some("accounting"));
    env.eventually("the booking is parked", async || parked().await && env.json(&["dlq", "list"])["causes"][0]["count"] == 1).await;
    let told = env.json(&["trace", &payment_no]);
    let reason = told["verdict"]["reason"].as_str().unwrap();
    let (_, letter) = reason.split_once("look: payctl dlq show ").unwrap_or_else(|| panic!("no command: {reason}"));
    assert!(letter.starts_with("dlq:accounting/payment.events/"), "{reason}");
    let shown = env.payctl(&["dlq", "show", letter]);
    assert!(shown.code == 0 && shown.stdout.contains(&payment_no), "{}\n{}", shown.stdout, shown.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_traced_on_servers_and_with_either_of_them_away() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let settled = paid(&real.env, "SETTLED-1", 5_001).await;
    settles(&real.env, &settled).await;
    real.drained().await;
    let (code, told, said) = elsewhere(&real.env, &["trace", &settled], &[]);
    assert_eq!((code, verdict(&told).0), (0, "settled"), "{said}");
    assert!(told["steps"].as_array().unwrap().iter().any(|step| step["from"] == "database-and-log"), "{told}");
    ask_around(&real.env, &settled);

    let no_database = [("DATABASE_URL", &*format!("postgres://payctl@{NOWHERE}/none"))];
    for id in [settled.as_str(), "SETTLED-1", told["payment"]["trace_id"].as_str().unwrap()] {
        let (code, alone, said) = elsewhere(&real.env, &["trace", id], &no_database);
        assert_eq!((code, verdict(&alone).0), (5, "settled"), "{id}: {said}");
        assert_eq!(
            (source(&alone, "database")["is_complete"].as_bool(), source(&alone, "log")["is_complete"].as_bool()),
            (Some(false), Some(true))
        );
        assert!(alone["steps"].as_array().unwrap().iter().any(|step| step["what"] == "accounting.transaction.created v1"), "{alone}");
    }
    let no_broker = [("KAFKA_BROKERS", NOWHERE)];
    let (code, alone, said) = elsewhere(&real.env, &["trace", "SETTLED-1"], &no_broker);
    assert_eq!((code, verdict(&alone).0, source(&alone, "log")["is_complete"].as_bool()), (5, "settled", Some(false)), "{said}");
    let (code, _, said) = elsewhere(&real.env, &["trace", &settled], &[no_database[0], no_broker[0]]);
    assert_eq!(code, 4, "{said}");

    for (process, at) in [("accounting", "accounting"), ("order", "order"), ("others", "notification")] {
        real.terminate(process);
        let late = paid(&real.env, &format!("LATE-{process}"), 5_001).await;
        stuck(&real.env, &late, at).await;
        // The log does not know of mails and counters.
        let wanted = if process == "others" { ("settled", None) } else { ("stuck", Some(at)) };
        let says_so = async || verdict(&elsewhere(&real.env, &["trace", &late], &no_database).1) == wanted;
        real.eventually(&format!("the log alone says {wanted:?}"), says_so).await;
        real.spawn(process, &[]);
        real.ready(process).await;
        settles(&real.env, &late).await;
    }
    real.terminate_all();
}
