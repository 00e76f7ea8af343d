use std::collections::BTreeSet;

use super::lexer::{Kind, Token};
use super::tree::{Problem, Source, Tree, assert_none, assert_one, files_of};

const REGISTRY: &str = "src/services/registry.rs";
const SERVICES: &str = "src/services/";
const MIGRATIONS: &str = "migrations/";
const CHANGELOG: &str = "CHANGELOG.md";

/// Where the compiler starts to follow `mod` lines.
const ROOTS: &[&str] = &["src/lib.rs", "src/bin/payctl/main.rs", "tests/it/main.rs"];

fn services(tree: &Tree) -> Vec<Problem> {
    let names = tree.rust.get(REGISTRY).map(registered).unwrap_or_default();
    let (folders, schemas) = (tree.folders(SERVICES), tree.folders(MIGRATIONS));
    let mut problems = Vec::new();
    for (folder, file) in &folders {
        if !names.iter().any(|(name, _)| name == folder) {
            problems.push(Problem::new(file, 1, format!("service {folder} is not registered: add its variant to {REGISTRY}")));
        }
    }
    for (name, line) in &names {
        if !folders.contains_key(name.as_str()) {
            problems.push(Problem::new(REGISTRY, *line, format!("service {name} has no folder {SERVICES}{name}/")));
        }
        if !schemas.contains_key(name.as_str()) {
            problems.push(Problem::new(REGISTRY, *line, format!("service {name} has no folder {MIGRATIONS}{name}/ for its tables")));
        }
    }
    problems
}

/// The values of the fields `name:`, each with its line.
fn registered(source: &Source) -> Vec<(String, usize)> {
    let code: Vec<&Token> = source.code().filter(|(_, test)| !test).map(|(token, _)| token).collect();
    let fields = code.windows(3).filter(|w| w[0].is("name") && w[1].is(":") && w[2].kind == Kind::Text);
    fields.map(|window| (window[2].text.clone(), window[2].line)).collect()
}

fn migrations(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut expected = (String::new(), 0);
    let included: BTreeSet<&str> = tree.src().flat_map(|(_, source)| source.code()).map(|(token, _)| token.text.as_str()).collect();
    for path in tree.files.keys().filter(|path| path.starts_with(MIGRATIONS)) {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        expected = if expected.0 == folder { (expected.0, expected.1 + 1) } else { (folder.to_owned(), 1) };
        if !file.starts_with(&format!("{:04}_", expected.1)) {
            let what = format!("the next migration here is numbered {:04}_: migrations are append-only and without gaps", expected.1);
            problems.push(Problem::new(path, 1, what));
        }
        if !included.iter().any(|text| text.ends_with(path.as_str())) {
            problems.push(Problem::new(path, 1, "nothing includes this migration: name it in its owner's MIGRATIONS"));
        }
    }
    problems
}

fn orphans(tree: &Tree) -> Vec<Problem> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = ROOTS.iter().map(|root| (*root).to_owned()).collect();
    while let Some(file) = open.pop() {
        let Some(source) = tree.rust.get(&file) else { continue };
        open.extend(source.declares.iter().flat_map(|module| files_of(&file, module)));
        reached.insert(file);
    }
    let ours = |path: &&String| (path.starts_with("src/") || path.starts_with("tests/it/")) && !reached.contains(*path);
    let lost = tree.rust.keys().filter(ours);
    lost.map(|path| Problem::new(path, 1, "no `mod` line leads to this file, so it is not compiled: declare it or remove it")).collect()
}

fn changelog(tree: &Tree) -> Vec<Problem> {
    let ready = tree.files.get(CHANGELOG).is_some_and(|text| text.lines().any(|line| line.trim_end() == "## [Unreleased]"));
    if ready { Vec::new() } else { vec![Problem::new(CHANGELOG, 1, "keep a section `## [Unreleased]` for what comes next")] }
}

#[test]
fn every_service_is_registered_and_has_its_tables() {
    assert_none(&services(Tree::checkout()));
}

#[test]
fn migrations_are_numbered_without_gaps_and_included() {
    assert_none(&migrations(Tree::checkout()));
}

#[test]
fn every_file_is_compiled() {
    assert_none(&orphans(Tree::checkout()));
}

#[test]
fn the_changelog_is_ready_for_what_comes_next() {
    assert_none(&changelog(Tree::checkout()));
}

#[test]
fn what_is_not_listed_is_found() {
    let registry = (REGISTRY, "\nSpec { name: \"order\", port: 1 }");
    let order = ("src/services/order/mod.rs", "");
    let schema = ("migrations/order/sqlite/0001_init.sql", "");
    assert_none(&services(&Tree::of(&[registry, order, schema])));
    assert_one(&services(&Tree::of(&[registry, order, schema, ("src/services/stray/mod.rs", "")])), &["stray is not registered"]);
    assert_one(&services(&Tree::of(&[registry, schema])), &["registry.rs:2", "order has no folder src/services/order/"]);
    assert_one(&services(&Tree::of(&[registry, order])), &["order has no folder migrations/order/"]);

    let include = ("src/a.rs", "include_str!(\"../migrations/order/sqlite/0001_init.sql\"); \"../migrations/order/sqlite/0003_x.sql\"");
    assert_one(&migrations(&Tree::of(&[include, schema, ("migrations/order/sqlite/0003_x.sql", "")])), &["0003_x.sql", "0002_"]);
    assert_one(&migrations(&Tree::of(&[schema])), &["nothing includes"]);

    let lib = ("src/lib.rs", "mod a;");
    assert_one(&orphans(&Tree::of(&[lib, ("src/a/mod.rs", ""), ("src/a/lost.rs", "")])), &["src/a/lost.rs"]);
    assert_one(&orphans(&Tree::of(&[("tests/it/main.rs", ""), ("tests/it/cli.rs", "")])), &["tests/it/cli.rs"]);
    assert_one(&changelog(&Tree::of(&[(CHANGELOG, "# Changelog")])), &["CHANGELOG.md", "Unreleased"]);
}
