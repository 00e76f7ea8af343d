use crate::domain::Timestamp;
use crate::store::{Row, StoreError, Tx, Value};

use super::Violation;

/// How many violations are shown of each invariant.
pub(super) const EXAMPLES: usize = 5;

/// The violations of one invariant: how many, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) count: i64,
    pub(super) examples: Vec<Violation>,
}

impl Found {
    /// Every row of the query is a violation; `$1`, where it names it, is `moment`.
    pub(super) async fn by_sql(tx: &mut Tx, sql: &str, moment: Option<Timestamp>) -> Result<Self, StoreError> {
        let body = sql.trim_end().trim_end_matches(';');
        let counted = format!("SELECT subject, detail, count(*) OVER () FROM (\n{body}\n) AS violation LIMIT {EXAMPLES}");
        let params: &[Value<'_>] = if body.contains("$1") { &[moment.into()] } else { &[] };
        let rows = tx.query(&counted, params).await?;
        let count = rows.first().map_or(Ok(0), |row| row.get(2))?;
        let example = |row: &Row| Ok(Violation::new(row.get(0)?, row.get(1)?));
        Ok(Self { count, examples: rows.iter().map(example).collect::<Result<_, StoreError>>()? })
    }

    /// Takes the violations of another part of the same invariant in.
    pub(super) fn join(&mut self, other: Self) {
        self.count += other.count;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
    }

    /// One violation more.
    pub(super) fn push(&mut self, subject: &str, detail: String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Violation::new(subject.to_owned(), detail));
        }
    }
}
