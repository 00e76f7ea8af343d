use clap::ValueEnum as _;
use payctl::ops::Report;

use crate::error::Failure;
use crate::format::Format;
use crate::output::Output;

/// What a command is, before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nature {
    /// Its words.
    pub(crate) name: &'static str,
    /// Whether it may change anything of a platform, its topics and its audit trail included.
    pub(crate) changes: bool,
    answer: Answer,
}

/// What it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// One report, whole.
    Report(Shape),
    /// Rows of a report that others follow.
    Stream(Shape),
    /// The same to programs; to a person blocks of text.
    Blocks(Shape),
    /// Text of a form of its own.
    Text,
    /// Lines of JSON, whatever is asked for.
    Lines,
}

/// What of a report there is to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    is_list: bool,
    has_names: bool,
}

impl Shape {
    /// What `R` has.
    pub(crate) const fn of<R: Report>() -> Self {
        Self { is_list: !R::LISTS.is_empty(), has_names: R::NAMES.is_some() }
    }
}

impl Nature {
    const fn with(name: &'static str, answer: Answer) -> Self {
        Self { name, changes: false, answer }
    }

    /// Answers with an `R`, and changes nothing.
    pub(crate) const fn asks<R: Report>(name: &'static str) -> Self {
        Self::shows(name, Shape::of::<R>())
    }

    /// The same where the arguments say which report it is.
    pub(crate) const fn shows(name: &'static str, shape: Shape) -> Self {
        Self::with(name, Answer::Report(shape))
    }

    /// Answers with rows of an `R` as they come.
    pub(crate) const fn follows<R: Report>(name: &'static str) -> Self {
        Self::with(name, Answer::Stream(Shape::of::<R>()))
    }

    /// The same, but a person sees more of each row than a table can hold.
    pub(crate) const fn expands<R: Report>(name: &'static str) -> Self {
        Self::with(name, Answer::Blocks(Shape::of::<R>()))
    }

    /// Writes lines of JSON whatever is asked for.
    pub(crate) const fn lines(name: &'static str) -> Self {
        Self::with(name, Answer::Lines)
    }

    /// Changes something, and answers with an `R`.
    pub(crate) const fn changes<R: Report>(name: &'static str) -> Self {
        Self::asks::<R>(name).changing(true)
    }

    /// Writes text of a form of its own.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self::with(name, Answer::Text)
    }

    /// The same, but for whether it changes something.
    pub(crate) const fn changing(self, changes: bool) -> Self {
        Self { changes, ..self }
    }

    const fn can_print(self, format: Format) -> bool {
        match (self.answer, format) {
            (Answer::Report(shape) | Answer::Stream(shape), Format::Csv) => shape.is_list,
            (Answer::Report(shape) | Answer::Stream(shape) | Answer::Blocks(shape), Format::Name) => shape.has_names,
            (Answer::Report(_) | Answer::Stream(_), _) => true,
            (Answer::Blocks(_), _) => !format.has_columns() || matches!(format, Format::Table),
            (Answer::Lines, _) => matches!(format, Format::Table | Format::Json | Format::Jsonl),
            (Answer::Text, _) => matches!(format, Format::Table),
        }
    }

    /// Why the answer cannot be printed as `out` is told to, found before anything is asked or done.
    pub(crate) fn unprintable(self, out: &Output) -> Option<Failure> {
        let help = || format!("payctl {} --help", self.name);
        let is_tabular = matches!(self.answer, Answer::Report(_) | Answer::Stream(_));
        if !self.can_print(out.format) {
            let works = Format::value_variants().iter().copied().filter(|format| self.can_print(*format));
            let works = works.map(Format::word).collect::<Vec<_>>().join(", ");
            let known = if is_tabular { works } else { format!("{works}: it has a form of its own") };
            return Some(Failure::usage(format!("{} cannot be printed as {}, but as {known}", self.name, out.format.word()), help()));
        }
        let flag = out.layout.asks_by().or_else(|| out.layout.no_headers.then_some("--no-headers"))?;
        if !is_tabular || !out.format.has_columns() {
            return Some(Failure::usage(format!("{flag} is for tables and csv, and this is {}", self.form(out.format)), help()));
        }
        if self.changes && out.layout.asks_by().is_some() {
            // A misspelt column would only be found when it is done.
            return Some(Failure::usage(format!("{flag} is for questions: {} shows all of what it has done", self.name), help()));
        }
        let is_sorted_stream = out.layout.sort.is_some() && matches!(self.answer, Answer::Stream(_));
        is_sorted_stream
            .then(|| Failure::usage(format!("--sort needs all rows at once, and {} prints them as they come", self.name), help()))
    }

    /// Why it is not done where nothing may be changed.
    pub(crate) fn refused_read_only(self, next: String) -> Option<Failure> {
        self.changes.then(|| Failure::usage(format!("{} changes something, and this is read-only: nothing was done", self.name), next))
    }

    const fn form(self, format: Format) -> &'static str {
        match self.answer {
            Answer::Text | Answer::Blocks(_) => "text of a form of its own",
            Answer::Lines => "jsonl",
            Answer::Report(_) | Answer::Stream(_) => format.word(),
        }
    }
}
