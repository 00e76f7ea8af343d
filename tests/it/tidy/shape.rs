use super::lexer::{Kind, Token};
use super::tree::{Problem, Source, Tree, assert_none, assert_one};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;

/// Files whose length somebody else decides.
const ANY_LENGTH: &[&str] = &["Cargo.lock", "CHANGELOG.md"];
const ANY_LENGTH_BELOW: &[&str] = &["completions/", "tests/it/snapshots/"];

/// Drawers that never stop growing.
const NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// Spelt in two halves, so that this file does not contain them.
const WORDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const MACROS: &[&str] = &[concat!("unimpl", "emented"), concat!("to", "do")];
const HOMES: &[&str] = &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

fn long_files(tree: &Tree) -> Vec<Problem> {
    let limited = |path: &str| !ANY_LENGTH.contains(&path) && !ANY_LENGTH_BELOW.iter().any(|folder| path.starts_with(folder));
    let long = tree.files.iter().filter(|(path, text)| limited(path) && text.lines().count() > FILE_LINES);
    long.map(|(path, text)| {
        let what = format!("{} lines, at most {FILE_LINES}: give a part of it a file and a name of its own", text.lines().count());
        Problem::new(path, FILE_LINES + 1, what)
    })
    .collect()
}

fn long_functions(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, source) in &tree.rust {
        let lines: Vec<&str> = tree.files[file].lines().collect();
        let code: Vec<&Token> = source.code().map(|(token, _)| token).collect();
        for (at, pair) in code.windows(2).enumerate().filter(|(_, pair)| pair[0].is("fn") && pair[1].kind == Kind::Word) {
            let Some(end) = body_end(&code[at..]) else { continue };
            let counts = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
            let length = lines[pair[0].line - 1..end].iter().filter(counts).count();
            if length > FUNCTION_LINES {
                let what = format!("fn {} has {length} lines, at most {FUNCTION_LINES}: split it by what it decides", pair[1].text);
                problems.push(Problem::new(file, pair[0].line, what));
            }
        }
    }
    problems
}

/// The line on which the function that starts here ends; `None` where it has no body.
fn body_end(code: &[&Token]) -> Option<usize> {
    let (mut round, mut curly) = (0usize, 0usize);
    for token in code.iter().filter(|token| token.kind == Kind::Mark) {
        match token.text.as_str() {
            "(" | "[" => round += 1,
            ")" | "]" => round = round.saturating_sub(1),
            "{" => curly += 1,
            "}" => {
                curly = curly.saturating_sub(1);
                if curly == 0 {
                    return Some(token.line);
                }
            }
            ";" if round == 0 && curly == 0 => return None,
            _ => {}
        }
    }
    None
}

fn drawers(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, source) in &tree.rust {
        let own = file.trim_end_matches(".rs").split('/').find(|name| NAMES.contains(name)).map(|name| (name.to_owned(), 1));
        let inline = source.code().zip(source.code().skip(1)).filter(|((word, _), _)| word.is("mod"));
        let inline = inline.map(|(_, (name, _))| (name.text.clone(), name.line)).filter(|(name, _)| NAMES.contains(&name.as_str()));
        problems.extend(
            own.into_iter().chain(inline).map(|(name, line)| {
                Problem::new(file, line, format!("a module named {name} collects anything: name it after what it holds"))
            }),
        );
    }
    problems
}

fn banned_words(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, source) in &tree.rust {
        let has_word = |token: &Token| token.text.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
        for (at, token) in source.tokens.iter().enumerate().filter(|(_, token)| token.kind != Kind::Text) {
            let is_macro = MACROS.iter().any(|name| token.is(name)) && source.tokens.get(at + 1).is_some_and(|next| next.is("!"));
            if has_word(token) || is_macro {
                problems.push(Problem::new(file, token.line, "unfinished work is marked here: finish it or open an issue"));
            }
        }
    }
    for (file, text) in tree.files.iter().filter(|(file, _)| !tree.rust.contains_key(*file)) {
        let marked = |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS[..2].contains(&word));
        let lines = text.lines().enumerate().filter(|(_, line)| marked(line));
        problems.extend(lines.map(|(at, _)| Problem::new(file, at + 1, "unfinished work is marked here: finish it or open an issue")));
    }
    problems
}

fn home_paths(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, text) in &tree.files {
        let lines = text.lines().enumerate().filter(|(_, line)| HOMES.iter().any(|home| line.contains(home)));
        problems.extend(
            lines.map(|(at, _)| Problem::new(file, at + 1, "a path of one machine: take it from the environment or make it relative")),
        );
    }
    problems
}

