//! What the README tells people to type is typed here, line by line, only with this test's ports, directory and numbers.

use std::process::Stdio;

use serde_json::Value;

use crate::backbone;
use crate::platform::{Env, MERCHANT, missing};

const README: &str = include_str!("../../README.md");

/// The fenced blocks of the README: their language and their text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut parts = README.split("\n```");
    let mut blocks = Vec::new();
    while let (Some(_), Some(block)) = (parts.next(), parts.next()) {
        blocks.push(block.split_once('\n').unwrap());
    }
    blocks
}

/// The commands of the README's shell blocks; one that ends in a backslash goes on in the next line.
fn commands() -> Vec<String> {
    let shell = blocks().into_iter().filter(|(language, _)| language.is_empty());
    shell.flat_map(|(_, text)| text.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The one command that begins so; a README without it has lost something that this test holds up.
fn command(start: &str) -> String {
    let found: Vec<String> = commands().into_iter().filter(|command| command.starts_with(start)).collect();
    let exact = found.iter().filter(|command| *command == start).count();
    let found: Vec<String> = if exact == 1 { vec![start.to_owned()] } else { found };
    assert_eq!(found.len(), 1, "commands of the README that begin with {start:?}: {found:?}");
    found.into_iter().next().unwrap()
}

/// Where this test's platform differs from the one of the reader.
fn here(env: &Env, command: &str) -> String {
    let moved = [40003, 40009].iter().fold(command.to_owned(), |command, port: &u16| {
        command.replace(&format!("localhost:{port}"), &format!("127.0.0.1:{}", env.port(*port)))
    });
    format!("payctl() {{ \"{}\" \"$@\"; }}\n{moved}", env!("CARGO_BIN_EXE_payctl"))
}

/// Types a command into a shell; what it printed, when it ended well.
fn typed(env: &Env, command: &str) -> String {
    let mut shell = std::process::Command::new("sh");
    let done = shell
        .args(["-c", &here(env, command)])
        .env_remove("DATABASE_URL")
        .env_remove("KAFKA_BROKERS")
        .env_remove("PAYCTL_PROFILE")
        .env("HOME", env.home())
        .env("PAYCTL_DATA_DIR", env.data_dir())
        .env("PAYCTL_PORT_OFFSET", env.offset.to_string())
        .current_dir(env.home())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert!(done.status.success(), "{command}: {}\n{out}\n{err}\n{}", done.status, env.log());
    out
}

fn data(answer: &str) -> Value {
    serde_json::from_str::<Value>(answer).unwrap_or_else(|error| panic!("{error}: {answer}"))["data"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_of_the_readme_goes_as_it_says() {
    if missing("curl") {
        return;
    }
    let env = Env::new();
    let _running = env.up().await;
    let created = data(&typed(&env, &command("curl -X POST")));
    let payment_no = created["payment_no"].as_str().unwrap();
    assert_eq!((&created["status"], &created["merchant_id"]), (&"pending".into(), &MERCHANT.into()));
    typed(&env, &command("payctl payments pay PY…").replace("PY…", payment_no));
    env.eventually("the metrics count the payment", async || {
        let metrics = data(&typed(&env, &command("curl \"http://localhost:40009")));
        metrics["success_amount"] == 10_000
    })
    .await;
    env.verify().await;
    assert!(typed(&env, &command("payctl trace ORD")).contains("settled"));
    assert!(typed(&env, &command("payctl merchants list")).contains(MERCHANT));
    assert!(typed(&env, &command("payctl ledger trial-balance")).contains("debits = credits"));
    assert!(typed(&env, &command("payctl ledger statement")).contains("payment_fee"));
    if !missing("hledger") {
        typed(&env, &command("payctl ledger export"));
    }
    let lines = ["verify", "lag", "config keys", "config show", "config example", "bundle", "topics tail payment.events --since"];
    for line in lines.map(|line| format!("payctl {line}")) {
        typed(&env, command(&line).split('#').next().unwrap());
    }
    assert!(typed(&env, "payctl verify canary").contains("settled"));
    let tail = command("payctl topics tail payment.events -f");
    assert!(typed(&env, tail.trim_end_matches(" -f")).contains(payment_no));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_by_hand_is_accepted_as_the_readme_says() {
    if missing("python3") {
        return;
    }
    let start = command("STRIPE_WEBHOOK_SECRET=");
    let secret = start.split(['=', ' ']).nth(1).unwrap().to_owned();
    let env = Env::new().with("STRIPE_WEBHOOK_SECRET", &secret);
    let _running = env.up().await;
    let created = env.create("ORD-1", 10_000).await.unwrap();
    let payment_no = created["payment_no"].as_str().unwrap();
    let script = blocks().into_iter().find(|(language, _)| *language == "python").unwrap().1;
    let script = script.replace("localhost:40003", &format!("127.0.0.1:{}", env.port(40003)));
    std::fs::write(env.home().join("webhook.py"), script).unwrap();
    for _ in 0..2 {
        assert_eq!(typed(&env, &format!("python3 webhook.py {payment_no}")).trim(), "200");
    }
    env.verify().await;
    let (status, answer) = env.get(&env.gateway(&format!("/api/v1/payments/{payment_no}"))).await;
    assert_eq!((status, &answer["data"]["status"]), (200, &"success".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_path_to_separate_processes_on_servers_ends_with_a_platform_that_works() {
    let Some((env, config, _server)) = backbone::platform() else { return };
    // What `eval "$(scripts/stack env)"` says beside the servers.
    let env = env.with("PAYCTL_PROFILE", "development").with("PAYCTL_INTERNAL_TOKEN", "internal-token-of-the-readme-test");
    let block = blocks().into_iter().map(|(_, text)| text).find(|text| text.contains("payctl topics init")).unwrap();
    let lines: Vec<&str> = block.lines().filter(|line| line.starts_with("payctl ")).collect();
    let words = |line: &'static str| line.split_whitespace().skip(1).collect::<Vec<_>>();
    let (mut processes, mut last) = (Vec::new(), Vec::new());
    for line in lines {
        last = words(line);
        if last[0] == "serve" {
            processes.push(env.spawn(&last));
            continue;
        }
        let answered = async || env.payctl(&last).code == 0;
        env.eventually(&format!("{line} succeeds"), answered).await;
    }
    assert_eq!((processes.len(), last.as_slice()), (3, &["status"][..]));
    assert!(env.create("README-REAL-1", 10_000).await.is_some());
    env.verify().await;
    for process in processes {
        assert_eq!(process.terminate(), Some(0), "{}", env.log());
    }
    crate::kafka::delete(&config, payctl::event::Topic::ALL);
}
