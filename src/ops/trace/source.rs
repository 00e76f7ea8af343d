use serde::Serialize;

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The platform's database.
    Database,
    /// The brokers.
    Log,
    /// The database says it and the brokers do not contradict.
    DatabaseAndLog,
}

impl Origin {
    /// As the timeline shows it.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Database => "db",
            Self::Log => "log",
            Self::DatabaseAndLog => "db+log",
        }
    }
}

/// A source that was, or should have been, asked.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// `database` or `log`.
    pub name: &'static str,
    /// Whether it answered in full.
    pub is_complete: bool,
    /// What was read of it, or why it was not.
    pub detail: String,
}

impl Source {
    pub(super) fn used(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, is_complete: true, detail: detail.into() }
    }

    pub(super) fn lacking(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, is_complete: false, detail: detail.into() }
    }
}
