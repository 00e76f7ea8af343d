use serde::Serialize;
use serde_json::Value as Json;

use crate::domain::Timestamp;
use crate::ops::topics::Masked;
use crate::ops::{OpsError, Reader};
use crate::services::Service;
use crate::store::{StoreError, Tx, Verdict};

use super::family::{Told, told};
use super::preflight::{self, Standing};
use super::replay_report::Tally;
use super::{CauseList, Entry, LetterId, LetterQuery, LetterState, Selector, causes, entry};

/// How many held events are named.
const HELD_NAMED: i64 = 10;
/// How many letters of a cause are looked at one by one.
const LOOKED_AT: i64 = 1000;
/// How much of a value that cannot be read is shown, in bytes.
const PREVIEW_BYTES: usize = 16;

/// One dead letter, and what a replay of it would do.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// When it was read.
    pub at: Timestamp,
    /// The cause, where that was asked for.
    pub cause: Option<CauseList>,
    /// What a replay of the cause would find, where that was asked for.
    pub verdicts: Vec<Tally>,
    /// The letter that was asked for, or the oldest of the cause.
    pub letter: Entry,
    /// The command that shows its record in the log.
    pub tail: String,
    /// The command that shows the payment's story.
    pub trace: Option<String>,
    /// The family of error headers that it came with, and what they say.
    pub told: Option<Told>,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its value, with addresses masked and free text left out; none where it cannot be read.
    pub value: Option<Masked>,
    /// The first bytes of a value that cannot be read, in hex.
    pub preview: Option<String>,
    /// What today's code finds.
    pub preflight: Preflight,
    /// What was done with it, oldest first.
    pub history: Vec<Deed>,
}

/// What a replay would do, by today's code and rows.
#[derive(Debug, Clone, Serialize)]
pub struct Preflight {
    /// What a replay would come to.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
    /// Whether this version can read it.
    pub decodes: bool,
    /// What the service keeps of it already.
    pub effect: Option<String>,
    /// The highest version of its aggregate that the group is done with; none where the group keeps no order.
    pub applied_version: Option<i64>,
    /// Later events of the same aggregate.
    pub newer_events: i64,
    /// The group that sees a replay; no other does.
    pub reaches: String,
    /// How often it was replayed.
    pub replayed: i64,
    /// How many events wait behind it.
    pub held_behind: i64,
    /// The first of them.
    pub held: Vec<LetterId>,
}

/// Something that was done with a dead letter.
#[derive(Debug, Clone, Serialize)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// What: parked, failed, replayed, discarded, restored, imported, resolved.
    pub what: String,
    /// By whom, why, by which plan.
    pub detail: String,
}

/// One dead letter, or a cause with the oldest of its letters.
pub async fn show(reader: &Reader, selector: &Selector) -> Result<Shown, OpsError> {
    let state = if matches!(selector, Selector::Cause(_)) { LetterState::Open } else { LetterState::All };
    let query = LetterQuery { selectors: vec![selector.clone()], state, ..LetterQuery::default() };
    let cause = match selector {
        Selector::Cause(_) => Some(causes(reader, &query).await?),
        Selector::Letter(_) => None,
    };
    let (wanted, wants_all) = (query, cause.is_some());
    let reading = async move |tx: &mut Tx| {
        let found = entry::select(tx, &wanted, LOOKED_AT).await?;
        let oldest = if wants_all { found.first() } else { found.last() };
        let Some(letter) = oldest else { return Ok::<_, StoreError>(None) };
        let standings = preflight::standings(tx, &found.iter().collect::<Vec<_>>()).await?;
        let Some(standing) = standings.get(&letter.number) else { return Ok(None) };
        let mut shown = one(tx, letter, standing).await?;
        if wants_all {
            shown.verdicts = verdicts(&found, &standings);
        }
        Ok(Some(shown))
    };
    let shown = reader.store.read(reading).await?;
    let shown = shown.ok_or_else(|| OpsError::NotFound { what: "dead letter", id: selector.to_string() })?;
    Ok(Shown { cause, ..shown })
}

fn verdicts(found: &[Entry], standings: &std::collections::HashMap<i64, Standing>) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = Vec::new();
    for entry in found {
        let Some((verdict, _)) = standings.get(&entry.number).map(|standing| standing.verdict(entry, false)) else { continue };
        match tallies.iter_mut().find(|tally| tally.name == verdict.as_str()) {
            Some(tally) => tally.count += 1,
            None => tallies.push(Tally { name: verdict.as_str(), count: 1, money: Vec::new() }),
        }
    }
    tallies
}

