use std::collections::BTreeMap;

use clap::{Parser as _, ValueEnum as _};

use crate::cli::{self, Cli};
use crate::error::Failure;
use crate::exit::Exit;
use crate::format::Format;

const PY: &str = "PY20260102030405ABCDEFGHJK";

/// A line of every command that only asks.
const ASKING: &[&str] = &[
    "payments get PY",
    "payments get PY --history",
    "payments list",
    "orders get ORD-1",
    "orders list",
    "topics list",
    "topics describe payment.events",
    "topics init --check",
    "topics tail payment.events",
    "topics produce payment.events records.jsonl",
    "events list",
    "events show 0190a0b0-0000-7000-8000-000000000000",
    "events replay --into shadow --diff",
    "events republish --topic payment.events --all",
    "groups list",
    "groups describe accounting",
    "groups reset-offsets accounting --topic payment.events --to start",
    "dlq list",
    "dlq list --entries",
    "dlq show c-41a0ff",
    "dlq status rp-07120c",
    "dlq replay --plan rp-07120c",
    "dlq discard c-41a0ff --reason r",
    "dlq restore c-41a0ff",
    "dlq export",
    "dlq import letters.jsonl",
    "status",
    "lag",
    "trace PY",
    "metrics",
    "ledger balances",
    "ledger entries",
    "ledger trial-balance",
    "ledger statement fee_income",
    "ledger export --format hledger",
    "merchants list",
    "merchants show M",
    "merchants metrics M",
    "verify",
    "verify acked --journal run.ndjson",
    "verify consumption",
    "verify replay",
    "verify topic payment.events",
    "bundle",
    "config show",
    "config keys",
    "config profiles",
    "config example",
    "completions bash",
    "man",
];

/// A line of every command that changes something; the tests of the whole binary run each of them.
const CHANGING: &str = include_str!("changing.txt");

fn cli(line: &str) -> Cli {
    let words = line.split_whitespace().map(|word| if word == "PY" { PY } else { word });
    Cli::try_parse_from(std::iter::once("payctl").chain(words)).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn said(line: &str) -> Option<String> {
    let cli = cli(line);
    let out = cli.global.output(false, None);
    cli.command.nature().unprintable(&out).map(|failure| match failure {
        Failure::Shown(shown) => {
            assert_eq!(shown.exit, Exit::Usage, "{line}");
            shown.messages.join(" ")
        }
        Failure::ClosedPipe => panic!("{line}"),
    })
}

/// The words of every command that does something by itself.
fn leaves(command: &clap::Command, path: &str, found: &mut Vec<String>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        let words = format!("{path} {}", inner.get_name()).trim().to_owned();
        if !inner.has_subcommands() || !inner.is_subcommand_required_set() {
            found.push(words.clone());
        }
        leaves(inner, &words, found);
    }
}

#[test]
fn every_command_is_said_to_ask_or_to_change_and_has_its_own_words() {
    let mut all = Vec::new();
    leaves(&cli::command(), "", &mut all);
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    for (lines, changes) in [(ASKING.to_vec(), false), (CHANGING.lines().collect(), true)] {
        for line in lines {
            let nature = cli(line).command.nature();
            assert_eq!(nature.changes, changes, "{line}");
            assert!(line.starts_with(nature.name), "{line} calls itself {}", nature.name);
            named.insert(nature.name, line);
        }
    }
    for words in all {
        assert!(named.contains_key(words.as_str()), "{words} stands in neither list of this test");
    }
}

#[test]
fn what_changes_something_is_refused_where_nothing_may_be_changed() {
    for line in CHANGING.lines() {
        let refused = cli(line).command.nature().refused_read_only(String::new());
        assert!(matches!(refused, Some(Failure::Shown(shown)) if shown.exit == Exit::Usage), "{line}");
    }
    for line in ASKING {
        assert!(cli(line).command.nature().refused_read_only(String::new()).is_none(), "{line}");
    }
}

#[test]
fn a_form_that_a_command_has_not_is_refused_with_those_that_it_has() {
    for (line, expected) in [
        ("verify -o name", "verify cannot be printed as name, but as table, wide, json, jsonl, csv, yaml"),
        ("dlq show c-41a0ff -o csv", "dlq show cannot be printed as csv, but as table, wide, json, jsonl, yaml, name"),
        ("payments create --amount 1 -o csv", "payments create cannot be printed as csv, but as table, wide, json, jsonl, yaml, name"),
        (
            "topics tail payment.events --expand -o csv",
            "topics tail cannot be printed as csv, but as table, json, jsonl, yaml, name: it has a form of its own",
        ),
        ("topics tail payment.events --raw --columns KEY", "--columns is for tables and csv, and this is text of a form of its own"),
        ("man -o json", "man cannot be printed as json, but as table: it has a form of its own"),
        ("dlq export -o yaml", "dlq export cannot be printed as yaml, but as table, json, jsonl: it has a form of its own"),
        ("dlq list --topic t -o name", "dlq list cannot be printed as name, but as table, wide, json, jsonl, csv, yaml"),
        ("lag --columns LAG -o json", "--columns is for tables and csv, and this is json"),
        ("man --no-headers", "--no-headers is for tables and csv, and this is text of a form of its own"),
        ("payments create --amount 1 --columns X", "--columns is for questions: payments create shows all of what it has done"),
        ("topics tail payment.events --sort TIME", "--sort needs all rows at once, and topics tail prints them as they come"),
    ] {
        assert_eq!(said(line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn every_command_prints_tables_and_every_list_also_the_rest() {
    for line in ASKING.iter().copied().chain(CHANGING.lines()) {
        assert_eq!(said(line), None, "{line}");
    }
    for line in
        ["payments list", "dlq list", "dlq list --entries", "topics list", "topics tail payment.events", "groups list", "events list"]
    {
        for format in Format::value_variants() {
            assert_eq!(said(&format!("{line} -o {}", format.word())), None, "{line}");
        }
        assert_eq!(said(&format!("{line} --columns A,B --no-headers")), None, "{line}");
    }
}
