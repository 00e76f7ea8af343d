use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::{Report, Table, short_span};

use super::difference::{Difference, Differences};

/// What a replay has found.
#[derive(Debug, Clone, Serialize)]
pub struct Replay {
    /// The moment of the snapshot.
    pub at: Timestamp,
    /// How long it took.
    pub elapsed_ms: i64,
    /// Each projection with what was rebuilt of it.
    pub projections: Vec<Rebuilt>,
    /// The first thousand of each projection.
    pub differences: Vec<Difference>,
}

/// One projection, rebuilt.
#[derive(Debug, Clone, Serialize)]
pub struct Rebuilt {
    /// Which.
    pub projection: &'static str,
    /// Events that were applied beside the live tables.
    pub events: u64,
    /// Rows that they made.
    pub rows: u64,
    /// Fields in which the live tables differ.
    pub differences: u64,
}

impl Rebuilt {
    pub(super) const fn of(found: &Differences) -> Self {
        Self { projection: found.projection.as_str(), events: found.events, rows: found.rows, differences: found.count }
    }
}

impl Replay {
    /// Whether any live table is not what the events say.
    pub fn is_different(&self) -> bool {
        self.projections.iter().any(|projection| projection.differences > 0)
    }
}

impl Report for Replay {
    const LISTS: &'static [&'static str] = &["projections"];

    fn tables(&self) -> Vec<Table> {
        let mut summary = Table::new(&["PROJECTION", ">EVENTS", ">ROWS", ">DIFFERENCES"]);
        for rebuilt in &self.projections {
            let numbers = [rebuilt.events, rebuilt.rows, rebuilt.differences].map(|number| number.to_string());
            summary.push(std::iter::once(rebuilt.projection.to_owned()).chain(numbers));
        }
        let total: u64 = self.projections.iter().map(|projection| projection.differences).sum();
        let verdict = if total == 0 { "the live tables are what the events say".to_owned() } else { format!("{total} differences") };
        summary.notes.push(format!(
            "-- {verdict} · one snapshot of the database at {}, {}, nothing was written",
            self.at.format("%H:%M:%SZ"),
            short_span(self.elapsed_ms)
        ));
        if self.differences.is_empty() {
            return vec![summary];
        }
        let mut table = Table::new(&["PROJECTION", "AGGREGATE", "FIELD", "EXPECTED", "FOUND"]);
        let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        for difference in &self.differences {
            table.push([
                difference.projection.as_str().to_owned(),
                difference.aggregate.clone(),
                difference.field.to_owned(),
                side(&difference.expected),
                side(&difference.found),
            ]);
        }
        if total > self.differences.len() as u64 {
            table.notes.push(format!("the first {} of {total} are named", self.differences.len()));
        }
        vec![summary, table]
    }
}
