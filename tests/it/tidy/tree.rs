use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use super::lexer::{Kind, Token, tokens};

/// Folders that hold nothing of ours.
const FOREIGN: &[&str] = &[".git", "target"];

/// Every text file of the checkout, by its path from the root.
pub(super) struct Tree {
    pub(super) files: BTreeMap<String, String>,
    pub(super) rust: BTreeMap<String, Source>,
}

/// A Rust file.
pub(super) struct Source {
    pub(super) tokens: Vec<Token>,
    /// For each token whether it is compiled for tests only.
    pub(super) test_only: Vec<bool>,
    /// The modules that it declares with `mod name;`.
    pub(super) declares: Vec<Declared>,
}

/// A `mod name;`, with the file that `#[path = "…"]` gives it.
pub(super) struct Declared {
    pub(super) name: String,
    path: Option<String>,
    test_only: bool,
}

/// Something to put right, told as `file:line: what to do`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem(String);

impl Problem {
    pub(super) fn new(file: &str, line: usize, what: impl fmt::Display) -> Self {
        Self(format!("{file}:{line}: {what}"))
    }
}

/// Fails with the whole list, so that one run shows everything there is to do.
pub(super) fn assert_none(problems: &[Problem]) {
    let lines: Vec<&str> = problems.iter().map(|problem| problem.0.as_str()).collect();
    assert!(lines.is_empty(), "{} to put right:\n{}", lines.len(), lines.join("\n"));
}

/// Proves a check on an example: exactly one problem, which says all of `parts`.
pub(super) fn assert_one(problems: &[Problem], parts: &[&str]) {
    let [Problem(text)] = problems else { panic!("one problem expected, got {problems:?}") };
    assert!(parts.iter().all(|part| text.contains(part)), "{text:?} should say all of {parts:?}");
}

impl Tree {
    /// The checkout that this test was built from, read once.
    pub(super) fn checkout() -> &'static Self {
        static CHECKOUT: LazyLock<Tree> = LazyLock::new(|| {
            let mut files = BTreeMap::new();
            walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
            Tree::new(files)
        });
        &CHECKOUT
    }

    /// A small tree for proving a check.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn new(files: BTreeMap<String, String>) -> Self {
        let is_rust = |path: &str| path.rsplit_once('.').is_some_and(|(_, end)| end == "rs");
        let mut rust: BTreeMap<String, Source> =
            files.iter().filter(|(path, _)| is_rust(path)).map(|(path, text)| (path.clone(), Source::new(text))).collect();
        for path in test_files(&rust) {
            if let Some(source) = rust.get_mut(&path) {
                source.test_only.fill(true);
            }
        }
        Self { files, rust }
    }

    /// The library's and the binary's own sources.
    pub(super) fn src(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.rust.iter().filter(|(path, _)| path.starts_with("src/")).map(|(path, source)| (path.as_str(), source))
    }

    /// The folders directly below `parent`, with a file in each.
    pub(super) fn folders<'a>(&'a self, parent: &'a str) -> BTreeMap<&'a str, &'a str> {
        let below = self.files.keys().filter_map(move |path| Some((path.strip_prefix(parent)?.split_once('/')?.0, path.as_str())));
        below.collect()
    }
}

impl Source {
    fn new(text: &str) -> Self {
        let tokens = tokens(text);
        let test_only = test_only(&tokens);
        let code: Vec<(&Token, bool)> = tokens.iter().zip(test_only.iter().copied()).filter(|(t, _)| t.kind != Kind::Comment).collect();
        let declares = (0..code.len()).filter_map(|at| declared(&code, at)).collect();
        Self { tokens, test_only, declares }
    }

    /// Words, marks and texts with whether each is for tests only.
    pub(super) fn code(&self) -> impl Iterator<Item = (&Token, bool)> {
        self.tokens.iter().zip(self.test_only.iter().copied()).filter(|(token, _)| token.kind != Kind::Comment)
    }
}

