use clap::ValueEnum;

/// What data is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people.
    #[default]
    Table,
    /// The same with more columns, where there are more.
    Wide,
    /// One JSON document, or one a line where a command follows.
    Json,
    /// One line of JSON a row of the main list, or the whole document on one line where there is none.
    Jsonl,
    /// The main list as comma-separated values of RFC 4180.
    Csv,
    /// One YAML document, or one a row where a command follows.
    Yaml,
    /// The words of it that another command takes, one a line.
    Name,
}

impl Format {
    /// Its word on the command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Yaml => "yaml",
            Self::Name => "name",
        }
    }

    /// Whether a row is one line of JSON where a command follows.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }

    /// Whether it has columns that can be chosen, sorted and left without their names.
    pub(crate) const fn has_columns(self) -> bool {
        matches!(self, Self::Table | Self::Wide | Self::Csv)
    }
}

/// What is shown of tables, and in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// The columns that are wanted, as they were typed; none for all.
    pub(crate) columns: Vec<String>,
    /// What the rows are sorted by, where that is not their own order.
    pub(crate) sort: Option<Sort>,
    /// Whether the line with the columns' names is left out.
    pub(crate) no_headers: bool,
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort {
    /// As it was typed.
    pub(crate) column: String,
    /// Largest first.
    pub(crate) is_descending: bool,
}

impl Layout {
    /// The flag that asks for something else than all columns and rows as they come.
    pub(crate) fn asks_by(&self) -> Option<&'static str> {
        if !self.columns.is_empty() {
            Some("--columns")
        } else if self.sort.is_some() {
            Some("--sort")
        } else {
            None
        }
    }
}

/// `COLUMN`, or `-COLUMN` for the largest first.
pub(crate) fn sort(text: &str) -> Result<Sort, String> {
    let (column, is_descending) = text.strip_prefix('-').map_or((text, false), |column| (column, true));
    let column = column.trim();
    if column.is_empty() {
        Err("the name of a column is expected".to_owned())
    } else {
        Ok(Sort { column: column.to_owned(), is_descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_sorts_the_largest_first() {
        assert_eq!(sort("LAG"), Ok(Sort { column: "LAG".to_owned(), is_descending: false }));
        assert_eq!(sort("-lag"), Ok(Sort { column: "lag".to_owned(), is_descending: true }));
        assert!(sort("-").is_err() && sort(" ").is_err());
    }

    #[test]
    fn a_format_is_called_what_the_command_line_calls_it() {
        for format in Format::value_variants() {
            assert_eq!(format.to_possible_value().unwrap().get_name(), format.word());
        }
    }
}
