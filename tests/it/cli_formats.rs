//! What the console prints of a platform's data: every list in every form, some of its columns, into pipes that close.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::platform::{Env, missing, stripe_event};
use crate::real::has_fail_points;

const PAYMENTS: i64 = 12;

/// Every command that lists something, with the column that names its rows.
const LISTS: &[(&[&str], &str)] = &[
    (&["payments", "list"], "PAYMENT"),
    (&["orders", "list"], "ORDER"),
    (&["events", "list"], "EVENT"),
    (&["topics", "list"], "TOPIC"),
    (&["topics", "describe", "payment.events"], "P"),
    (&["groups", "list"], "GROUP"),
    (&["lag"], "GROUP"),
    (&["lag", "--by", "partition"], "GROUP"),
    (&["dlq", "list"], "CAUSE"),
    (&["dlq", "list", "--entries"], "ID"),
    (&["ledger", "balances"], "ACCOUNT"),
    (&["ledger", "entries"], "TRANSACTION"),
    (&["verify"], "ID"),
    (&["verify", "consumption"], "GROUP"),
    (&["status"], "NAME"),
    (&["config", "show"], "KEY"),
    (&["config", "keys"], "KEY"),
];

/// Lists of which the last column has words that some terminals have no room for.
const EXPLAINS_IN_LONG_WORDS: &[&[&str]] =
    &[&["topics", "list"], &["events", "list"], &["dlq", "list"], &["dlq", "list", "--entries"], &["config", "keys"], &["config", "show"]];

/// What a platform leaves behind that has taken payments, and has parked one where it can be made to; it runs no more.
async fn left_behind() -> Env {
    let env = Env::new();
    let vars: &[(&str, &str)] = if has_fail_points() { &[("PAYCTL_FAIL", "wrong.refuses_amounts:10")] } else { &[] };
    let running = env.spawn_with(&["up"], vars);
    env.ready(&[40003, 40004, 40005, 40007, 40008, 40009]).await;
    for number in 0..PAYMENTS {
        let created = env.create(&format!("FORM-{number}"), 1_000 + number).await.expect("a payment");
        let payment_no = created["payment_no"].as_str().unwrap();
        let event = stripe_event(&format!("evt_{number}"), "payment_intent.succeeded", payment_no, 1_000 + number);
        assert_eq!(env.webhook(&event).await, Some(200));
    }
    let is_through = async || {
        let letters = env.json(&["dlq", "list", "--entries"])["total"].as_i64().unwrap();
        let groups = env.json(&["lag"])["groups"].as_array().unwrap().clone();
        letters == if has_fail_points() { 2 } else { 0 } && groups.iter().all(|group| group["lag"] == 0)
    };
    env.eventually("everything is read", is_through).await;
    assert_eq!(running.terminate(), Some(0), "{}", env.log());
    env
}

fn lines(env: &Env, words: &[&str], more: &[&str]) -> Vec<String> {
    let done = env.payctl(&[words, more].concat());
    assert!(matches!(done.code, 0 | 3 | 4), "{words:?} {more:?}: {}\n{}", done.stdout, done.stderr);
    done.stdout.lines().map(str::to_owned).collect()
}

fn every_form(env: &Env, words: &[&str], name: &str) {
    let document: serde_yaml_ng::Value = serde_yaml_ng::from_str(&lines(env, words, &["-o", "yaml"]).join("\n")).unwrap();
    assert_eq!(document["schema_version"], 1, "{words:?}");
    let rows = lines(env, words, &["-o", "jsonl"]);
    for row in &rows {
        let row: serde_json::Value = serde_json::from_str(row).unwrap_or_else(|error| panic!("{words:?}: {error}: {row}"));
        assert_eq!(row["schema_version"], 1, "{words:?}");
    }
    let csv = env.payctl(&[words, &["-o", "csv"]].concat()).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(reader.headers().unwrap().iter().any(|header| header == name), "{words:?}: {csv}");
    let records = reader.records().map(Result::unwrap).count();
    if !words.contains(&"partition") {
        assert_eq!(records, rows.len(), "{words:?}: {csv}");
    }
    let column = lines(env, words, &["--columns", &name.to_lowercase(), "--no-headers"]);
    assert_eq!(column.len(), records, "{words:?}: {column:?}");
    let mut sorted = column.clone();
    sorted.sort_by_key(|cell| cell.to_lowercase());
    if name != "P" {
        assert_eq!(lines(env, words, &["--columns", name, "--sort", name, "--no-headers"]), sorted, "{words:?}");
        sorted.reverse();
        let descending = lines(env, words, &["--columns", name, "--sort", &format!("-{name}"), "--no-headers"]);
        assert_eq!(descending, sorted, "{words:?}");
    }
}

