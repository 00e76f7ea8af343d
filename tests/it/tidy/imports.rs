use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Kind, Token};
use super::tree::{Source, Tree, files_of};

/// A path to something of ours, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) line: usize,
    /// From the root of the library; the binary's own modules lie below `bin`.
    pub(super) path: Vec<String>,
    /// The name under which a `use` makes it known; `None` for a path inside code.
    pub(super) known_as: Option<String>,
    pub(super) test_only: bool,
}

/// The module that a file is.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let inside = inside.strip_prefix("bin/payctl/").map_or_else(|| inside.to_owned(), |rest| format!("bin/{rest}"));
    let mut path: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

/// Every path in `source` that leads to something of ours.
fn scan(file: &str, source: &Source) -> Vec<Import> {
    let code: Vec<(&Token, bool)> = source.code().collect();
    Scanner { code: &code, source, at: 0, module: module_of(file), inline: Vec::new(), depth: 0, found: Vec::new() }.run()
}

struct Scanner<'a> {
    code: &'a [(&'a Token, bool)],
    source: &'a Source,
    at: usize,
    module: Vec<String>,
    /// Names of the inline modules around this place, each with the depth of its brace.
    inline: Vec<(String, usize)>,
    depth: usize,
    found: Vec<Import>,
}

impl Scanner<'_> {
    fn run(mut self) -> Vec<Import> {
        while self.at < self.code.len() {
            if self.here("use") {
                self.at += 1;
                self.use_tree(&[]);
            } else if self.word(0).is_some() && self.is_mark(1, "::") && !self.visibility() {
                self.path_in_code();
            } else {
                self.step();
            }
        }
        self.found
    }

    /// Follows braces and inline modules.
    fn step(&mut self) {
        if self.here("mod") && self.is_mark(2, "{") {
            let name = self.word(1).unwrap_or_default().to_owned();
            self.inline.push((name, self.depth));
        }
        if self.here("{") {
            self.depth += 1;
        } else if self.here("}") {
            self.depth = self.depth.saturating_sub(1);
            if self.inline.last().is_some_and(|(_, depth)| *depth == self.depth) {
                self.inline.pop();
            }
        }
        self.at += 1;
    }

    fn use_tree(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let line = self.line();
        while self.at < self.code.len() {
            if self.here("{") {
                self.at += 1;
                while self.at < self.code.len() && !self.here("}") {
                    self.use_tree(&path);
                    self.at += usize::from(self.here(","));
                }
                self.at += 1;
                return;
            }
            match self.word(0).map(str::to_owned) {
                Some(word) if word == "as" => {
                    let alias = self.word(1).map(str::to_owned);
                    self.at += 2;
                    return self.record(line, &path, alias);
                }
                Some(word) if word == "self" && !prefix.is_empty() => {}
                Some(word) => path.push(word),
                None if self.here("*") => path.push("*".to_owned()),
                None if self.here("::") => {}
                None => break,
            }
            self.at += 1;
        }
        let name = path.last().cloned();
        self.record(line, &path, name);
    }

    fn path_in_code(&mut self) {
        let (line, mut path) = (self.line(), Vec::new());
        while let Some(word) = self.word(0) {
            path.push(word.to_owned());
            self.at += 1;
            if !self.here("::") {
                break;
            }
            self.at += 1;
        }
        self.record(line, &path, None);
    }

    fn record(&mut self, line: usize, path: &[String], known_as: Option<String>) {
        let test_only = self.code.get(self.at.saturating_sub(1)).is_some_and(|(_, test)| *test);
        let path = self.absolute(path);
        self.found.extend(path.map(|path| Import { line, path, known_as, test_only }));
    }

    /// The path from the root, when it leads to something of ours.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut base = self.module.clone();
        base.extend(self.inline.iter().map(|(name, _)| name.clone()));
        let first = path.first()?.as_str();
        let in_binary = self.module.first().is_some_and(|module| module == "bin");
        match first {
            "crate" if in_binary => Some([&["bin".to_owned()], &path[1..]].concat()),
            "crate" | "payctl" => Some(path[1..].to_vec()),
            "self" | "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                base.truncate(base.len().saturating_sub(ups));
                Some([&base, &path[ups.max(1)..]].concat())
            }
            child if self.inline.is_empty() && self.source.declares.iter().any(|module| module.name == child) => {
                Some([&base, path].concat())
            }
            _ => None,
        }
    }

    /// `pub(in some::path)` names a module without using it.
    fn visibility(&self) -> bool {
        self.at >= 2 && self.code[self.at - 1].0.is("in") && self.code[self.at - 2].0.is("(")
    }

    fn here(&self, text: &str) -> bool {
        self.is_mark(0, text)
    }

    fn is_mark(&self, ahead: usize, text: &str) -> bool {
        self.code.get(self.at + ahead).is_some_and(|(token, _)| token.is(text))
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        self.code.get(self.at + ahead).filter(|(token, _)| token.kind == Kind::Word).map(|(token, _)| token.text.as_str())
    }

    fn line(&self) -> usize {
        self.code.get(self.at).map_or(0, |(token, _)| token.line)
    }
}

