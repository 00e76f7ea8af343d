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
    /// How soon it is left out where a terminal is too narrow: 2 before 1, and 0 never.
    pub spare: u8,
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
    /// An empty table; `>` before a header is a right-aligned column, `?` before both is one that a
    /// narrow terminal may miss, and `??` one that it misses first.
    pub fn new(headers: &[&'static str]) -> Self {
        let columns = headers
            .iter()
            .map(|header| {
                let (spare, header) = match (header.strip_prefix("??"), header.strip_prefix('?')) {
                    (Some(rest), _) => (2, rest),
                    (None, Some(rest)) => (1, rest),
                    (None, None) => (0, *header),
                };
                let (align, header) = header.strip_prefix('>').map_or((Align::Left, header), |rest| (Align::Right, rest));
                Column { header, align, spare }
            })
            .collect();
        Self { columns, ..Self::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// An answer to an operator: documents for programs through `Serialize`, tables for people.
pub trait Report: Serialize {
    /// The fields of its document that hold the rows of its first table; none where it is no list.
    const LISTS: &'static [&'static str] = &[];
    /// What [`Self::names`] are, in the plural; `None` where nothing of it is a word for another command.
    const NAMES: Option<&'static str> = None;

    /// The tables that a person sees, in order.
    fn tables(&self) -> Vec<Table>;

    /// The same with all that is known, where that is more.
    fn wide(&self) -> Vec<Table> {
        self.tables()
    }

    /// The words in it that another command takes, in its order.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}
