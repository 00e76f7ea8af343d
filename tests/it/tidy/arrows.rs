use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Import, Imports, module_of};
use super::tree::{Problem, Tree, assert_none, assert_one};

/// Which modules each may name, floor by floor; ARCHITECTURE.md draws the same picture.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("telemetry", &["domain"]),
    ("fault", &[]),
    ("event", &["domain", "telemetry"]),
    ("store", &["domain", "config", "telemetry", "event"]),
    ("http", &["domain", "config", "telemetry", "event", "store"]),
    ("log", &["domain", "config", "telemetry", "event", "store"]),
    ("services", &["domain", "config", "telemetry", "fault", "event", "store", "http"]),
    ("daemon", &["domain", "config", "telemetry", "fault", "event", "store", "http", "log", "services"]),
    ("ops", &["domain", "config", "telemetry", "event", "store", "http", "log", "services"]),
    ("tui", &["domain", "config", "ops"]),
    ("testing", &["domain", "config", "event", "store", "http", "log", "services"]),
    ("bin", &["domain", "config", "telemetry", "fault", "event", "store", "http", "log", "services", "daemon", "ops", "tui"]),
];

/// What unit tests share; only they may name it.
const TESTING: &str = "testing";

fn arrows(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, imports) in Imports::new(tree).all() {
        let module = module_of(file);
        let Some(from) = module.first() else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == from) else {
            problems.push(Problem::new(file, 1, format!("module {from} has no floor yet: place it in ARROWS in tests/it/tidy/arrows.rs")));
            continue;
        };
        for import in imports {
            let Some(to) = import.path.first().filter(|to| *to != from) else { continue };
            let shared_by_tests = to == TESTING && import.test_only;
            if !allowed.contains(&to.as_str()) && !shared_by_tests {
                let what = format!("{from} may not name {to}, only {allowed:?}: move the item down or turn the call round");
                problems.push(Problem::new(file, import.line, what));
            }
        }
    }
    problems
}

fn strangers(tree: &Tree) -> Vec<Problem> {
    let services = tree.folders("src/services/");
    let mut problems = Vec::new();
    for (file, imports) in Imports::new(tree).all() {
        let module = module_of(file);
        let own = match module.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["services", own, ..] if services.contains_key(own) => own,
            ["daemon", ..] => "the registry",
            _ => continue,
        };
        for Import { path, line, .. } in imports {
            let other = path.get(1).filter(|other| path[0] == "services" && services.contains_key(other.as_str()) && *other != own);
            problems.extend(other.map(|other| {
                let what =
                    format!("this file knows {own} only, not service {other}: meet in events, in HTTP calls, or through the registry");
                Problem::new(file, *line, what)
            }));
        }
    }
    problems
}

/// Edges of a graph, each with the line where it is drawn.
type Graph = BTreeMap<String, BTreeMap<String, usize>>;

fn file_graph(tree: &Tree) -> Graph {
    let imports = Imports::new(tree);
    tree.src().map(|(file, _)| (file.to_owned(), imports.needs(file))).collect()
}

fn module_graph(files: &Graph) -> (Graph, BTreeMap<(String, String), String>) {
    let top = |file: &str| module_of(file).into_iter().next();
    let (mut graph, mut drawn_in) = (Graph::new(), BTreeMap::new());
    for (file, targets) in files {
        for (target, line) in targets {
            let (Some(from), Some(to)) = (top(file), top(target)) else { continue };
            if from != to && from != TESTING && to != TESTING {
                graph.entry(from.clone()).or_default().insert(to.clone(), *line);
                drawn_in.insert((from, to), file.clone());
            }
        }
    }
    (graph, drawn_in)
}

/// Each way round that leads back to where it began, once.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        visit(graph, start, &mut Vec::new(), &mut done, &mut found);
    }
    found
}

