//! What an operator is told of merchants and their money, while the platform runs and when it is dead.

use payctl::config::Ambient;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};

use crate::env::Env as Person;
use crate::platform::{Env, Finished, MERCHANT, stripe_event};

/// Each command in the form in which it is reviewed.
const REVIEWED: [(&str, &[&str]); 8] = [
    ("merchants_list", &["merchants", "list"]),
    ("merchants_show", &["merchants", "show", "development MERCHANT", "-n", "1"]),
    ("merchants_metrics", &["merchants", "metrics", MERCHANT, "--range", "1d"]),
    ("trial_balance", &["ledger", "trial-balance"]),
    ("statement", &["ledger", "statement", "Development merchant", "-n", "3"]),
    ("statement_json", &["ledger", "statement", "fee_income", "-n", "1", "-o", "json"]),
    ("payments_list", &["payments", "list", "--first", "largest", "--currency", "usd", "-n", "1"]),
    ("payments_list_wide", &["payments", "list", "--email", "test@example.com", "-o", "wide"]),
];

/// Creates a payment that is paid.
async fn paid(env: &Env, order_no: &str, amount: i64) {
    let payment = env.create(order_no, amount).await.expect("a payment");
    let event = stripe_event(&format!("evt_{order_no}"), "payment_intent.succeeded", payment["payment_no"].as_str().unwrap(), amount);
    assert_eq!(env.webhook(&event).await, Some(200));
}

/// Two payments that are paid, counted and booked.
async fn two_payments(env: &Env) {
    paid(env, "ORD-1", 10_000).await;
    paid(env, "ORD-2", 333).await;
    let is_known = async || {
        let shown = env.json(&["merchants", "show", MERCHANT]);
        shown["merchant"]["today"][0]["succeeded"] == 2 && shown["balances"][0]["pending"] == 9_800 + 326
    };
    env.eventually("both are counted and booked", is_known).await;
    env.eventually("every group has caught up", async || env.drained()).await;
}

/// What it printed, with whatever differs from run to run replaced by something as wide.
fn reviewed(name: &str, done: &Finished) {
    let mut settings = insta::Settings::clone_current();
    for (what, instead) in [
        (r"PY[0-9A-Z]{24}", "PY00000000000000AAAAAAAAAA"),
        (r"TX[0-9A-Z]{24}", "TX00000000000000AAAAAAAAAA"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "00000000-0000-7000-8000-000000000000"),
        (r"\b[0-9a-f]{32}\b", "00000000000000000000000000000000"),
        (r"\d{4}-\d\d-\d\d", "2026-01-02"),
        (r"\d\d:\d\d:\d\d\.(\d{3})\d{3}Z", "03:04:05.678901Z"),
        (r"\d\d:\d\d:\d\d\.\d{3}", "03:04:05.678"),
    ] {
        settings.add_filter(what, instead);
    }
    settings.bind(|| insta::assert_snapshot!(name, format!("{}-- stderr, exit {} --\n{}", done.stdout, done.code, done.stderr)));
}

#[tokio::test]
async fn merchants_and_their_money_are_told_alike_by_a_running_platform_and_by_a_dead_one() {
    let env = Env::new();
    let platform = env.up().await;
    two_payments(&env).await;
    for (name, words) in REVIEWED {
        reviewed(name, &env.payctl(words));
    }
    let page = env.json(&["payments", "list", "-n", "1"]);
    let rest = env.json(&["payments", "list", "--after", page["next"].as_str().unwrap()]);
    assert_eq!((rest["list"][0]["order_no"].as_str(), rest["next"].is_null()), (Some("ORD-1"), true), "{rest}");
    assert_eq!(rest["list"][0]["customer_email"], "t***@example.com");
    let unmasked = env.json(&["payments", "get", rest["list"][0]["payment_no"].as_str().unwrap(), "--unmask"]);
    assert_eq!(unmasked["customer_email"], "test@example.com");
    let part = env.json(&["ledger", "statement", "fee_income", "-n", "1"]);
    let next = part["statements"][0]["next"].to_string();
    let rest = env.json(&["ledger", "statement", "fee_income", "--after", &next]);
    assert_eq!((&rest["statements"][0]["brought_forward"], &rest["statements"][0]["closing_balance"]), (&200.into(), &207.into()));
    let early = env.payctl(&["ledger", "trial-balance", "--as-of", "1d"]);
    assert_eq!((early.code, early.stdout.as_str()), (0, "ACCOUNT  KIND  DEBITS  CREDITS  BALANCE  CURRENCY\n"), "{}", early.stderr);
    assert!(early.stderr.starts_with("nothing is booked\n"), "{}", early.stderr);
    platform.kill();
    for (name, words) in REVIEWED {
        reviewed(name, &env.payctl(words));
    }
}

