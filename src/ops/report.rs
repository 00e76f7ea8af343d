use serde::Serialize;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column of a table for people.
#[derive(Debug, Clone)]
pub struct Column {
    /// Upper case, hyphenated.
    pub header: &'static str,
    /// Words left, numbers right.
    pub align: Align,
}

/// A table for people: plain text cells, no colour, no padding.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Said above it, when there are several; empty otherwise.
    pub title: String,
    /// From left to right.
    pub columns: Vec<Column>,
    /// One text a column.
    pub rows: Vec<Vec<String>>,
    /// Said below it, on stderr: where the facts come from, what is left out.
    pub notes: Vec<String>,
}

impl Table {
    /// An empty table; a header that starts with `>` is a right-aligned column.
    pub fn new(headers: &[&'static str]) -> Self {
        let columns = headers
            .iter()
            .map(|header| match header.strip_prefix('>') {
                Some(number) => Column { header: number, align: Align::Right },
                None => Column { header, align: Align::Left },
            })
            .collect();
        Self { columns, ..Self::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// An answer to an operator: JSON through `Serialize`, tables for people.
pub trait Report: Serialize {
    /// The tables that a person sees, in order.
    fn tables(&self) -> Vec<Table>;

    /// The same with all that is known, where that is more.
    fn wide(&self) -> Vec<Table> {
        self.tables()
    }
}