fn visit(graph: &Graph, node: &str, trail: &mut Vec<String>, done: &mut BTreeSet<String>, found: &mut Vec<Vec<String>>) {
    if let Some(at) = trail.iter().position(|seen| seen == node) {
        found.push(trail[at..].to_vec());
    } else if !done.contains(node) {
        trail.push(node.to_owned());
        for next in graph.get(node).into_iter().flat_map(BTreeMap::keys) {
            visit(graph, next, trail, done, found);
        }
        trail.pop();
        done.insert(node.to_owned());
    }
}

fn import_circles(tree: &Tree) -> Vec<Problem> {
    let files = file_graph(tree);
    let (modules, drawn_in) = module_graph(&files);
    let advice = "move what both need into a file below them";
    let between_modules = circles(&modules).into_iter().map(|circle| {
        let file = circle.get(1).and_then(|next| drawn_in.get(&(circle[0].clone(), next.clone()))).map_or("src/lib.rs", String::as_str);
        Problem::new(file, 1, format!("modules import each other in a circle ({}): {advice}", circle.join(" -> ")))
    });
    let between_files = circles(&files).into_iter().map(|circle| {
        let line = circle.get(1).and_then(|next| files[&circle[0]].get(next)).copied().unwrap_or(1);
        Problem::new(&circle[0], line, format!("files import each other in a circle ({}): {advice}", circle.join(" -> ")))
    });
    between_modules.chain(between_files).collect()
}

#[test]
fn no_arrow_runs_back_up() {
    assert_none(&arrows(Tree::checkout()));
}

#[test]
fn services_do_not_know_each_other() {
    assert_none(&strangers(Tree::checkout()));
}

#[test]
fn nothing_imports_in_a_circle() {
    assert_none(&import_circles(Tree::checkout()));
}

#[test]
fn an_arrow_up_is_found() {
    let store = |text| Tree::of(&[("src/lib.rs", "mod store; mod log;"), ("src/store/tx.rs", text), ("src/log/mod.rs", "")]);
    assert_one(&arrows(&store("use crate::event::Event;\nuse crate::log::EventLog;")), &["src/store/tx.rs:2", "store may not name log"]);
    assert_one(&arrows(&store("fn f() { super::super::log::f() }")), &["store may not name log"]);
    assert_one(&arrows(&store("use crate::testing::TestPlatform;")), &["testing"]);
    assert_none(&arrows(&store("#[cfg(test)] mod tests { use crate::testing::TestPlatform; }")));
    assert_one(&arrows(&Tree::of(&[("src/stray/mod.rs", "")])), &["stray has no floor"]);
}

#[test]
fn a_service_that_names_another_is_found() {
    let tree = |file, text| Tree::of(&[(file, text), ("src/services/order/mod.rs", ""), ("src/services/gateway/mod.rs", "")]);
    let problems = strangers(&tree("src/services/order/http.rs", "\nuse super::super::gateway::Payment;"));
    assert_one(&problems, &["src/services/order/http.rs:2", "not service gateway"]);
    assert_one(&strangers(&tree("src/daemon/run.rs", "use crate::services::order::Orders;")), &["not service order"]);
    assert_none(&strangers(&tree("src/services/registry.rs", "use super::{gateway, order};")));
}

#[test]
fn a_circle_is_found_between_files_and_between_modules() {
    let files = [
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a/mod.rs", "mod one; mod two; pub use one::One; pub use two::Two;"),
        ("src/a/one.rs", "use super::Two;"),
        ("src/a/two.rs", "\nuse super::One;"),
    ];
    assert_one(&import_circles(&Tree::of(&files)), &["src/a/one.rs:1", "src/a/two.rs", "circle"]);
    let modules = [
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a/mod.rs", "mod one; mod two;"),
        ("src/a/one.rs", "use crate::b::three;"),
        ("src/a/two.rs", ""),
        ("src/b/mod.rs", "pub mod three; pub mod four;"),
        ("src/b/three.rs", ""),
        ("src/b/four.rs", "use crate::a::two::X;"),
    ];
    assert_one(&import_circles(&Tree::of(&modules)), &["modules import each other", "a -> b"]);
}
