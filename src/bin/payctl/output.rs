use std::io::{self, IsTerminal as _, Write as _};

use payctl::domain::Timestamp;
use payctl::ops::{Report, Table};
use serde::Serialize;

use crate::error::{Failure, Shown};
use crate::table;

/// The version of every JSON document that the console prints.
const SCHEMA_VERSION: u32 = 1;
/// To the upper left corner, and everything away.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";
const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const RESET: &str = "\u{1b}[0m";

/// What data is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// Tables for people.
    #[default]
    Table,
    /// The same with more columns, where there are more.
    Wide,
    /// One JSON document, or one a line where a command follows.
    Json,
    /// Each JSON document on one line.
    Jsonl,
}

/// THE printer: data to stdout, all else to stderr; nothing else in the console writes to either.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    no_color: bool,
}

#[derive(Serialize)]
struct Document<'a, T> {
    schema_version: u32,
    #[serde(flatten)]
    data: &'a T,
}

/// Appends a JSON document and the end of its line.
pub(crate) fn write_json_line<T: Serialize>(data: &T, text: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *text, &Document { schema_version: SCHEMA_VERSION, data })?;
    text.push(b'\n');
    Ok(())
}

impl Output {
    pub(crate) const fn new(format: Format, quiet: bool, no_color: bool) -> Self {
        Self { format, quiet, no_color }
    }

    /// Whether the answer is wanted as JSON.
    pub(crate) fn is_json(self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl)
    }

    /// Prints an answer as it is wanted; the notes of its tables go to stderr.
    pub(crate) fn report(self, report: &impl Report) -> Result<(), Failure> {
        let tables = if self.format == Format::Wide { report.wide() } else { report.tables() };
        match self.format {
            Format::Json => self.text(&json(report)?)?,
            Format::Jsonl => self.json_line(report)?,
            Format::Table | Format::Wide => self.text(&self.tables(&tables))?,
        }
        for note in tables.iter().flat_map(|table| &table.notes) {
            self.note(note);
        }
        Ok(())
    }

    /// Prints an answer that is asked for again and again: a terminal is redrawn, a pipe gets one block after the other, each under
    /// its time, and a program one document a line.
    pub(crate) fn tick(self, report: &impl Report, now: Timestamp) -> Result<(), Failure> {
        if self.is_json() {
            return self.json_line(report);
        }
        let head = if io::stdout().is_terminal() { CLEAR.to_owned() } else { format!("== {}\n", now.format("%Y-%m-%d %H:%M:%SZ")) };
        self.text(&head)?;
        self.report(report)?;
        if io::stdout().is_terminal() { Ok(()) } else { self.text("\n") }
    }

    /// Prints text as it is: data that has a form of its own, such as an export.
    pub(crate) fn text(self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Prints a piece of such text; a piece may end in the middle of a character.
    #[expect(clippy::unused_self, reason = "every byte of data goes through the printer, whatever its form")]
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        Ok(())
    }

    /// Prints one JSON document on one line, for answers that go on.
    pub(crate) fn json_line(self, data: &impl Serialize) -> Result<(), Failure> {
        let line = serde_json::to_string(&Document { schema_version: SCHEMA_VERSION, data }).map_err(unserializable)?;
        self.text(&format!("{line}\n"))
    }

    /// Says something beside the data; silent with `--quiet`.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet && !text.is_empty() {
            say(&format!("{text}\n"));
        }
    }

    /// Warns beside the data.
    pub(crate) fn warn(self, text: &str) {
        say(&format!("{} {text}\n", self.paint(io::stderr().is_terminal(), YELLOW, "warning:")));
    }

    /// Says why a command failed and what to try next.
    pub(crate) fn failure(self, shown: &Shown) {
        let label = self.paint(io::stderr().is_terminal(), RED, "error:");
        let last = shown.messages.len().saturating_sub(1);
        for (index, message) in shown.messages.iter().enumerate() {
            let message = message.replace(['\n', '\r'], " ");
            let next = if index == last { format!("; try: {}", shown.next) } else { String::new() };
            say(&format!("{label} {message}{next}\n"));
        }
    }

    /// Prints the rows of a table that goes on. `widths` remembers how wide its columns are, starting from nothing: the first
    /// call prints the header, and later rows stand below the earlier ones.
    pub(crate) fn grow(self, table: &Table, widths: &mut Vec<usize>) -> Result<(), Failure> {
        let is_first = widths.is_empty();
        let (header, rows) = table::grow(table, widths);
        let header = is_first.then(|| self.paint(io::stdout().is_terminal(), BOLD, &header));
        let lines: Vec<String> = header.into_iter().chain(rows).map(|line| line + "\n").collect();
        self.text(&lines.concat())
    }

    fn tables(self, tables: &[Table]) -> String {
        let terminal = io::stdout().is_terminal();
        let width = terminal.then(terminal_width).flatten();
        let blocks: Vec<String> = tables.iter().map(|table| self.table(table, width, terminal)).collect();
        blocks.join("\n")
    }

    fn table(self, table: &Table, width: Option<u16>, terminal: bool) -> String {
        let mut text = String::new();
        if !table.title.is_empty() {
            text.push_str(&self.paint(terminal, BOLD, &table.title));
            text.push('\n');
        }
        let set = table::set(table, width);
        let mut lines = set.lines().map(str::trim_end);
        if let Some(header) = lines.next().filter(|header| !header.is_empty()) {
            text.push_str(&self.paint(terminal, BOLD, header));
            text.push('\n');
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn paint(self, terminal: bool, colour: &str, text: &str) -> String {
        if terminal && !self.no_color { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

fn json(report: &impl Report) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(&Document { schema_version: SCHEMA_VERSION, data: report }).map_err(unserializable)?;
    text.push('\n');
    Ok(text)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err hands over")]
fn unserializable(error: serde_json::Error) -> Failure {
    Failure::failed(format!("the answer cannot be shown as JSON: {error}"), "payctl --output table")
}

/// A closed stderr is no reason to fail: nobody is left to read it.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printer() -> Output {
        Output::new(Format::Table, false, false)
    }

    fn table() -> Table {
        let mut table = Table::new(&["GROUP", ">LAG", "STATUS"]);
        table.push(["accounting".to_owned(), "1204".to_owned(), "STALLED".to_owned()]);
        table.push(["order".to_owned(), "0".to_owned(), "OK".to_owned()]);
        table
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert!(printer().table(&table(), Some(80), true).starts_with(BOLD));
        assert!(!printer().table(&table(), None, false).contains('\u{1b}'));
        assert!(!Output::new(Format::Table, false, true).table(&table(), Some(80), true).contains('\u{1b}'));
    }

    #[test]
    fn json_documents_start_with_their_version() {
        #[derive(Serialize)]
        struct Lag {
            lag: u32,
        }
        impl Report for Lag {
            fn tables(&self) -> Vec<Table> {
                Vec::new()
            }
        }
        assert_eq!(json(&Lag { lag: 3 }).unwrap(), "{\n  \"schema_version\": 1,\n  \"lag\": 3\n}\n");
    }
}
