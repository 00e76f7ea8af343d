//! What holds a command back: a console that is only to read, servers that are silent, profiles.

use std::net::TcpListener;

use crate::env::{Ended, Env};

const PY: &str = "PY20260102030405ABCDEFGHJK";

/// A line of every command that changes something; the binary's own tests see to it that none is missing there.
const CHANGING: &str = include_str!("../../src/bin/payctl/changing.txt");

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().map(|word| if word == "PY" { PY } else { word }).collect()
}

#[test]
fn no_command_that_changes_something_begins_where_all_is_read_only() {
    let env = Env::new();
    std::fs::write(env.home().join("records.jsonl"), "").unwrap();
    std::fs::write(env.home().join("letters.jsonl"), "").unwrap();
    // No platform is there: whoever asked it first would exit 4, or make one.
    for line in CHANGING.lines() {
        let ended = env.run(&[&words(line)[..], &["--read-only"]].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{line}: {}", ended.stderr);
        let name: Vec<&str> = line.split_whitespace().take_while(|word| !word.contains('-')).collect();
        let is_named = ended.stderr.starts_with(&format!("error: {}", name.first().unwrap()));
        assert!(is_named && ended.stderr.contains("changes something, and this is read-only: nothing was done"), "{}", ended.stderr);
    }
    let mut left: Vec<_> = std::fs::read_dir(env.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["letters.jsonl", "records.jsonl"]);
}

#[test]
fn a_file_and_a_variable_hold_back_as_the_flag_does() {
    let env = Env::new();
    let create = ["payments", "create", "--amount", "1"];
    let by_variable = Ended::of(env.command(&create).env("PAYCTL_READ_ONLY", "true").output().unwrap());
    assert_eq!(by_variable.code, 2, "{}", by_variable.stderr);
    std::fs::write(env.home().join("payctl.toml"), "[profiles.live]\nkind = \"development\"\nread_only = true\n").unwrap();
    let in_profile = env.run(&[&create[..], &["--profile", "live"]].concat());
    assert_eq!(in_profile.code, 2, "{}", in_profile.stderr);
    assert!(in_profile.stderr.contains("this is read-only") && in_profile.stderr.contains("--profile live"), "{}", in_profile.stderr);
    assert_eq!(env.run(&[&create[..], &["--port-offset", "25000"]].concat()).code, 4);
}

/// A server that takes connections and never says a word.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    (listener, place)
}

#[test]
fn servers_that_are_silent_are_given_up_in_time_and_named() {
    let env = Env::new();
    let ((_database, database), (_brokers, brokers)) = (silent(), silent());
    let run = |line: &str| {
        let mut command = env.command(&[&words(line)[..], &["--timeout", "300ms"]].concat());
        command.env("DATABASE_URL", format!("postgres://payctl:secret@{database}/payctl?sslmode=disable"));
        Ended::of(command.env("KAFKA_BROKERS", &brokers).output().unwrap())
    };
    for line in ["payments list", "dlq list", "verify", "trace PY", "ledger balances", "events list"] {
        let ended = run(line);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(&database) && ended.stderr.contains("--timeout"), "{line}: {}", ended.stderr);
        assert!(!ended.stderr.contains("secret"), "{line}: {}", ended.stderr);
    }
    for line in ["topics init --check", "selftest kafka"] {
        let ended = run(line);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(&brokers), "{line}: {}", ended.stderr);
    }
    // A shell is not told of it.
    let mut command = env.command(&["--", "payctl", "payments", "get", "PY"]);
    command.env("PAYCTL_COMPLETE", "fish").env("KAFKA_BROKERS", &brokers);
    let asked = Ended::of(command.env("DATABASE_URL", format!("postgres://payctl:secret@{database}/payctl")).output().unwrap());
    assert_eq!((asked.code, asked.stdout.as_str(), asked.stderr.as_str()), (0, "", ""));
}

#[test]
fn the_profiles_of_the_file_are_listed_and_an_unknown_one_is_answered_with_the_nearest() {
    let env = Env::new();
    std::fs::write(env.home().join("payctl.toml"), "[profiles.staging]\nport_offset = 7\n").unwrap();
    let listed = env.run(&["config", "profiles", "--profile", "staging", "--no-headers", "--columns", "PROFILE,KIND,ACTIVE"]);
    let rows: Vec<Vec<&str>> = listed.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows, [["development", "development", "no"], ["production", "production", "no"], ["staging", "production", "yes"]]);
    let unknown = env.run(&["config", "show", "--profile", "stagin"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("did you mean staging?"), "{}", unknown.stderr);
}
