use super::lexer::Kind;
use super::tree::{Problem, Tree, assert_none, assert_one};

/// A crate that only some files may name. `*` stands for one folder or file name; a slash at the end means everything below.
struct Fence {
    name: &'static str,
    inside: &'static [&'static str],
    /// Tests may call the platform as a client would.
    tests_too: bool,
}

const fn fence(name: &'static str, inside: &'static [&'static str]) -> Fence {
    Fence { name, inside, tests_too: false }
}

const FENCES: &[Fence] = &[
    fence("rdkafka", &["src/log/kafka/"]),
    fence("rusqlite", &["src/store/sqlite/"]),
    fence("tokio_postgres", &["src/store/postgres/"]),
    fence("postgres_types", &["src/store/postgres/"]),
    fence("tokio_postgres_rustls", &["src/store/postgres/"]),
    fence("lettre", &["src/services/notification/"]),
    fence("minijinja", &["src/services/notification/", "src/services/channel/"]),
    fence("ratatui", &["src/tui/"]),
    fence("crossterm", &["src/tui/"]),
    fence("clap", &["src/bin/"]),
    fence("clap_complete", &["src/bin/"]),
    fence("clap_mangen", &["src/bin/"]),
    fence("comfy_table", &["src/bin/"]),
    fence("csv", &["src/bin/"]),
    fence("serde_yaml_ng", &["src/bin/"]),
    fence("indicatif", &["src/bin/"]),
    // So that whatever is counted stands in the catalogue. `ops` and `bin` have a module of that name.
    fence("metrics", &["src/telemetry/", "src/daemon/observe.rs", "src/ops/", "src/bin/"]),
    fence("hdrhistogram", &["src/ops/load/"]),
    fence("tar", &["src/ops/bundle/"]),
    fence("flate2", &["src/ops/bundle/"]),
    Fence {
        name: "reqwest",
        inside: &[
            "src/services/*/client.rs",
            "src/services/channel/stripe.rs",
            "src/daemon/fallback/post.rs",
            "src/daemon/export.rs",
            "src/ops/client.rs",
        ],
        tests_too: true,
    },
    Fence { name: "hyper_util", inside: &["src/daemon/", "src/ops/load/connection.rs"], tests_too: true },
    Fence { name: "axum", inside: &["src/services/*/http.rs", "src/services/*/http/", "src/http/", "src/daemon/"], tests_too: true },
];

fn fences(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, source) in tree.src() {
        let code: Vec<_> = source.code().collect();
        for (at, (token, test_only)) in code.iter().enumerate() {
            let is = |at: Option<usize>, text| at.and_then(|at| code.get(at)).is_some_and(|(token, _)| token.is(text));
            let leads = is(Some(at + 1), "::") || (is(at.checked_sub(1), "use") && is(Some(at + 1), ";"));
            if token.kind != Kind::Word || !leads || is(at.checked_sub(1), "::") {
                continue;
            }
            let Some(fence) = FENCES.iter().find(|fence| fence.name == token.text) else { continue };
            if !(fence.inside.iter().any(|pattern| matches(pattern, file)) || fence.tests_too && *test_only) {
                let what = format!("{} is used only in {}: move this code there", fence.name, fence.inside.join(", "));
                problems.push(Problem::new(file, token.line, what));
            }
        }
    }
    problems
}

fn matches(pattern: &str, file: &str) -> bool {
    let mut names = file.split('/');
    let below = pattern.ends_with('/');
    let all = pattern.trim_end_matches('/').split('/').all(|want| names.next().is_some_and(|name| want == "*" || want == name));
    all && names.next().is_some() == below
}

#[test]
fn crates_stay_inside_their_fences() {
    assert_none(&fences(Tree::checkout()));
}

#[test]
fn a_crate_outside_its_fence_is_found() {
    let one = |file, text| fences(&Tree::of(&[(file, text)]));
    assert_one(&one("src/services/order/store.rs", "\nuse rusqlite::Connection;"), &["order/store.rs:2", "rusqlite", "src/store/sqlite/"]);
    assert_one(&one("src/services/order/orders.rs", "fn f() -> axum::Router {}"), &["axum"]);
    assert_one(&one("src/ops/lag.rs", "use clap;"), &["clap"]);
    assert_one(&one("src/services/order/client/deep.rs", "use reqwest::Client;"), &["reqwest"]);
    assert_none(&one("src/services/order/orders.rs", "#[cfg(test)] mod tests { use axum::body::Body; } fn clap() {} // clap::Parser"));
    assert_none(&one("src/services/order/client.rs", "use reqwest::Client;"));
    assert_none(&one("src/services/order/http/routes.rs", "use axum::Router;"));
}
