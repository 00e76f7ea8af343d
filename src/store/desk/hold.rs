use std::collections::BTreeSet;

use crate::event::{Topic, TopicPartition, partition_of};
use crate::store::{Set, StoreError, Tx, Type, Value};

use super::Imported;

/// Where dead letters lie, and what is held under the same keys: deciding about the ones moves the others.
const PLACES: Set = Set {
    sql: "SELECT d.grp, d.topic, d.partition FROM {rows} AS r JOIN dlq AS d ON d.id = r.id \
          UNION SELECT h.grp, h.topic, h.partition FROM {rows} AS r JOIN dlq AS d ON d.id = r.id \
          JOIN dlq AS h ON h.grp = d.grp AND h.hold_key = d.hold_key AND h.state IN ('failed', 'blocked', 'replaying')",
    columns: &[("id", Type::Int)],
};

/// A group in one partition; ordered, so that whoever holds several never waits for one who waits for him.
type Place = (String, TopicPartition);

impl Tx {
    /// Lets every consumer wait at its next offset until the transaction ends. It comes before everything else in it, so that
    /// what is read later is what they have left: a group that never rests would else change its place between our reading it
    /// and our holding it, each time anew.
    pub(super) async fn stop_consumers(&mut self) -> Result<(), StoreError> {
        if self.engine.server().is_some() {
            self.execute("LOCK TABLE consumer_offsets IN SHARE ROW EXCLUSIVE MODE", &[]).await?;
        }
        Ok(())
    }

    /// Holds the groups of these dead letters still in every partition that is touched: who had begun to read there before begins
    /// again, and sees what was decided here.
    pub(super) async fn hold_letters(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| vec![(*id).into()]).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let found = self.query_set(&PLACES, &rows).await?;
        let places =
            found.iter().map(|row| Ok((row.get(0)?, crate::store::events::partition_from(row, 1)?))).collect::<Result<_, StoreError>>()?;
        self.hold_places(&places).await
    }

    /// Holds the groups of letters from elsewhere still: where they were read, and where their keys lie here.
    pub(super) async fn hold_imported(&mut self, letters: &[Imported]) -> Result<(), StoreError> {
        let mut places = BTreeSet::new();
        for letter in letters {
            let Some(topic) = Topic::parse(&letter.topic) else { continue };
            for partition in [letter.partition, partition_of(letter.key.as_bytes(), topic.partitions())] {
                places.insert((letter.group.clone(), TopicPartition { topic, partition }));
            }
        }
        self.hold_places(&places).await
    }

    async fn hold_places(&mut self, places: &BTreeSet<Place>) -> Result<(), StoreError> {
        for (group, at) in places {
            self.hold_partition(group, *at).await?;
        }
        Ok(())
    }
}
