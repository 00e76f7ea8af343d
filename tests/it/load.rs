//! Load that proves what it did, against the real platform: the proof holds, and finds what was planted.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::platform::{Env, Finished, MERCHANT};

fn env() -> Env {
    Env::new().with("PAYCTL_MAIL_SINK", "null")
}

fn journal(env: &Env) -> PathBuf {
    env.home().join("run.ndjson")
}

fn load(env: &Env, words: &[&str]) -> Finished {
    let journal = journal(env);
    env.payctl(&[&["load", "run", "--journal", journal.to_str().unwrap(), "--seed", "7"], words].concat())
}

/// `verify acked` on the journal with this line added: the exit code, and the report.
fn acked_with(env: &Env, line: Option<&Value>) -> (i32, Value) {
    let path = journal(env).with_extension("planted");
    std::fs::copy(journal(env), &path).unwrap();
    if let Some(line) = line {
        writeln!(std::fs::File::options().append(true).open(&path).unwrap(), "{line}").unwrap();
    }
    let done = env.payctl(&["verify", "acked", "--journal", path.to_str().unwrap(), "-o", "json"]);
    let report = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", done.stdout, done.stderr));
    (done.code, report)
}

fn acknowledged(env: &Env) -> Vec<Value> {
    let text = std::fs::read_to_string(journal(env)).unwrap();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["type"] == "ok" && line["op"] == "create").collect()
}

#[tokio::test]
async fn a_run_ends_with_its_proof_and_a_planted_loss_or_change_is_found() {
    let env = env();
    let platform = env.up().await;
    let words =
        ["--rate", "120/s", "--duration", "2s", "--warm-up", "500ms", "--duplicates", "10", "--mix", "create=60,query=20,cancel=5,pay=15"];
    let done = load(&env, &[&words[..], &["--max-errors", "0", "--min-rate", "20/s", "-o", "json"]].concat());
    assert_eq!(done.code, 0, "{}\n{}\n{}", done.stdout, done.stderr, env.log());
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&report["verdict"], &report["schema_version"], &report["rate"]["planned"]), (&json!("PASS"), &json!(1), &json!(240)));
    assert_eq!((&report["rate"]["started"], &report["rate"]["completed"]), (&json!(240), &json!(240)), "{report:#}");
    assert!(report["duplicates_sent"].as_u64().unwrap() > 0 && report["duplicates_sent"] == report["duplicates_same"], "{report:#}");
    let rows: Vec<&Value> = report["latency"].as_array().unwrap().iter().map(|row| &row["of"]).collect();
    assert_eq!(rows, ["all", "create", "query", "cancel", "pay", "pay → booked", "service time"]);
    let proof = &report["proof"];
    assert!(proof["created"].as_u64().unwrap() > 100 && proof["paid"].as_u64().unwrap() > 5, "{proof:#}");
    assert_eq!((&proof["ok"], &proof["counts"]), (&proof["created"], &json!({})), "{proof:#}");
    assert!(proof["money"].as_array().unwrap().iter().all(|sums| sums["accepted"] == sums["events"] && sums["paid"] == sums["ledger"]));

    let (code, report) = acked_with(&env, None);
    assert_eq!(code, 0, "{report:#}");
    let planted = json!({"type": "ok", "op": "create", "payment_no": "PY20260102030405ABCDEFGHJK", "merchant_id": MERCHANT, "amount": 100, "currency": "USD"});
    let (code, report) = acked_with(&env, Some(&planted));
    assert_eq!((code, &report["counts"]), (3, &json!({"lost": 1})));
    assert_eq!(report["findings"][0]["subject"], "PY20260102030405ABCDEFGHJK");
    let mut changed = acknowledged(&env)[0].clone();
    changed["amount"] = json!(changed["amount"].as_i64().unwrap() + 1);
    let (code, report) = acked_with(&env, Some(&changed));
    assert_eq!((code, &report["counts"]), (3, &json!({"corrupt": 1})), "{report:#}");

    let again = load(&env, &["--rate", "10/s", "--duration", "1s"]);
    assert_eq!(again.code, 1, "a journal is never overwritten: {}{}", again.stdout, again.stderr);
    assert_eq!(platform.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_kill_9_is_there_after_the_restart() {
    let env = env();
    let platform = env.up().await;
    let words =
        ["load", "run", "--connections", "8", "--duration", "30s", "--warm-up", "0s", "--mix", "create=80,pay=20", "--drain-timeout", "1s"];
    let journal = journal(&env);
    let mut run = env.command(&[&words[..], &["--journal", journal.to_str().unwrap(), "--quiet"]].concat());
    let mut run = run.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    env.eventually("enough is acknowledged", async || journal.exists() && acknowledged(&env).len() > 150).await;
    platform.kill();
    // The client is killed as well: its last line may be torn, and says nothing then.
    run.kill().unwrap();
    run.wait().unwrap();
    let platform = env.up().await;
    env.eventually("every group has caught up", async || env.drained()).await;
    let settled = async || acked_with(&env, None).0 != 5;
    env.eventually("nothing is on its way", settled).await;
    let (code, report) = acked_with(&env, None);
    assert_eq!(code, 0, "{report:#}\n{}", env.log());
    assert!(report["ok"].as_u64().unwrap() > 150 && report["paid"].as_u64().unwrap() > 0, "{report:#}");
    env.verify().await;
    assert_eq!(platform.terminate(), Some(0));
}

#[tokio::test]
async fn a_missed_threshold_exits_3_and_an_interrupt_ends_the_run_early_with_its_proof() {
    let env = env();
    let _platform = env.up().await;
    let done = load(&env, &["--rate", "50/s", "--duration", "500ms", "--warm-up", "0s", "--min-rate", "40000/s"]);
    assert_eq!(done.code, 3, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.starts_with("VERDICT") && done.stdout.contains("min-rate is "), "{}", done.stdout);
    let other = env.home().join("other.ndjson");
    let words = ["load", "run", "--rate", "50/s", "--duration", "10m", "--journal", other.to_str().unwrap(), "-o", "json"];
    let run = env.command(&words).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let lines = || std::fs::read_to_string(&other).map_or(0, |text| text.lines().count());
    env.eventually("the run has begun", async || lines() > 20).await;
    let told = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(told.success());
    let ended = run.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((ended.status.code(), &report["interrupted"], &report["verdict"]), (Some(130), &json!(true), &json!("PASS")), "{report:#}");
}

#[test]
fn load_is_refused_on_a_real_platform_and_without_any() {
    let env = env();
    let mut command = env.command(&["load", "run", "--rate", "1/s", "--profile", "production"]);
    let refused = command.env("PAYCTL_API_KEY", "pk").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--on-a-real-platform"), "{said}");
    let done = env.payctl(&["load", "run", "--rate", "1/s"]);
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert_eq!(env.payctl(&["load", "run"]).code, 2);
    assert_eq!(env.payctl(&["load", "run", "--rate", "1/s", "--mix", "refund=1"]).code, 2);
}
