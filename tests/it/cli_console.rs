//! What the console does with the world around it: files, pipes, variables, servers that are not there.

use std::io::Read as _;
use std::process::Stdio;

use crate::env::{Ended, Env};

/// A port offset at which nothing of this machine is likely to listen.
const QUIET: &str = "25000";

#[test]
fn data_goes_to_stdout_and_all_else_to_stderr() {
    let ended = Env::new().run(&["config", "show"]);
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.starts_with("KEY "), "{}", ended.stdout);
    assert_eq!(ended.stderr, "no payctl.toml was read\n");
    assert_eq!(Env::new().run(&["config", "show", "--quiet"]).stderr, "");
}

#[test]
fn json_is_one_document_with_its_version() {
    let ended = Env::new().run(&["config", "show", "-o", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["settings"][0]["key"], "profile");
}

#[test]
fn the_file_in_this_directory_is_read_and_secrets_stay_hidden() {
    let env = Env::new();
    std::fs::write(env.home().join("payctl.toml"), "[stripe]\napi_key = \"sk_test_hidden\"\n").unwrap();
    let ended = env.run(&["config", "show"]);
    assert!(ended.stdout.contains("stripe.api_key"), "{}", ended.stdout);
    assert!(ended.stdout.contains("[redacted]") && !ended.stdout.contains("hidden"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "read payctl.toml\n");
}

#[test]
fn each_wrong_variable_is_one_line_and_the_last_ends_with_what_to_try() {
    let env = Env::new();
    let ended = Ended::of(env.command(&["config", "show"]).env("PORT", "abc").env("PAYCTL_DATADIR", "/x").output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_eq!(
        ended.stderr,
        "error: PAYCTL_DATADIR (environment) is no setting of payctl; did you mean PAYCTL_DATA_DIR?\n\
         error: PORT=abc (environment): a port is a number from 1 to 65535; correct or unset PORT; try: payctl config keys\n"
    );
}

#[test]
fn a_reader_that_leaves_early_ends_the_command_quietly() {
    let env = Env::new();
    let mut child = env.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn without_a_platform_each_change_exits_4_and_names_the_way_to_start_one() {
    let env = Env::new();
    let number = "PY20260102030405ABCDEFGHJK";
    for words in [
        ["payments", "create", "--amount=100"].as_slice(),
        &["payments", "pay", number],
        &["payments", "cancel", number],
        &["orders", "ship", "ORD-1"],
        &["orders", "complete", "ORD-1"],
    ] {
        let words: Vec<&str> = words.iter().copied().chain(["--port-offset", QUIET]).collect();
        let ended = env.run(&words);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: nothing answers at http://127.0.0.1:6500"), "{}", ended.stderr);
        assert!(ended.stderr.ends_with("; try: payctl --port-offset 25000 up\n"), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1);
    }
}

#[test]
fn paying_from_the_console_is_for_development() {
    let env = Env::new();
    let mut command = env.command(&["payments", "pay", "PY20260102030405ABCDEFGHJK", "--profile", "production"]);
    let ended = Ended::of(command.env("PAYCTL_API_KEY", "pk").output().unwrap());
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("only the development profile pays"), "{}", ended.stderr);
}

#[test]
fn production_has_no_key_of_its_own() {
    let ended = Env::new().run(&["payments", "create", "--amount", "1", "--profile", "production"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let ended = Env::new().run(&["orders", "ship", "O-1", "--profile", "production"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.starts_with("error: PAYCTL_API_KEY is not set"), "{}", ended.stderr);
}

#[test]
fn one_port_is_refused_for_several_services() {
    let env = Env::new();
    for words in [["serve", "gateway", "order", "--profile", "development"].as_slice(), &["up"]] {
        let ended = Ended::of(env.command(words).env("PORT", "45678").output().unwrap());
        assert_eq!(ended.code, 2, "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("PORT"), "{}", ended.stderr);
    }
}

#[test]
fn serving_without_secrets_is_refused_before_anything_is_opened() {
    let env = Env::new();
    let ended = env.run(&["serve", "gateway"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr.lines().count(), 4, "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(env.home()).unwrap().count(), 0);
}

#[test]
fn the_example_file_is_one_that_payctl_reads() {
    let env = Env::new();
    let example = env.run(&["config", "example"]).stdout;
    // What has a default is switched on; what has none would be refused as empty.
    let lines = example.lines().map(|line| match line.strip_prefix("# ") {
        Some(setting) if setting.contains(" = ") && !setting.ends_with("\"\"") => setting,
        _ => line,
    });
    std::fs::write(env.home().join("payctl.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let ended = env.run(&["config", "show"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.lines().filter(|line| line.ends_with(" payctl.toml")).count() > 10, "{}", ended.stdout);
}
