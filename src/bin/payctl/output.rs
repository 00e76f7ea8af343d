use std::io::{self, IsTerminal as _, Write as _};

use payctl::domain::Timestamp;
use payctl::ops::{Report, Table};
use serde::Serialize;

use crate::arrange::{arrange, only};
use crate::document;
use crate::error::{Failure, Shown};
use crate::format::{Format, Layout};
use crate::pager;
use crate::table;
use crate::wrap;

/// To the upper left corner, and everything away.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";
const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const RESET: &str = "\u{1b}[0m";

/// THE printer: data to stdout, all else to stderr; nothing else in the console writes to either.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output {
    /// What data is printed as.
    pub(crate) format: Format,
    /// What is shown of tables.
    pub(crate) layout: Layout,
    /// Whether only data and errors are said.
    pub(crate) quiet: bool,
    /// Whether terminals get no colour.
    pub(crate) no_color: bool,
    /// What long lists on a terminal go through; none where they just scroll.
    pub(crate) pager: Option<String>,
}

/// A table that goes on: how it has been set so far.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    widths: Vec<usize>,
    chosen: Vec<usize>,
}

impl Growing {
    /// Whether nothing of it has been printed, not even the names of its columns.
    pub(crate) const fn is_new(&self) -> bool {
        self.widths.is_empty()
    }
}

impl Output {
    /// Prints an answer as it is wanted; the notes of its tables go to stderr.
    pub(crate) fn report<R: Report>(&self, report: &R) -> Result<(), Failure> {
        let is_whole = matches!(self.format, Format::Wide | Format::Csv) || !self.layout.columns.is_empty();
        let mut tables = arrange(if is_whole { report.wide() } else { report.tables() }, &self.layout)?;
        match self.format {
            Format::Json => self.text(&document::json(report)?)?,
            Format::Jsonl => self.bytes(&document::rows(report)?)?,
            Format::Yaml => self.text(&document::yaml(report)?)?,
            Format::Name => self.text(&document::names(report))?,
            Format::Csv => self.csv(&mut tables)?,
            Format::Table | Format::Wide => {
                let width = fit(&mut tables, is_whole);
                self.paged(&self.tables(&tables, width), !R::LISTS.is_empty())?;
            }
        }
        for note in tables.iter().flat_map(|table| &table.notes) {
            self.note(note);
        }
        Ok(())
    }

    /// Prints an answer that is asked for again and again: a terminal is redrawn, a pipe gets one block after the other, each under
    /// its time, and a program one document a line, or one YAML document after the other.
    pub(crate) fn tick<R: Report>(&self, report: &R, now: Timestamp) -> Result<(), Failure> {
        match self.format {
            Format::Json | Format::Jsonl => return self.json_line(report),
            Format::Yaml => return self.report(report),
            Format::Csv | Format::Name => {
                let message = format!("--watch cannot print {}: it is one list after the other", self.format.word());
                return Err(Failure::usage(message, "-o jsonl, or one look without --watch"));
            }
            Format::Table | Format::Wide => {}
        }
        let head = if io::stdout().is_terminal() { CLEAR.to_owned() } else { format!("== {}\n", now.format("%Y-%m-%d %H:%M:%SZ")) };
        self.text(&head)?;
        Self { pager: None, ..self.clone() }.report(report)?;
        if io::stdout().is_terminal() { Ok(()) } else { self.text("\n") }
    }

