use std::collections::{BTreeMap, HashMap};

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

/// Groups as they are met. Rows of one group lie together where groups are few, and where they do not, groups may be many.
#[derive(Default)]
struct Seen {
    rows: Vec<(Vec<Value<'static>>, Vec<Sum>)>,
    /// The number of each row, by what is the same in its group.
    numbers: HashMap<Vec<u8>, usize>,
    last: usize,
    /// The group that was looked for last.
    key: Vec<u8>,
}

impl Seen {
    /// The number of the group that begins with the first `by` columns of the row, if any row of it was seen.
    fn find(&mut self, row: &dyn Fields, by: usize) -> Result<Option<usize>, StoreError> {
        let is_last = |(last, _): &(Vec<Value<'static>>, _)| last.iter().enumerate().all(|(at, value)| is_same(row, at, value));
        if self.rows.get(self.last).is_some_and(is_last) {
            return Ok(Some(self.last));
        }
        self.key.clear();
        for at in 0..by {
            match row.field(at)? {
                Value::Int(int) => self.key.extend(int.to_le_bytes()),
                Value::Text(text) => {
                    self.key.extend(text.len().to_le_bytes());
                    self.key.extend(text.as_bytes());
                }
                _ => return Err(StoreError::Column(at)),
            }
        }
        let known = self.numbers.get(&self.key).copied();
        self.last = known.unwrap_or(self.last);
        Ok(known)
    }

    /// Begins the group that was looked for last.
    fn add(&mut self, by: Vec<Value<'static>>, sums: Vec<Sum>) -> usize {
        self.last = self.rows.len();
        self.numbers.insert(std::mem::take(&mut self.key), self.last);
        self.rows.push((by, sums));
        self.last
    }
}

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
        let mut groups = Seen::default();
        tx.scan(&sql, &[seed.into()], &mut |row| self.see(row, &mut groups)).await?;
        let text = |value: Value<'static>| match value {
            Value::Int(int) => int.to_string(),
            Value::Text(text) => text.into_owned(),
            other => format!("{other:?}"),
        };
        Ok(groups.rows.into_iter().map(|(by, sums)| (by.into_iter().map(text).collect(), sums)).collect())
    }

    fn see(&self, row: &dyn Fields, groups: &mut Seen) -> Result<(), StoreError> {
        let at = if let Some(at) = groups.find(row, self.by.len())? {
            at
        } else {
            let by = (0..self.by.len()).map(|at| row.field(at).map(Value::into_owned));
            groups.add(by.collect::<Result<_, _>>()?, vec![Sum::default(); self.hashes.len()])
        };
        let Some((_, sums)) = groups.rows.get_mut(at) else { return Ok(()) };
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
