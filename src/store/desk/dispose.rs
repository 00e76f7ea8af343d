use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::domain::{Timestamp, format_timestamp, parse_timestamp};
use crate::event::{RecordHeaders, Topic};
use crate::store::{Row, Set, StoreError, Tx, Type, Value};

use super::deed::{Deed, Surroundings, named};
use super::{DeskAnswer, LeftAlone};

const WANTED: Set = Set {
    sql: "SELECT d.id, d.grp, d.state, d.aggregate_id, d.version, d.hold_key, d.event_id, d.headers, d.disposed_at, a.version \
          FROM {rows} AS r JOIN dlq AS d ON d.id = r.id LEFT JOIN applied_version AS a ON a.grp = d.grp AND a.aggregate_id = d.aggregate_id",
    columns: &[("id", Type::Int)],
};

const DISCARD: Set = Set {
    sql: "UPDATE dlq SET state = 'discarded', reason = r.reason, disposed_by = r.actor, disposed_at = r.at FROM {rows} AS r WHERE dlq.id = r.id",
    columns: &[("id", Type::Int), ("reason", Type::Text), ("actor", Type::Text), ("at", Type::Time)],
};

const MARK: Set = Set {
    sql: "INSERT INTO applied_version (grp, aggregate_id, version) SELECT grp, aggregate_id, version FROM {rows} WHERE true \
          ON CONFLICT (aggregate_id, grp) DO UPDATE SET version = excluded.version WHERE applied_version.version < excluded.version",
    columns: &[("grp", Type::Text), ("aggregate_id", Type::Text), ("version", Type::Int)],
};

const RESTORE: Set = Set {
    sql: "UPDATE dlq SET state = 'failed', reason = NULL, disposed_by = NULL, disposed_at = NULL \
          WHERE id IN (SELECT r.id FROM {rows} AS r)",
    columns: &[("id", Type::Int)],
};

/// A mark that the discard did not make must not be taken back with it.
const HAS_ITS_EFFECT: &str = "its effect is there already, and a replay closes it without another";

/// A dead letter about which somebody decides.
struct Letter {
    id: i64,
    group: String,
    state: String,
    aggregate: Option<(String, i64)>,
    hold_key: Option<String>,
    mark: Option<(String, Uuid)>,
    disposed_at: Option<Timestamp>,
    /// The highest version of its aggregate that the group is done with.
    applied: i64,
}

impl Letter {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let aggregate = row.get::<Option<String>>(3)?.zip(row.get::<Option<i64>>(4)?);
        let headers: Option<RecordHeaders> = serde_json::from_str(&row.get::<String>(7)?).ok();
        let day = headers.and_then(|headers| parse_timestamp(&headers.timestamp)).map(|at| format_timestamp(at).chars().take(10).collect());
        Ok(Self {
            id: row.get(0)?,
            group: row.get(1)?,
            state: row.get(2)?,
            aggregate,
            hold_key: row.get(5)?,
            mark: day.zip(row.get::<Option<Uuid>>(6)?),
            disposed_at: row.get(8)?,
            applied: row.get::<Option<i64>>(9)?.unwrap_or(0),
        })
    }

    fn refusal(&self, reason: impl Into<String>) -> LeftAlone {
        LeftAlone { id: self.id, reason: reason.into() }
    }

    /// Why it cannot be given up, if it cannot.
    fn undiscardable(&self, is_ordered: bool) -> Option<LeftAlone> {
        if self.state != "failed" {
            return Some(self.refusal(format!("it is {}, and only what has failed can be given up", self.state)));
        }
        let (_, version) = self.aggregate.as_ref().filter(|_| is_ordered)?;
        if *version <= self.applied {
            return Some(self.refusal(HAS_ITS_EFFECT));
        }
        (*version > self.applied + 1).then(|| self.refusal(format!("version {} of its aggregate must come first", self.applied + 1)))
    }

    /// Why the discard stays, if it does.
    fn unrestorable(&self, is_ordered: bool, since: Timestamp) -> Option<LeftAlone> {
        if self.state != "discarded" {
            return Some(self.refusal(format!("it is {}, not discarded", self.state)));
        }
        if self.disposed_at.is_some_and(|at| at < since) {
            return Some(self.refusal("it was discarded longer ago than dead letters are kept"));
        }
        let (_, version) = self.aggregate.as_ref().filter(|_| is_ordered)?;
        (self.applied > *version).then(|| {
            self.refusal(format!("version {} of its aggregate has taken effect without it, and order cannot be turned back", self.applied))
        })
    }
}