    /// Prints rows that others follow: `lines` are those rows as lines of JSON where these are wanted, and `report` is the answer
    /// that they make up so far.
    pub(crate) fn stream<R: Report>(
        &self,
        rows: &[impl Serialize],
        lines: &[u8],
        report: &R,
        growing: &mut Growing,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json | Format::Jsonl => self.bytes(lines),
            Format::Yaml => rows.iter().try_for_each(|row| self.text(&document::yaml(row)?)),
            Format::Name => self.text(&document::names(report)),
            Format::Table | Format::Wide | Format::Csv => report.wide().iter().try_for_each(|table| self.grow(table, growing)),
        }
    }

    /// Prints text as it is: data that has a form of its own, such as an export.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Prints a piece of such text; a piece may end in the middle of a character.
    #[expect(clippy::unused_self, reason = "every byte of data goes through the printer, whatever its form")]
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        Ok(())
    }

    /// Prints one JSON document on one line, for answers that go on.
    pub(crate) fn json_line(&self, data: &impl Serialize) -> Result<(), Failure> {
        self.bytes(&document::json_lines(std::slice::from_ref(data))?)
    }

    /// Says something beside the data; silent with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !text.is_empty() {
            say(&remark(&format!("{text}\n")));
        }
    }

    /// Warns beside the data.
    pub(crate) fn warn(&self, text: &str) {
        say(&remark(&format!("{} {text}\n", self.paint(io::stderr().is_terminal(), YELLOW, "warning:"))));
    }

    /// Says why a command failed and what to try next.
    pub(crate) fn failure(&self, shown: &Shown) {
        let label = self.paint(io::stderr().is_terminal(), RED, "error:");
        let last = shown.messages.len().saturating_sub(1);
        for (index, message) in shown.messages.iter().enumerate() {
            let message = message.replace(['\n', '\r'], " ");
            let next = if index == last { format!("; try: {}", shown.next) } else { String::new() };
            say(&remark(&format!("{label} {message}{next}\n")));
        }
    }

    /// Prints the rows of a table that goes on. `growing` remembers how its columns are set, starting from nothing: the first
    /// call prints the header, and later rows stand below the earlier ones.
    pub(crate) fn grow(&self, table: &Table, growing: &mut Growing) -> Result<(), Failure> {
        let Some(table) = arrange(vec![table.clone()], &self.layout)?.pop() else { return Ok(()) };
        let is_first = growing.is_new();
        let with_names = is_first && !self.layout.no_headers;
        if self.format == Format::Csv {
            growing.widths.resize(table.columns.len(), 0);
            return self.bytes(&document::csv(&table, with_names)?);
        }
        if is_first {
            growing.chosen = self.lasting(&table);
            self.note(&left_out(&table, &growing.chosen).unwrap_or_default());
        }
        let table = only(table, &growing.chosen);
        let (header, rows) = table::grow(&table, &mut growing.widths);
        let header = with_names.then(|| self.paint(io::stdout().is_terminal(), BOLD, &header));
        let lines: Vec<String> = header.into_iter().chain(rows).map(|line| line + "\n").collect();
        self.text(&lines.concat())
    }

    /// The columns of a table that goes on, as its first rows need them.
    fn lasting(&self, table: &Table) -> Vec<usize> {
        let is_whole = self.format == Format::Wide || !self.layout.columns.is_empty();
        match io::stdout().is_terminal().then(terminal_width).flatten() {
            Some(width) if !is_whole => table::fitting(table, usize::from(width)),
            _ => (0..table.columns.len()).collect(),
        }
    }

    /// The first table; what the others say does not fit below it.
    fn csv(&self, tables: &mut [Table]) -> Result<(), Failure> {
        let Some((first, others)) = tables.split_first_mut() else { return Ok(()) };
        self.bytes(&document::csv(first, !self.layout.no_headers)?)?;
        let others = others.iter().filter(|table| !table.rows.is_empty()).count();
        if others > 0 {
            first.notes.push(format!("{others} more tables with -o table; all of it with -o json"));
        }
        Ok(())
    }

    /// Prints data, through the pager where it is a list that is longer than the terminal.
    fn paged(&self, text: &str, is_list: bool) -> Result<(), Failure> {
        let height = terminal_size::terminal_size().map(|(_, height)| usize::from(height.0));
        let is_long = io::stdout().is_terminal() && height.is_some_and(|height| text.lines().count() >= height);
        match &self.pager {
            Some(command) if is_list && is_long && pager::page(command, text) => Ok(()),
            _ => self.text(text),
        }
    }

    fn tables(&self, tables: &[Table], width: Option<u16>) -> String {
        let terminal = io::stdout().is_terminal();
        let blocks: Vec<String> = tables.iter().map(|table| self.table(table, width, terminal)).collect();
        blocks.join("\n")
    }

    fn table(&self, table: &Table, width: Option<u16>, terminal: bool) -> String {
        let mut text = String::new();
        if !table.title.is_empty() && !self.layout.no_headers {
            let title = width.map_or_else(|| table.title.clone(), |width| wrap::wrapped(&table.title, usize::from(width)));
            text.push_str(&self.paint(terminal, BOLD, &title));
            text.push('\n');
        }
        let set = table::set(table, width);
        let mut lines = set.lines().map(str::trim_end);
        let header = lines.next().filter(|header| !header.is_empty() && !self.layout.no_headers);
        if let Some(header) = header {
            text.push_str(&self.paint(terminal, BOLD, header));
            text.push('\n');
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn paint(&self, terminal: bool, colour: &str, text: &str) -> String {
        if terminal && !self.no_color { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// Leaves out on a terminal what says the least, until the rest fits; `is_whole` where everything was asked for. Returns the
/// terminal's width.
fn fit(tables: &mut [Table], is_whole: bool) -> Option<u16> {
    let width = io::stdout().is_terminal().then(terminal_width).flatten()?;
    if !is_whole {
        for table in tables {
            narrow(table, width);
        }
    }
    Some(width)
}

/// Leaves columns out that may be, and says so; where not even that is enough, ids are shortened first.
fn narrow(table: &mut Table, width: u16) {
    let available = usize::from(width);
    let mut chosen = table::fitting(table, available);
    if !table::fits(&only(table.clone(), &chosen), available) && table::shorten(table) {
        chosen = table::fitting(table, available);
        table.notes.push("… ids are shortened; all of them with -o wide".to_owned());
    }
    if let Some(note) = left_out(table, &chosen) {
        *table = only(std::mem::take(table), &chosen);
        table.notes.push(note);
    }
}

/// Which columns are not among the chosen ones, in words.
fn left_out(table: &Table, chosen: &[usize]) -> Option<String> {
    let missing = (0..).zip(&table.columns).filter(|(index, _)| !chosen.contains(index));
    let missing: Vec<&str> = missing.map(|(_, column)| column.header).collect();
    match missing.len() {
        0 => None,
        1 => Some(format!("… 1 column more with -o wide: {}", missing.join(", "))),
        several => Some(format!("… {several} columns more with -o wide: {}", missing.join(", "))),
    }
}

/// A remark as the terminal that it goes to has room for it.
fn remark(text: &str) -> String {
    match io::stderr().is_terminal().then(|| terminal_size::terminal_size_of(io::stderr())).flatten() {
        Some((width, _)) => wrap::remark(text, usize::from(width.0)),
        None => text.to_owned(),
    }
}

/// A closed stderr is no reason to fail: nobody is left to read it.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printer() -> Output {
        Output::default()
    }

    fn table() -> Table {
        let mut table = Table::new(&["GROUP", ">LAG", "?STATUS"]);
        table.push(["accounting".to_owned(), "1204".to_owned(), "STALLED".to_owned()]);
        table.push(["order".to_owned(), "0".to_owned(), "OK".to_owned()]);
        table
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert!(printer().table(&table(), Some(80), true).starts_with(BOLD));
        assert!(!printer().table(&table(), None, false).contains('\u{1b}'));
        assert!(!Output { no_color: true, ..printer() }.table(&table(), Some(80), true).contains('\u{1b}'));
    }

    #[test]
    fn the_names_of_columns_can_be_left_out() {
        let bare = Output { layout: Layout { no_headers: true, ..Layout::default() }, ..printer() };
        let titled = Table { title: "who reads".to_owned(), ..table() };
        assert_eq!(bare.table(&titled, None, false), "accounting  1204  STALLED\norder          0  OK\n");
    }

    #[test]
    fn a_narrow_terminal_is_told_what_it_does_not_show() {
        let mut narrowed = table();
        narrow(&mut narrowed, 20);
        assert_eq!(narrowed.columns.len(), 2);
        assert_eq!(narrowed.notes, ["… 1 column more with -o wide: STATUS"]);
        let mut wide = table();
        narrow(&mut wide, 80);
        assert_eq!((wide.columns.len(), wide.notes.len()), (3, 0));
    }
}
