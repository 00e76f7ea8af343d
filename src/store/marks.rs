use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Set, StoreError, Tx, Type, Value};

const APPLIED: Set = Set {
    sql: "SELECT a.aggregate_id, a.version FROM {rows} AS r JOIN applied_version AS a ON a.aggregate_id = r.aggregate_id AND a.grp = r.grp",
    columns: &[("grp", Type::Text), ("aggregate_id", Type::Text)],
};

const MARK_FIRST: Set = Set {
    sql: "INSERT INTO applied_version (grp, aggregate_id, version) SELECT grp, aggregate_id, version FROM {rows} WHERE true",
    columns: &[("grp", Type::Text), ("aggregate_id", Type::Text), ("version", Type::Int)],
};

const MARK_NEXT: Set = Set {
    sql: "UPDATE applied_version SET version = r.version FROM {rows} AS r WHERE applied_version.grp = r.grp \
          AND applied_version.aggregate_id = r.aggregate_id AND applied_version.version < r.version",
    columns: MARK_FIRST.columns,
};

const INBOX: Set = Set {
    sql: "INSERT INTO inbox (grp, event_day, event_id) SELECT grp, event_day, event_id FROM {rows} AS r WHERE NOT EXISTS \
          (SELECT 1 FROM inbox AS i WHERE i.grp = r.grp AND i.event_day = r.event_day AND i.event_id = r.event_id) RETURNING event_id",
    columns: &[("grp", Type::Text), ("event_day", Type::Text), ("event_id", Type::Uuid)],
};

impl Tx {
    /// The highest version of each aggregate that an ordered group is done with; an aggregate not named was never seen.
    pub(crate) async fn applied_versions(&mut self, group: &str, aggregates: &HashSet<&str>) -> Result<HashMap<String, i64>, StoreError> {
        let rows: Vec<Vec<Value<'_>>> = aggregates.iter().map(|id| vec![group.into(), (*id).into()]).collect();
        self.query_set(&APPLIED, &rows).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Marks versions as done with; one row an aggregate. `seen` are those that [`Tx::applied_versions`] has told of.
    pub(crate) async fn mark_applied(
        &mut self,
        group: &str,
        versions: &HashMap<&str, i64>,
        seen: &HashSet<String>,
    ) -> Result<(), StoreError> {
        let row = |(aggregate, version): (&&'_ str, &i64)| vec![group.into(), (*aggregate).to_owned().into(), (*version).into()];
        let (next, first): (Vec<_>, Vec<_>) = versions.iter().partition(|(aggregate, _)| seen.contains(**aggregate));
        self.execute_set(&MARK_FIRST, &first.into_iter().map(row).collect::<Vec<Vec<Value<'_>>>>()).await?;
        self.execute_set(&MARK_NEXT, &next.into_iter().map(row).collect::<Vec<Vec<Value<'_>>>>()).await?;
        Ok(())
    }

    /// Marks events as done with; the answer holds those that were new.
    ///
    /// `event_day` comes from the event's own time and never from its arrival, so that a copy meets its mark.
    pub(crate) async fn mark_inbox(&mut self, group: &str, events: &[(String, Uuid)]) -> Result<HashSet<Uuid>, StoreError> {
        let mut told = HashSet::new();
        let once = events.iter().filter(|(_, id)| told.insert(*id));
        let rows: Vec<Vec<Value<'_>>> = once.map(|(day, id)| vec![group.into(), day.into(), (*id).into()]).collect();
        self.query_set(&INBOX, &rows).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Takes a mark of this transaction back: the event is parked instead, and its replay must find it new.
    pub(crate) async fn unmark_inbox(&mut self, group: &str, day: &str, id: Uuid) -> Result<(), StoreError> {
        self.execute("DELETE FROM inbox WHERE grp = $1 AND event_day = $2 AND event_id = $3", &[group.into(), day.into(), id.into()])
            .await?;
        Ok(())
    }
}