/// Where the group is ordered a discarded version counts as done with, so that later ones may follow; elsewhere its id is marked,
/// so that a copy has no effect either.
pub(super) async fn discard(
    tx: &mut Tx,
    ids: &[i64],
    (actor, reason): (&str, &str),
    around: &Surroundings<'_>,
) -> Result<DeskAnswer, StoreError> {
    tx.hold_letters(ids).await?;
    let mut answer = DeskAnswer::default();
    let mut letters = Vec::new();
    for letter in wanted(tx, ids).await? {
        let is_ordered = (around.is_ordered)(&letter.group);
        match letter.undiscardable(is_ordered) {
            Some(refusal) => answer.refused.push(refusal),
            None if !is_ordered && !marked(tx, &letter).await? => answer.refused.push(letter.refusal(HAS_ITS_EFFECT)),
            None => letters.push(letter),
        }
    }
    let (now, actor) = (tx.now(), named(actor).to_owned());
    let row = |letter: &Letter| -> Vec<Value<'_>> { vec![letter.id.into(), reason.into(), (&actor).into(), now.into()] };
    let rows: Vec<_> = letters.iter().map(row).collect();
    if !rows.is_empty() {
        tx.execute_set(&DISCARD, &rows).await?;
    }
    for (group, letters) in by_group(&letters).into_iter().filter(|(group, _)| (around.is_ordered)(group)) {
        let row = |letter: &&Letter| -> Option<Vec<Value<'_>>> {
            let (aggregate, version) = letter.aggregate.as_ref()?;
            Some(vec![group.into(), aggregate.clone().into(), (*version).into()])
        };
        let rows: Vec<_> = letters.iter().filter_map(row).collect();
        if !rows.is_empty() {
            tx.execute_set(&MARK, &rows).await?;
        }
        let keys: HashSet<&str> = letters.iter().filter_map(|letter| letter.hold_key.as_deref()).collect();
        tx.release(group, &keys).await?;
    }
    answer.changed = letters.iter().map(|letter| letter.id).collect();
    let deed = Deed { action: "discarded", actor: &actor, reason, plan_id: None };
    tx.remember(&answer.changed, &deed).await?;
    tx.audit_letters(&answer.changed, &deed, around.ambient).await?;
    Ok(answer)
}

pub(super) async fn restore(
    tx: &mut Tx,
    ids: &[i64],
    (actor, reason): (&str, &str),
    around: &Surroundings<'_>,
) -> Result<DeskAnswer, StoreError> {
    tx.hold_letters(ids).await?;
    let since = tx.now() - TimeDelta::days(Topic::DlqPayment.retention_days().into());
    let mut answer = DeskAnswer::default();
    let mut letters = Vec::new();
    for letter in wanted(tx, ids).await? {
        match letter.unrestorable((around.is_ordered)(&letter.group), since) {
            Some(refusal) => answer.refused.push(refusal),
            None => letters.push(letter),
        }
    }
    for letter in &letters {
        forget(tx, letter, (around.is_ordered)(&letter.group)).await?;
    }
    let rows: Vec<Vec<Value<'_>>> = letters.iter().map(|letter| vec![letter.id.into()]).collect();
    if !rows.is_empty() {
        tx.execute_set(&RESTORE, &rows).await?;
    }
    answer.changed = letters.iter().map(|letter| letter.id).collect();
    let deed = Deed { action: "restored", actor: named(actor), reason, plan_id: None };
    tx.remember(&answer.changed, &deed).await?;
    tx.audit_letters(&answer.changed, &deed, around.ambient).await?;
    Ok(answer)
}

/// Marks the event's id as done with, where it has one; `false` where it was marked before.
async fn marked(tx: &mut Tx, letter: &Letter) -> Result<bool, StoreError> {
    let Some(mark) = letter.mark.clone().filter(|_| letter.state == "failed") else { return Ok(true) };
    Ok(!tx.mark_inbox(&letter.group, &[mark]).await?.is_empty())
}

/// Takes back what the discard marked as done with.
async fn forget(tx: &mut Tx, letter: &Letter, is_ordered: bool) -> Result<(), StoreError> {
    let group = letter.group.as_str();
    match (&letter.aggregate, &letter.mark) {
        (Some((aggregate, version)), _) if is_ordered && letter.applied == *version => {
            let params = [group.into(), aggregate.into(), (*version).into()];
            let sql = if *version == 1 {
                "DELETE FROM applied_version WHERE grp = $1 AND aggregate_id = $2 AND version = $3"
            } else {
                "UPDATE applied_version SET version = version - 1 WHERE grp = $1 AND aggregate_id = $2 AND version = $3"
            };
            tx.execute(sql, &params).await.map(drop)
        }
        (_, Some((day, id))) if !is_ordered => tx.unmark_inbox(group, day, *id).await,
        _ => Ok(()),
    }
}

async fn wanted(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Letter>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| vec![(*id).into()]).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    tx.query_set(&WANTED, &rows).await?.iter().map(Letter::from_row).collect()
}

fn by_group(letters: &[Letter]) -> HashMap<&str, Vec<&Letter>> {
    let mut groups: HashMap<&str, Vec<&Letter>> = HashMap::new();
    for letter in letters {
        groups.entry(&letter.group).or_default().push(letter);
    }
    groups
}
