use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::format_timestamp;
use crate::event::{Decoded, Event, decode};
use crate::services::Service;
use crate::store::{Set, StoreError, Tx, Type, Value, record_from};

/// Events that are in memory at a time.
const BATCH: i64 = 1000;

const MARKED: Set = Set {
    sql: "SELECT i.event_id FROM {rows} AS r JOIN inbox AS i ON i.grp = r.grp AND i.event_day = r.event_day AND i.event_id = r.event_id",
    columns: &[("grp", Type::Text), ("event_day", Type::Text), ("event_id", Type::Uuid)],
};

/// What a group has marked without having applied it, or took back.
const SET_ASIDE: Set = Set {
    sql: "SELECT d.event_id FROM {rows} AS r JOIN dlq AS d ON d.grp = r.grp AND d.event_id = r.event_id WHERE d.state <> 'resolved'",
    columns: &[("grp", Type::Text), ("event_id", Type::Uuid)],
};

/// The next events of the store in the order of their numbers, behind `after`, and the last number among them.
pub(super) async fn next(tx: &mut Tx, after: i64) -> Result<Option<(i64, Vec<Event>)>, StoreError> {
    let sql = "SELECT seq, topic, partition, key, headers, value, created_at FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows = tx.query(sql, &[after.into(), BATCH.into()]).await?;
    let Some(last) = rows.last().map(|row| row.get::<i64>(0)).transpose()? else { return Ok(None) };
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        // What cannot be read no group has applied, and the payments' and orders' own comparisons name it.
        if let Ok(Decoded::Event(event)) = decode(&record_from(row)?) {
            events.push(*event);
        }
    }
    Ok(Some((last, events)))
}

/// Those of these events that a service has applied: it reads them, has marked them, and has not put them aside.
pub(super) async fn applied<'a>(tx: &mut Tx, service: Service, events: &'a [Event]) -> Result<Vec<&'a Event>, StoreError> {
    let Some(group) = service.group() else { return Ok(Vec::new()) };
    let read: Vec<&Event> = events.iter().filter(|event| service.topics().contains(&event.at.topic)).collect();
    if read.is_empty() {
        return Ok(read);
    }
    let done: HashSet<Uuid> = if service.is_ordered() {
        let aggregates: HashSet<&str> = read.iter().map(|event| event.aggregate_id.as_str()).collect();
        let versions: HashMap<String, i64> = tx.applied_versions(&group, &aggregates).await?;
        let is_done = |event: &&&Event| versions.get(&event.aggregate_id).is_some_and(|done| *done >= event.metadata.aggregate_version);
        read.iter().filter(is_done).map(|event| event.event_id).collect()
    } else {
        let mark = |event: &&Event| -> Vec<Value<'_>> {
            let day: String = format_timestamp(event.timestamp).chars().take(10).collect();
            vec![(&group).into(), day.into(), event.event_id.into()]
        };
        let rows: Vec<Vec<Value<'_>>> = read.iter().map(mark).collect();
        tx.query_set(&MARKED, &rows).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?
    };
    let rows: Vec<Vec<Value<'_>>> = read.iter().map(|event| vec![(&group).into(), event.event_id.into()]).collect();
    let aside: HashSet<Uuid> = tx.query_set(&SET_ASIDE, &rows).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(read.into_iter().filter(|event| done.contains(&event.event_id) && !aside.contains(&event.event_id)).collect())
}