/// Whoever reads the first line only leaves nothing else behind.
fn only_the_first_line(env: &Env, words: &[&str], format: &str) {
    let mut command = env.command(&[words, &["-o", format, "--quiet"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!first.is_empty() && matches!(done.status.code(), Some(0 | 3 | 4)) && said.is_empty(), "{words:?} {format}: {said}");
}

fn names_lead_to_other_commands(env: &Env) {
    let payments = lines(env, &["payments", "list"], &["-o", "name"]);
    assert_eq!(payments.len(), usize::try_from(PAYMENTS).unwrap());
    assert_eq!(env.payctl(&["payments", "get", &payments[0], "-o", "name"]).stdout.trim(), payments[0]);
    let events = lines(env, &["topics", "tail", "payment.events"], &["-n", "3", "-o", "name"]);
    assert_eq!(events.len(), 3);
    assert_eq!(env.payctl(&["events", "show", &events[0], "-o", "name"]).stdout.trim(), events[0]);
    for words in [["dlq", "list"].as_slice(), &["dlq", "list", "--entries"]] {
        if let Some(first) = lines(env, words, &["-o", "name"]).first() {
            assert_eq!(env.payctl(&["dlq", "show", first]).code, 0, "{first}");
        }
    }
    let amounts = lines(env, &["payments", "list"], &["--columns", "AMOUNT", "--sort", "-amount", "--no-headers"]);
    assert_eq!((amounts[0].trim(), amounts[11].trim()), ("10.11 USD", "10.00 USD"));
}

fn a_stream_is_one_list(env: &Env) {
    let words = ["topics", "tail", "payment.events", "-n", "5"];
    let csv = env.payctl(&[&words[..], &["-o", "csv", "--columns", "TYPE,OFFSET"]].concat()).stdout;
    assert_eq!((csv.lines().count(), csv.lines().next()), (6, Some("TYPE,OFFSET")), "{csv}");
    let yaml = env.payctl(&[&words[..], &["-o", "yaml"]].concat()).stdout;
    assert_eq!(yaml.lines().filter(|line| *line == "---").count(), 5, "{yaml}");
}

fn nothing_changes_where_all_is_read_only(env: &Env) {
    for words in
        [["dlq", "replay", "c-41a0ff"].as_slice(), &["payments", "create", "--amount", "1"], &["up"], &["load", "run", "--rate", "1/s"]]
    {
        let refused = env.payctl(&[words, &["--read-only"]].concat());
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{words:?}");
        assert!(refused.stderr.contains("changes something, and this is read-only: nothing was done; try: "), "{}", refused.stderr);
    }
    let by_variable = env.command(&["payments", "create", "--amount", "1"]).env("PAYCTL_READ_ONLY", "true").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(2));
    assert_eq!(env.payctl(&["payments", "list", "--read-only"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_printed_in_every_form_and_into_pipes_that_close() {
    let env = left_behind().await;
    for (words, name) in LISTS {
        every_form(&env, words, name);
        for format in ["table", "json", "jsonl", "yaml", "csv"] {
            if !matches!((*words, format), (["dlq", ..], "table" | "jsonl")) || has_fail_points() {
                only_the_first_line(&env, words, format);
            }
        }
    }
    names_lead_to_other_commands(&env);
    a_stream_is_one_list(&env);
    nothing_changes_where_all_is_read_only(&env);
    live_names_are_completed(&env);
    a_terminal_is_filled_and_no_more(&env);
}

/// What a shell is answered for the last of these words.
fn completed(env: &Env, words: &[&str]) -> Vec<String> {
    let mut command = env.command(&[&["--", "payctl"], words].concat());
    command.env("PAYCTL_COMPLETE", "fish");
    let done = command.output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""), "{words:?}");
    let answer = String::from_utf8(done.stdout).unwrap();
    answer.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

fn live_names_are_completed(env: &Env) {
    let payments = lines(env, &["payments", "list"], &["-o", "name"]);
    let mut offered = completed(env, &["payments", "get", "PY"]);
    offered.sort();
    assert_eq!(offered.len(), payments.len());
    assert!(payments.iter().all(|payment| offered.contains(payment)), "{offered:?}");
    assert_eq!(completed(env, &["trace", &payments[0][..25]]), [payments[0].clone()]);
    assert!(completed(env, &["topics", "describe", "payment."]).contains(&"payment.events".to_owned()));
    assert_eq!(completed(env, &["groups", "describe", "acc"]), ["accounting"]);
    if has_fail_points() {
        let causes = lines(env, &["dlq", "list"], &["-o", "name"]);
        assert_eq!(completed(env, &["dlq", "show", "c-"]), causes);
        assert_eq!(completed(env, &["dlq", "replay", "dlq:"]), lines(env, &["dlq", "list", "--entries"], &["-o", "name"]));
    }
    let elsewhere = env.home().join("nothing");
    assert_eq!(completed(env, &["--data-dir", elsewhere.to_str().unwrap(), "payments", "get", "PY"]), Vec::<String>::new());
    let broken = env.home().join("broken.toml");
    std::fs::write(&broken, "no toml").unwrap();
    assert_eq!(completed(env, &["payments", "get", "--config", broken.to_str().unwrap(), "PY"]), Vec::<String>::new());
}

/// What a terminal of 80 columns and `rows` rows shows.
fn on_a_terminal(env: &Env, rows: u16, words: &str, pager: &str) -> String {
    let line = format!("stty cols 80 rows {rows}; {} {words}", env!("CARGO_BIN_EXE_payctl"));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.env("HOME", env.home()).env("NO_COLOR", "1").env("PAYCTL_DATA_DIR", env.data_dir()).env("PAYCTL_PAGER", pager);
    let done = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8(done.stdout).unwrap().replace('\r', "")
}

fn a_terminal_is_filled_and_no_more(env: &Env) {
    if missing("script") || missing("stty") {
        println!("skipped: what a terminal shows needs script and stty");
        return;
    }
    for (words, _) in LISTS {
        let shown = on_a_terminal(env, 100, &format!("{} 2>/dev/null", words.join(" ")), "cat");
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        // Here and there an explanation has a word that is longer than what is left of the line.
        let allowed = if EXPLAINS_IN_LONG_WORDS.contains(words) { 140 } else { 80 };
        assert!(widest <= allowed, "{words:?} takes {widest} columns:\n{shown}");
    }
    let narrow = on_a_terminal(env, 100, "payments list", "cat");
    assert!(narrow.contains("more with -o wide:") && narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    assert!(on_a_terminal(env, 100, "payments list -o wide", "cat").contains("MERCHANT"));
    // Its own mark tells that the pager has printed it.
    let paged = on_a_terminal(env, 10, "payments list", "sed s/PAYMENT/PAGED/");
    assert!(paged.contains("PAGED") && paged.contains("FORM") == narrow.contains("FORM"), "{paged}");
    for whole in ["payments list --no-pager", "payments list -n 3", "payments list -o json"] {
        assert!(!on_a_terminal(env, 10, whole, "sed s/PAYMENT/PAGED/").contains("PAGED"), "{whole}");
    }
    let left = on_a_terminal(env, 10, "payments list && echo over", "true");
    assert!(left.contains("over") && !left.contains("error"), "{left}");
}