async fn one(tx: &mut Tx, letter: &Entry, standing: &Standing) -> Result<Shown, StoreError> {
    let row = tx.query_one("SELECT headers, value FROM dlq WHERE id = $1", &[letter.number.into()]).await?;
    let (headers, value): (String, Vec<u8>) =
        row.map(|row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?))).transpose()?.unwrap_or_default();
    let fields: serde_json::Map<String, Json> = serde_json::from_str(&headers).unwrap_or_default();
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let headers: Vec<(String, String)> = fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let raw: Vec<(String, Vec<u8>)> = headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    let is_readable = standing.event.is_ok();
    let preview = hex::encode(value.get(..PREVIEW_BYTES.min(value.len())).unwrap_or_default());
    Ok(Shown {
        at: tx.now(),
        cause: None,
        verdicts: Vec::new(),
        tail: tail(letter),
        trace: letter.payment_no.as_ref().map(|payment| format!("payctl trace {payment}")),
        told: told(&raw),
        headers,
        value: standing.event.as_ref().ok().map(|event| Masked::of(event.payload.clone())),
        preview: (!is_readable).then_some(preview),
        preflight: preflight_of(tx, letter, standing).await?,
        history: history(tx, letter).await?,
        letter: letter.clone(),
    })
}

fn tail(letter: &Entry) -> String {
    let payment = letter.payment_no.as_ref().map(|payment| format!(" --payment {payment}")).unwrap_or_default();
    format!("payctl topics tail {} --partition {}{payment}", letter.id.topic, letter.id.partition)
}

async fn preflight_of(tx: &mut Tx, letter: &Entry, standing: &Standing) -> Result<Preflight, StoreError> {
    let held = entry::held_behind(tx, letter, HELD_NAMED).await?;
    let sql = "SELECT count(*) FROM dlq WHERE grp = $1 AND hold_key = $2 AND state = 'blocked' AND id <> $3";
    let count = tx.query_one(sql, &[(&letter.group).into(), letter.hold_key.as_deref().into(), letter.number.into()]).await?;
    let newer = "SELECT count(*) FROM events WHERE aggregate_id = $1 AND aggregate_version > $2";
    let newer = tx.query_one(newer, &[letter.aggregate_id.as_deref().into(), letter.version.into()]).await?;
    let number = |row: Option<crate::store::Row>| row.map(|row| row.get::<i64>(0)).transpose().map(Option::unwrap_or_default);
    let (verdict, why) = standing.verdict(letter, true);
    Ok(Preflight {
        verdict,
        why,
        decodes: standing.event.is_ok(),
        effect: standing.effect.clone(),
        applied_version: Service::is_ordered_group(&letter.group).then_some(standing.applied),
        newer_events: number(newer)?,
        reaches: letter.id.group.clone(),
        replayed: standing.replayed,
        held_behind: number(count)?,
        held: held.into_iter().map(|entry| entry.id).filter(|id| *id != letter.id).collect(),
    })
}

async fn history(tx: &mut Tx, letter: &Entry) -> Result<Vec<Deed>, StoreError> {
    let mut deeds = vec![Deed { at: letter.first_failed_at, what: "parked".to_owned(), detail: format!("by {}", letter.id.group) }];
    let sql = "SELECT at, action, actor, reason, plan_id FROM dlq_history WHERE dlq_id = $1 ORDER BY id";
    for row in tx.query(sql, &[letter.number.into()]).await? {
        let plan = row.get::<Option<String>>(4)?.map(|plan| format!(" by plan {plan}")).unwrap_or_default();
        let detail = format!("{}{plan}: {}", row.get::<String>(2)?, row.get::<String>(3)?);
        deeds.push(Deed { at: row.get(0)?, what: row.get(1)?, detail });
    }
    if letter.last_failed_at > letter.first_failed_at {
        let what = if letter.state == "resolved" { "resolved" } else { "failed" };
        let detail = format!("{} attempts until now", letter.attempts);
        deeds.push(Deed { at: letter.last_failed_at, what: what.to_owned(), detail });
    }
    deeds.sort_by_key(|deed| deed.at);
    Ok(deeds)
}