/// What every file of `src/` imports, and where that leads.
pub(super) struct Imports<'a> {
    tree: &'a Tree,
    of: BTreeMap<&'a str, Vec<Import>>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, of: tree.src().map(|(file, source)| (file, scan(file, source))).collect() }
    }

    /// Each file with its imports.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &[Import])> {
        self.of.iter().map(|(file, imports)| (*file, imports.as_slice()))
    }

    /// The file that holds what `path` names, following re-exports.
    fn file_of(&self, path: &[String], hops: usize) -> Option<String> {
        let (mut file, mut rest) = match path.first().map(String::as_str) {
            Some("bin") => ("src/bin/payctl/main.rs".to_owned(), &path[1..]),
            _ => ("src/lib.rs".to_owned(), path),
        };
        while let Some((name, after)) = rest.split_first() {
            let source = self.tree.rust.get(&file)?;
            let child = source.declares.iter().find(|module| module.name == *name).map(|module| files_of(&file, module));
            if let Some(child) = child.into_iter().flatten().find(|child| self.tree.rust.contains_key(child)) {
                (file, rest) = (child, after);
                continue;
            }
            let exported = self.of.get(file.as_str())?.iter().find(|import| import.known_as.as_ref() == Some(name));
            return match exported {
                Some(import) if hops < 8 => self.file_of(&[&import.path, after].concat(), hops + 1),
                _ => Some(file),
            };
        }
        Some(file)
    }

    /// The files that `file` needs, leaving out what only its tests need; for a `mod.rs`, what its own code uses, since
    /// its `use` lines are mostly re-exports.
    pub(super) fn needs(&self, file: &str) -> BTreeMap<String, usize> {
        let is_facade = file.ends_with("/mod.rs") || file.ends_with("/lib.rs");
        let used = if is_facade { words_outside_use(&self.tree.rust[file]) } else { BTreeSet::new() };
        let own = self.of[file].iter().filter(|import| !import.test_only);
        own.filter(|import| !is_facade || import.known_as.as_deref().is_none_or(|name| used.contains(name)))
            .filter_map(|import| Some((self.file_of(&import.path, 0)?, import.line)))
            .filter(|(target, _)| target != file)
            .collect()
    }
}

fn words_outside_use(source: &Source) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut in_use = false;
    for (token, test) in source.code() {
        in_use = if in_use { !token.is(";") } else { token.is("use") || token.is("mod") };
        if !in_use && !test && token.kind == Kind::Word {
            found.insert(token.text.as_str());
        }
    }
    found
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let text = "use crate::{a::{self, B as C}, d::*};\nuse std::fmt;\npub(in crate::x) fn f() { crate::e::f(); super::g(); }\n\
                mod tests { use super::h; }\nmod child; pub use child::K;";
    let tree = Tree::of(&[("src/m/n.rs", text)]);
    let found = scan("src/m/n.rs", &tree.rust["src/m/n.rs"]);
    let paths: Vec<String> = found.iter().map(|import| import.path.join("::")).collect();
    assert_eq!(paths, ["a", "a::B", "d::*", "e::f", "m::g", "m::n::h", "m::n::child::K"]);
    assert_eq!(found[1].known_as.as_deref(), Some("C"));
}

#[test]
fn a_name_leads_to_its_file_through_re_exports() {
    let tree = Tree::of(&[
        ("src/lib.rs", "pub mod store;"),
        ("src/store/mod.rs", "mod inner; pub use inner::Thing; pub struct Own; #[path = \"ODD.rs\"] pub(crate) mod odd;"),
        ("src/store/ODD.rs", "pub struct Thing;"),
        ("src/store/inner/mod.rs", "mod deep; pub use deep::Thing;"),
        ("src/store/inner/deep.rs", "pub struct Thing;"),
    ]);
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let imports = Imports::new(&tree);
    assert_eq!(imports.file_of(&path("store::Thing"), 0).as_deref(), Some("src/store/inner/deep.rs"));
    assert_eq!(imports.file_of(&path("store::Own"), 0).as_deref(), Some("src/store/mod.rs"));
    assert_eq!(imports.file_of(&path("store::odd::Thing"), 0).as_deref(), Some("src/store/ODD.rs"));
}