#[tokio::test]
async fn whoever_sees_an_address_in_production_stands_in_the_audit_trail() {
    let env = Env::new();
    let platform = env.up().await;
    let number = env.create("ORD-1", 10_000).await.expect("a payment")["payment_no"].as_str().unwrap().to_owned();
    let see = |words: &[&str]| Finished::of(env.command(words).env("PAYCTL_PROFILE", "production").output().unwrap());
    let unmask = ["payments", "get", &number, "--unmask", "--by", "ana"];
    let untold = see(&unmask);
    assert_eq!((untold.code, untold.stdout.as_str()), (4, ""), "a platform that takes no order writes nothing down: {}", untold.stderr);
    platform.kill();
    assert!(see(&unmask[..3]).stdout.contains("t***@example.com"));
    assert!(see(&unmask).stdout.contains("test@example.com"));
    let trail = env.payctl(&["topics", "tail", "audit.logs"]);
    assert_eq!(trail.stdout.matches(&format!("ana payments.unmask {number}")).count(), 1, "{}", trail.stdout);
}

#[tokio::test]
async fn books_that_do_not_add_up_are_a_finding_that_names_the_difference() {
    let env = Env::new();
    let platform = env.up().await;
    two_payments(&env).await;
    platform.kill();
    let store = Store::open(&env.data_dir(), &Service::migrations(), &Ambient::system()).unwrap();
    let falsify =
        async |tx: &mut Tx| tx.execute("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE account = 'fee_income'", &[]).await;
    store.write::<_, StoreError, _>(Class::Background, falsify).await.unwrap();
    store.close();
    for (words, said) in [
        (["ledger", "trial-balance"].as_slice(), "USD: debits 105.40, credits 105.41: NOT BALANCED; try: payctl "),
        (&["ledger", "statement", "fee_income"], "fee_income USD: DIFFERENCE 0.01: the account's row says 2.08"),
    ] {
        let done = env.payctl(words);
        assert_eq!(done.code, 3, "{words:?}: {}", done.stderr);
        assert!(done.stderr.contains(said), "{}", done.stderr);
    }
    assert_eq!(env.payctl(&["ledger", "statement", MERCHANT]).code, 0, "its own accounts are as they should be");
}

#[tokio::test]
async fn a_merchant_that_nobody_knows_is_answered_with_the_list() {
    let env = Env::new();
    env.up().await.kill();
    for words in [["merchants", "show", "nobody"], ["merchants", "metrics", "nobody"], ["ledger", "statement", "nobody"]] {
        let done = env.payctl(&words);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{words:?}");
        assert!(done.stderr.starts_with("error: merchant nobody is not known here; try: payctl "), "{}", done.stderr);
        assert!(done.stderr.ends_with("merchants list\n"), "{}", done.stderr);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_read() {
    let person = Person::new();
    for (words, said) in [
        (["merchants", "metrics", "x", "--range", "0d"].as_slice(), "a range is a number of days from 1d to 366d, such as 7d"),
        (&["merchants", "metrics", "x", "--from", "2026-01-02", "--to", "2026-01-01"], "2026-01-02 is after 2026-01-01"),
        (&["merchants", "metrics", "x", "--from", "2024-01-01", "--to", "2025-01-01"], "is more than 366 days"),
        (&["metrics", "--range", "7d", "--date", "2026-01-01"], "cannot be used with"),
        (&["ledger", "statement", "bank", "--from", "1h", "--to", "2h"], "--to is below --from"),
        (&["ledger", "statement", "bank", "-n", "0"], "0 is not in 1..=100000"),
        (&["payments", "list", "--min-amount", "2", "--max-amount", "1"], "--max-amount is below --min-amount"),
        (&["payments", "list", "--first", "largest"], "amounts are compared within one currency only: add --currency"),
        (&["payments", "list", "--min-amount", "-1"], "-1"),
        (&["merchants"], "Usage"),
        (&["merchants", "lst"], "list"),
    ] {
        let ended = person.run(words);
        assert_eq!(ended.code, 2, "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(said) || ended.stdout.contains(said), "{words:?}: {}", ended.stderr);
    }
    assert_eq!(std::fs::read_dir(person.home()).unwrap().count(), 0);
}

#[test]
fn without_a_database_there_is_nothing_to_tell_and_the_way_to_make_one() {
    let person = Person::new();
    for words in
        [["merchants", "list"].as_slice(), &["merchants", "show", MERCHANT], &["ledger", "trial-balance"], &["ledger", "statement", "bank"]]
    {
        let ended = person.run(words);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.ends_with("; try: payctl up\n"), "{}", ended.stderr);
    }
}
