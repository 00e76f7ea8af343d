use std::borrow::Cow;

use crate::domain::Timestamp;
use crate::store::{Row, StoreError, Tx, Value};

use super::Violation;

/// How many violations are shown of each invariant.
pub(super) const EXAMPLES: usize = 5;

/// The server's view of places is for looking one up; whoever asks of all of them needs no event with each.
const PLACES: &str = "WITH event_places (seq, topic, partition, log_offset) AS NOT MATERIALIZED \
     (SELECT seq, topic, partition, log_offset FROM published WHERE log_offset IS NOT NULL)\n";
/// How a check says that it may be asked as of a moment.
const AS_OF: &str = " OR $1 IS NULL)";

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
        let body = if moment.is_none() { timeless(body) } else { Cow::Borrowed(body) };
        let places = if tx.has_outbox() && body.contains("event_places") && !body.contains("l.event_id") { PLACES } else { "" };
        let counted = format!("{places}SELECT subject, detail, count(*) OVER () FROM (\n{body}\n) AS violation LIMIT {EXAMPLES}");
        let params: &[Value<'_>] = if moment.is_some() && body.contains("$1") { &[moment.into()] } else { &[] };
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

/// The check without its question about the past, which alone would make it read each row where an index tells enough.
fn timeless(sql: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(sql);
    while let Some(end) = text.find(AS_OF) {
        let Some(start) = text.get(..end).and_then(|before| before.rfind('(')) else { break };
        text.to_mut().replace_range(start..end + AS_OF.len(), "TRUE");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::verify::INVARIANTS;

    #[test]
    fn a_check_of_the_present_does_not_ask_for_the_moment() {
        assert_eq!(timeless("WHERE (e.created_at <= $1 OR $1 IS NULL) AND (a = b)"), "WHERE TRUE AND (a = b)");
        assert_eq!(timeless("a (b <= $1 OR $1 IS NULL) c (d <= $1 OR $1 IS NULL)"), "a TRUE c TRUE");
        for invariant in INVARIANTS.iter().filter(|invariant| invariant.looks_back()) {
            let sql = invariant.text();
            assert!(sql.contains("$1") && !timeless(sql).replace("$1, where set", "").contains("$1"), "{}", invariant.id);
        }
    }
}