fn allowed_lints(tree: &Tree) -> Vec<Problem> {
    let attribute = |source: &Source| -> Vec<usize> {
        let code: Vec<&Token> = source.code().map(|(token, _)| token).collect();
        let opens = code.windows(3).filter(|w| (w[0].is("[") || w[0].is("!")) && w[1].is("allow") && w[2].is("("));
        opens.map(|window| window[1].line).collect()
    };
    let found = tree.rust.iter().flat_map(|(file, source)| attribute(source).into_iter().map(move |line| (file, line)));
    found
        .map(|(file, line)| Problem::new(file, line, "use #[expect(lint, reason = \"…\")], which tells when it is no longer needed"))
        .collect()
}

fn purposeless(tree: &Tree) -> Vec<Problem> {
    let without = |file: &str| file.ends_with("/mod.rs") && !tree.files[file].starts_with("//! ");
    let files = tree.rust.keys().filter(|file| without(file));
    files.map(|file| Problem::new(file, 1, "start a mod.rs with `//! ` and one line that says what the module is for")).collect()
}

fn error_texts(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, source) in tree.src() {
        let code: Vec<&Token> = source.code().map(|(token, _)| token).collect();
        let errors = code.windows(3).filter(|w| w[0].is("error") && w[1].is("(") && w[2].kind == Kind::Text);
        for text in errors.map(|window| window[2]) {
            let mut start = text.text.chars();
            let sentence = start.next().is_some_and(char::is_uppercase) && start.next().is_some_and(char::is_lowercase);
            if text.text.ends_with('.') || (sentence && !text.text.starts_with("SQLite")) {
                problems.push(Problem::new(file, text.line, "an error is a lowercase fragment without a full stop: others build on it"));
            }
        }
    }
    problems
}

#[test]
fn no_file_is_too_long() {
    assert_none(&long_files(Tree::checkout()));
}

#[test]
fn no_function_is_too_long() {
    assert_none(&long_functions(Tree::checkout()));
}

#[test]
fn no_module_is_a_drawer_for_anything() {
    assert_none(&drawers(Tree::checkout()));
}

#[test]
fn no_unfinished_work_is_left_behind() {
    assert_none(&banned_words(Tree::checkout()));
}

#[test]
fn no_path_belongs_to_one_machine() {
    assert_none(&home_paths(Tree::checkout()));
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    assert_none(&allowed_lints(Tree::checkout()));
}

#[test]
fn every_module_says_what_it_is_for() {
    assert_none(&purposeless(Tree::checkout()));
}

#[test]
fn errors_are_fragments() {
    assert_none(&error_texts(Tree::checkout()));
}

#[test]
fn each_breach_of_shape_is_found() {
    let one = |text: &str| Tree::of(&[("src/a.rs", text)]);
    assert_one(&long_files(&one(&"\n".repeat(501))), &["src/a.rs:501", "501 lines"]);
    assert_none(&long_files(&one(&"\n".repeat(500))));
    let function = |lines: usize| format!("\nfn long() -> [u8; 2] {{\n{}// a comment does not count\n\n}}", "x;\n".repeat(lines));
    assert_one(&long_functions(&one(&function(69))), &["src/a.rs:2", "fn long has 71 lines"]);
    assert_none(&long_functions(&one(&function(68))));
    assert_one(&drawers(&Tree::of(&[("src/helpers/mod.rs", "")])), &["helpers"]);
    assert_one(&drawers(&one("\nmod util {}")), &["src/a.rs:2", "util"]);
    assert_one(&banned_words(&one(&format!("\n// {}: later", WORDS[0]))), &["src/a.rs:2"]);
    assert_one(&banned_words(&one(&format!("fn f() {{ {}!() }}", MACROS[0]))), &["src/a.rs:1"]);
    assert_one(&banned_words(&Tree::of(&[("x.sql", &format!("-- {}", WORDS[1]))])), &["x.sql:1"]);
    assert_none(&banned_words(&one(&format!("const NO_CURRENCY: &str = \"{}\";", WORDS[2]))));
    assert_one(&home_paths(&one(&format!("// {}x", HOMES[0]))), &["src/a.rs:1"]);
    assert_one(&allowed_lints(&one("#[allow(dead_code)] fn f() {}")), &["expect"]);
    assert_one(&purposeless(&Tree::of(&[("src/a/mod.rs", "mod b;")])), &["src/a/mod.rs:1"]);
    assert_one(&error_texts(&one("#[error(\"Broken thing\")] struct E;")), &["fragment"]);
    assert_one(&error_texts(&one("#[error(\"broken.\")] struct E;")), &["fragment"]);
    assert_none(&error_texts(&one("#[error(\"JSON ends\")] struct E;")));
}
