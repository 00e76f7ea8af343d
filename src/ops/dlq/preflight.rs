use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::format_timestamp;
use crate::event::{Decoded, Event, Topic, TopicPartition, decode_value};
use crate::services::Service;
use crate::store::{Set, StoreError, Tx, Type, Value, Verdict};

use super::Entry;

/// From so many replays on a letter is only tried when it is named by its id: more of the same cures nothing.
const REPLAYS: i64 = 3;

const ROWS: Set = Set {
    sql: "SELECT d.id, d.value, a.version, (SELECT count(*) FROM dlq_history AS h WHERE h.dlq_id = d.id AND h.action = 'replayed') \
          FROM {rows} AS r JOIN dlq AS d ON d.id = r.id LEFT JOIN applied_version AS a ON a.grp = d.grp AND a.aggregate_id = d.aggregate_id",
    columns: &[("id", Type::Int)],
};

const MARKS: Set = Set {
    sql: "SELECT i.grp, i.event_id FROM {rows} AS r \
          JOIN inbox AS i ON i.grp = r.grp AND i.event_day = r.event_day AND i.event_id = r.event_id",
    columns: &[("grp", Type::Text), ("event_day", Type::Text), ("event_id", Type::Uuid)],
};

/// What today's code and today's rows say of a dead letter.
#[derive(Debug)]
pub(super) struct Standing {
    /// The event, or why it cannot be read.
    pub(super) event: Result<Box<Event>, String>,
    /// The highest version of its aggregate that the group is done with; 0 where it knows none.
    pub(super) applied: i64,
    /// Whether the group remembers this very event as done with.
    pub(super) is_done: bool,
    /// What the service keeps of it, where it keeps anything.
    pub(super) effect: Option<String>,
    /// Whether the service must keep something of it.
    pub(super) owes_effect: bool,
    /// How often it was replayed.
    pub(super) replayed: i64,
}

impl Standing {
    /// What a replay would come to.
    pub(super) fn verdict(&self, entry: &Entry, is_named: bool) -> (Verdict, String) {
        if entry.state == "blocked" {
            return (Verdict::Held, "it waits for an earlier event, which frees it".to_owned());
        }
        if let Err(reason) = &self.event {
            return (Verdict::Undecodable, reason.clone());
        }
        if self.is_done {
            let has_effect = self.effect.is_some() || !self.owes_effect;
            return if has_effect {
                (Verdict::Applied, self.effect.clone().unwrap_or_else(|| "the group has marked it as done".to_owned()))
            } else {
                (Verdict::Superseded, format!("the group went on to version {} without its effect", self.applied))
            };
        }
        if self.replayed >= REPLAYS && !is_named {
            return (Verdict::Capped, format!("it was replayed {} times; name it by its id to try it again", self.replayed));
        }
        (Verdict::Ready, "it reads well and has no effect yet".to_owned())
    }
}

/// How things stand with each of these, by their number.
pub(super) async fn standings(tx: &mut Tx, entries: &[&Entry]) -> Result<HashMap<i64, Standing>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = entries.iter().map(|entry| vec![entry.number.into()]).collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let mut found: HashMap<i64, (Vec<u8>, i64, i64)> = HashMap::new();
    for row in tx.query_set(&ROWS, &rows).await? {
        found.insert(row.get(0)?, (row.get(1)?, row.get::<Option<i64>>(2)?.unwrap_or(0), row.get(3)?));
    }
    let mut standings = HashMap::new();
    for entry in entries {
        let Some((value, applied, replayed)) = found.remove(&entry.number) else { continue };
        let service = Service::of_group(&entry.group);
        let is_ordered = service.is_some_and(Service::is_ordered);
        let standing = Standing {
            event: read(entry, &value),
            applied,
            is_done: is_ordered && entry.version.is_some_and(|version| version <= applied),
            effect: None,
            owes_effect: service.zip(entry.event_type.as_deref()).is_some_and(|(service, kind)| service.owes_effect(kind)),
            replayed,
        };
        standings.insert(entry.number, standing);
    }
    add_marks(tx, entries, &mut standings).await?;
    add_effects(tx, entries, &mut standings).await?;
    Ok(standings)
}

/// The event as this version reads it.
fn read(entry: &Entry, value: &[u8]) -> Result<Box<Event>, String> {
    let at = Topic::parse(&entry.id.topic).zip(u16::try_from(entry.id.partition).ok());
    let (topic, partition) = at.ok_or_else(|| format!("this version knows no topic {}", entry.id.topic))?;
    match decode_value(TopicPartition { topic, partition }, entry.id.offset, value) {
        Ok(Decoded::Event(event)) => Ok(event),
        Ok(Decoded::UnknownType(envelope)) => Err(format!("this version knows no {}", envelope.event_type)),
        Err(error) => Err(error.to_string()),
    }
}

/// What unordered groups remember, each event by its id.
async fn add_marks(tx: &mut Tx, entries: &[&Entry], standings: &mut HashMap<i64, Standing>) -> Result<(), StoreError> {
    let is_unordered = |entry: &&&Entry| !Service::is_ordered_group(&entry.group);
    let mut rows: Vec<Vec<Value<'_>>> = Vec::new();
    for entry in entries.iter().filter(is_unordered) {
        let Some(Ok(event)) = standings.get(&entry.number).map(|standing| &standing.event) else { continue };
        let day: String = format_timestamp(event.timestamp).chars().take(10).collect();
        rows.push(vec![(&entry.group).into(), day.into(), event.event_id.into()]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let marks: Result<HashSet<(String, Uuid)>, StoreError> =
        tx.query_set(&MARKS, &rows).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect();
    let marks = marks?;
    for entry in entries.iter().filter(is_unordered) {
        if let Some(standing) = standings.get_mut(&entry.number) {
            standing.is_done = entry.event_id.is_some_and(|id| marks.contains(&(entry.group.clone(), id)));
        }
    }
    Ok(())
}

async fn add_effects(tx: &mut Tx, entries: &[&Entry], standings: &mut HashMap<i64, Standing>) -> Result<(), StoreError> {
    for service in Service::ALL {
        let own: Vec<&&Entry> = entries.iter().filter(|entry| Service::of_group(&entry.group) == Some(*service)).collect();
        let events: Vec<Uuid> = own.iter().filter_map(|entry| entry.event_id).collect();
        if events.is_empty() {
            continue;
        }
        let mut effects = service.effects(tx, &events).await?;
        for entry in own {
            if let Some(standing) = standings.get_mut(&entry.number) {
                standing.effect = entry.event_id.and_then(|id| effects.remove(&id));
            }
        }
    }
    Ok(())
}
