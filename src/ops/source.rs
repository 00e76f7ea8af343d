use serde::Serialize;

use crate::domain::Timestamp;
use crate::services::Service;
use crate::store::{StoreError, Tx};

use super::group;
use super::span::clock;

/// Where some of an answer's facts come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactSource {
    /// Which facts.
    pub facts: &'static str,
    /// The service that keeps them.
    pub service: &'static str,
    /// Its tables.
    pub tables: &'static str,
    /// When its group last moved on, where it learns them from the log; `None` where it does not, or has read nothing yet.
    pub moved_at: Option<Timestamp>,
    /// Whether it learns them from the log, so that they may be behind.
    pub follows_log: bool,
}

impl FactSource {
    /// Facts that their service writes itself.
    pub(super) const fn own(facts: &'static str, service: &'static str, tables: &'static str) -> Self {
        Self { facts, service, tables, moved_at: None, follows_log: false }
    }

    /// Facts that a service learns from the log.
    pub(super) async fn followed(tx: &mut Tx, facts: &'static str, service: Service, tables: &'static str) -> Result<Self, StoreError> {
        let own = service.group().unwrap_or_default();
        let commits = group::commits(tx).await?;
        let moved_at = commits.iter().filter(|((group, _), _)| *group == own).map(|(_, commit)| commit.updated_at).max();
        Ok(Self { facts, service: service.name(), tables, moved_at, follows_log: true })
    }

    /// Whether what it says is known at all.
    pub(super) const fn is_known(&self) -> bool {
        !self.follows_log || self.moved_at.is_some()
    }
}

/// A line each, for below a table.
pub(super) fn told(sources: &[FactSource], at: Timestamp) -> Vec<String> {
    let one = |source: &FactSource| {
        let moved = match source.moved_at {
            Some(moved) => format!(", which last moved on at {}", clock(moved, at)),
            None if source.follows_log => ", which has read nothing yet".to_owned(),
            None => String::new(),
        };
        format!("{} from {} ({}){moved}", source.facts, source.service, source.tables)
    };
    let snapshot = format!("all of it from one snapshot of the database at {}", clock(at, at));
    sources.iter().map(one).chain([snapshot]).collect()
}
