//! The same corruptions as in `planted.rs`, on one SQLite file: a healthy platform under load is left alone, and each is named.

use std::process::Stdio;

use payctl::config::Ambient;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};
use serde_json::Value;

use crate::corruption::{self, PAID, UNTRACED};
use crate::platform::Env;

const GUARDS: [&str; 4] = ["events_are_permanent_u", "events_are_permanent_d", "transfers_are_permanent_u", "transfers_are_permanent_d"];

fn open(env: &Env) -> Store {
    Store::open(&env.data_dir(), &Service::migrations(), &Ambient::system()).unwrap()
}

async fn plant(env: &Env) {
    let store = open(env);
    let guards = GUARDS.map(|guard| format!("DROP TRIGGER {guard}"));
    for sql in guards.into_iter().chain(corruption::statements(false)) {
        let shown = sql.clone();
        let done = store.write(Class::Background, async move |tx: &mut Tx| tx.execute(&sql, &[]).await).await;
        done.unwrap_or_else(|error: StoreError| panic!("{shown}: {error}"));
    }
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
}

async fn paid(env: &Env) -> i64 {
    let store = Store::open_read_only(&env.data_dir(), &Service::migrations(), &Ambient::system()).unwrap();
    let sql = "SELECT count(*) FROM transactions";
    let row: Result<_, StoreError> = store.read(async move |tx: &mut Tx| tx.query_one(sql, &[]).await).await;
    row.unwrap().unwrap().get(0).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_under_load_on_one_file_is_left_alone_and_each_corruption_is_named() {
    let env = Env::new().with("PAYCTL_MAIL_SINK", "null");
    let platform = env.up().await;
    let words = ["load", "run", "--rate", "40/s", "--duration", "5m", "--warm-up", "0s", "--mix", "create=60,query=10,cancel=5,pay=25"];
    let journal = env.home().join("run.ndjson");
    let mut load = env.command(&[&words[..], &["--journal", journal.to_str().unwrap(), "--quiet"]].concat());
    let mut load = load.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    env.eventually("payments are booked", async || paid(&env).await >= PAID).await;
    for _ in 0..3 {
        let done = env.payctl(&["verify", "--all"]);
        assert_eq!(done.code, 0, "{}\n{}\n{}", done.stdout, done.stderr, env.log());
        assert!(done.stdout.contains("not applicable until settlements exist"), "{}", done.stdout);
    }
    load.kill().unwrap();
    load.wait().unwrap();
    env.verify().await;
    let done = env.payctl(&["verify", "replay"]);
    assert_eq!(done.code, 0, "{}\n{}", done.stdout, done.stderr);
    platform.terminate();

    plant(&env).await;
    let done = env.payctl(&["verify", "--all", "-o", "json"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    for id in corruption::ids().into_iter().chain(["I21"]) {
        let check = found["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
        assert_eq!(check["verdict"], "broken", "{check}");
        let examples = check["examples"].as_array().unwrap();
        let is_traced = examples.iter().any(|example| example["next"].as_str().is_some_and(|next| next.starts_with("payctl trace ")));
        assert!((1..=5).contains(&examples.len()) && (is_traced || UNTRACED.contains(&id)), "{check}");
    }
}
