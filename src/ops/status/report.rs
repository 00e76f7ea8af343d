use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::{Report, Table};

/// What a line speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// A service's own word.
    Service,
    /// The database, as read from here.
    Database,
    /// The event log, as read from here.
    Log,
    /// A consumer group.
    Group,
}

impl PartKind {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Database => "database",
            Self::Log => "log",
            Self::Group => "group",
        }
    }
}

/// How a part is, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PartState {
    /// It does its work.
    Ok,
    /// It does its work, and something that it needs is missing or behind.
    Degraded,
    /// It answers that it cannot do its work.
    Unhealthy,
    /// It does not answer.
    Down,
}

impl PartState {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Degraded => "DEGRADED",
            Self::Unhealthy => "UNHEALTHY",
            Self::Down => "DOWN",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: PartState,
    /// Where it is, what is wrong, what waits.
    pub detail: String,
}

/// Everything at one glance.
#[derive(Debug, Clone, Serialize)]
pub struct StatusReport {
    /// When it was asked.
    pub at: Timestamp,
    /// Services first, then what they stand on, then the groups.
    pub parts: Vec<Part>,
}

impl StatusReport {
    /// Whether every part does its work.
    pub fn is_well(&self) -> bool {
        self.parts.iter().all(|part| part.state == PartState::Ok)
    }

    /// Whether nothing at all answered.
    pub fn is_unreachable(&self) -> bool {
        self.parts.iter().all(|part| part.state == PartState::Down)
    }
}

impl Report for StatusReport {
    const LISTS: &'static [&'static str] = &["parts"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["PART", "NAME", "STATUS", "DETAIL"]);
        for part in &self.parts {
            table.push([part.kind.as_str().to_owned(), part.name.clone(), part.state.as_str().to_owned(), part.detail.clone()]);
        }
        let well = self.parts.iter().filter(|part| part.state == PartState::Ok).count();
        table.notes.push(format!("{well}/{} work", self.parts.len()));
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(states: &[PartState]) -> StatusReport {
        let part = |state: &PartState| Part { kind: PartKind::Service, name: "order".to_owned(), state: *state, detail: String::new() };
        StatusReport { at: crate::domain::parse_timestamp("2026-01-02T03:04:05Z").unwrap(), parts: states.iter().map(part).collect() }
    }

    #[test]
    fn one_part_that_does_not_work_is_a_finding_and_only_all_of_them_are_nothing() {
        use PartState::{Degraded, Down, Ok};
        assert!(report(&[Ok, Ok]).is_well());
        assert!(!report(&[Ok, Degraded]).is_well());
        assert!(!report(&[Ok, Down]).is_unreachable());
        assert!(report(&[Down, Down]).is_unreachable());
    }
}
