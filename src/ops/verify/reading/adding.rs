use std::collections::BTreeMap;

use crate::store::{Fields, StoreError, Tx, Value};

use super::sum::Sum;

/// What is to be added up of a table, or of several, by group.
pub(super) struct Adding {
    /// What is the same in a group: texts and numbers.
    pub(super) by: &'static [&'static str],
    /// Hashes with the seed `$1`, each summed up by itself; NULL is left out.
    pub(super) hashes: &'static [&'static str],
    /// Where all this is.
    pub(super) from: &'static str,
}

/// The groups, each with its sums.
pub(super) type Groups = BTreeMap<Vec<String>, Vec<Sum>>;

impl Adding {
    /// Adds it up: where the server does, several of its processes do. The embedded engine would sort all rows by group first, so its
    /// rows are added up here as they come.
    pub(super) async fn up(&self, tx: &mut Tx, seed: i64) -> Result<Groups, StoreError> {
        if tx.has_outbox() { self.on_server(tx, seed).await } else { self.embedded(tx, seed).await }
    }

    async fn on_server(&self, tx: &mut Tx, seed: i64) -> Result<Groups, StoreError> {
        let by = self.by.join(", ");
        let sums: Vec<String> = self.hashes.iter().map(|hash| format!("count({hash}), sum({hash})")).collect();
        let rows = tx.query(&format!("SELECT {by}, {} FROM {} GROUP BY {by}", sums.join(", "), self.from), &[seed.into()]).await?;
        let mut groups = Groups::new();
        for row in rows {
            let by = (0..self.by.len()).map(|at| row.get(at).or_else(|_| row.get::<i64>(at).map(|int| int.to_string())));
            let sums = (0..self.hashes.len()).map(|nth| Sum::read(&row, self.by.len() + 2 * nth));
            groups.insert(by.collect::<Result<_, _>>()?, sums.collect::<Result<_, _>>()?);
        }
        Ok(groups)
    }

    async fn embedded(&self, tx: &mut Tx, seed: i64) -> Result<Groups, StoreError> {
        let sql = format!("SELECT {}, {} FROM {}", self.by.join(", "), self.hashes.join(", "), self.from);
        let mut groups: Vec<(Vec<Value<'static>>, Vec<Sum>)> = Vec::new();
        tx.scan(&sql, &[seed.into()], &mut |row| self.see(row, &mut groups)).await?;
        let text = |value: Value<'static>| match value {
            Value::Int(int) => int.to_string(),
            Value::Text(text) => text.into_owned(),
            other => format!("{other:?}"),
        };
        Ok(groups.into_iter().map(|(by, sums)| (by.into_iter().map(text).collect(), sums)).collect())
    }

    /// Groups are few, so that the right one is found soonest by looking through them.
    fn see(&self, row: &dyn Fields, groups: &mut Vec<(Vec<Value<'static>>, Vec<Sum>)>) -> Result<(), StoreError> {
        let is_of = |by: &[Value<'static>]| by.iter().enumerate().all(|(at, value)| is_same(row, at, value));
        let known = groups.iter().position(|(by, _)| is_of(by));
        if known.is_none() {
            let by = (0..self.by.len()).map(|at| row.field(at).map(Value::into_owned));
            groups.push((by.collect::<Result<_, _>>()?, vec![Sum::default(); self.hashes.len()]));
        }
        let Some((_, sums)) = known.map_or(groups.len().checked_sub(1), Some).and_then(|at| groups.get_mut(at)) else { return Ok(()) };
        for (sum, at) in sums.iter_mut().zip(self.by.len()..) {
            if let Value::Int(hash) = row.field(at)? {
                sum.see(hash);
            }
        }
        Ok(())
    }
}

fn is_same(row: &dyn Fields, at: usize, value: &Value<'static>) -> bool {
    match value {
        Value::Text(text) => row.raw(at).is_ok_and(|raw| raw == text.as_bytes()),
        Value::Int(int) => row.int(at).is_ok_and(|here| here == *int),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::verify::tests::guarded;

    const MARKS: Adding = Adding {
        by: &["grp", "event_day"],
        hashes: &["uuid_hash_extended(event_id, $1)", "CASE WHEN grp = 'payctl.analytics' THEN hashint8extended(7, $1) END"],
        from: "inbox",
    };

    #[tokio::test]
    async fn groups_are_added_up_each_by_itself_and_anew_with_every_seed() {
        let (fixture, _) = guarded().await;
        let groups = async |seed: i64| {
            let read = fixture.reader.store.read::<_, StoreError, _>(async move |tx: &mut Tx| {
                let rows = tx.query("SELECT grp, event_day, count(*) FROM inbox GROUP BY grp, event_day", &[]).await?;
                let counts = rows.iter().map(|row| Ok((vec![row.get(0)?, row.get(1)?], row.get(2)?)));
                Ok((counts.collect::<Result<BTreeMap<Vec<String>, i64>, StoreError>>()?, MARKS.up(tx, seed).await?))
            });
            read.await.unwrap()
        };
        let ((counts, sums), (_, others)) = (groups(1).await, groups(2).await);
        assert!(!sums.is_empty());
        assert_eq!(sums.iter().map(|(by, sums)| (by.clone(), sums[0].count)).collect::<BTreeMap<_, _>>(), counts);
        assert_eq!(groups(1).await.1, sums);
        for (by, sums) in &sums {
            assert_ne!(others[by][0].hashes, sums[0].hashes);
            assert_eq!(sums[1].count, if by[0] == "payctl.analytics" { sums[0].count } else { 0 });
            assert_eq!(sums[1].hashes % i128::from(sums[1].count.max(1)), 0);
        }
    }
}