/// The declaration that starts here with `mod`.
fn declared(code: &[(&Token, bool)], at: usize) -> Option<Declared> {
    let [(word, test_only), (name, _), (end, _)] = code.get(at..at + 3)? else { return None };
    let found = word.is("mod") && name.kind == Kind::Word && end.is(";");
    let before: Vec<&Token> = code[at.saturating_sub(12)..at].iter().map(|(token, _)| *token).collect();
    // `#[path = "…"]`, perhaps with a `pub(…)` between it and the word.
    let attribute = before.windows(5).rfind(|w| w[0].is("[") && w[1].is("path") && w[2].is("=") && w[4].is("]"));
    let ended = before.iter().rposition(|token| token.is(";") || token.is("}"));
    let attribute = attribute.filter(|window| before.iter().rposition(|token| std::ptr::eq(*token, window[0])) > ended);
    found.then(|| Declared { name: name.text.clone(), path: attribute.map(|window| window[3].text.clone()), test_only: *test_only })
}

/// The files that `module`, declared in `parent`, may lie in: the one it names, or either place where Rust looks.
pub(super) fn files_of(parent: &str, module: &Declared) -> Vec<String> {
    let (folder, file) = parent.rsplit_once('/').unwrap_or(("", parent));
    if let Some(path) = &module.path {
        return vec![format!("{folder}/{path}")];
    }
    let base = match file {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        other => format!("{folder}/{}", other.trim_end_matches(".rs")),
    };
    vec![format!("{base}/{}.rs", module.name), format!("{base}/{}/mod.rs", module.name)]
}

/// Marks what follows `#[cfg(test)]`, up to the end of that item.
fn test_only(tokens: &[Token]) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        if opens_tests(&tokens[at..]) {
            let end = item_end(tokens, at);
            marks[at..end].fill(true);
            at = end;
        } else {
            at += 1;
        }
    }
    marks
}

fn opens_tests(tokens: &[Token]) -> bool {
    ["#", "[", "cfg", "(", "test", ")", "]"].iter().zip(tokens).filter(|(want, token)| token.is(want)).count() == 7
}

/// Just past the item that starts at `start`: its closing brace, or a semicolon outside all brackets.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            _ if token.kind != Kind::Mark => {}
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Files behind a `#[cfg(test)] mod name;`, and all that they declare in turn.
fn test_files(rust: &BTreeMap<String, Source>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let roots = rust.iter().flat_map(|(path, source)| source.declares.iter().filter(|module| module.test_only).map(move |m| (path, m)));
    let mut open: Vec<String> = roots.flat_map(|(path, module)| files_of(path, module)).collect();
    while let Some(path) = open.pop() {
        let Some(source) = rust.get(&path) else { continue };
        open.extend(source.declares.iter().flat_map(|module| files_of(&path, module)).filter(|file| !found.contains(file)));
        found.insert(path);
    }
    found
}

fn walk(root: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(root.join(prefix)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && !FOREIGN.contains(&name.as_str()) {
            walk(root, &path, files);
        } else if kind.is_file()
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            files.insert(path, text);
        }
    }
}

#[test]
fn test_code_is_told_from_the_rest() {
    let tree = Tree::of(&[
        ("src/lib.rs", "mod a; #[cfg(test)] mod testing; #[cfg(test)] mod tests { fn x() {} } fn y() {}"),
        ("src/a.rs", "fn z() {}"),
        ("src/testing.rs", "mod deep;"),
        ("src/testing/deep.rs", "fn w() {}"),
    ]);
    let functions: Vec<(&str, bool)> = tree
        .src()
        .flat_map(|(_, source)| source.code().collect::<Vec<_>>())
        .filter(|(token, _)| token.text.len() == 1 && token.kind == Kind::Word && token.text != "a")
        .map(|(token, test)| (token.text.as_str(), test))
        .collect();
    assert_eq!(functions, [("z", false), ("x", true), ("y", false), ("w", true)]);
}
