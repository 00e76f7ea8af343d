use crate::services::Service;
use crate::store::{Noted, Outcome, StoreError, Tx, Verdict};

use super::entry;
use super::preflight::{self, Standing};
use super::{Entry, LetterQuery};

/// An entry of a plan, with its dead letter as it is now.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) position: i64,
    pub(super) verdict: Verdict,
    pub(super) attempts_before: i64,
    pub(super) entry: Entry,
}

/// What has become of these, as far as it is known: the group is past them and the effect is there, or they came back.
pub(super) async fn judged(tx: &mut Tx, sent: &[Sent]) -> Result<Vec<Noted>, StoreError> {
    let resolved: Vec<&Entry> = sent.iter().map(|one| &one.entry).filter(|entry| entry.state == "resolved").collect();
    let standings = preflight::standings(tx, &resolved).await?;
    Ok(sent.iter().filter_map(|one| outcome(one, standings.get(&one.entry.number))).collect())
}

fn outcome(sent: &Sent, standing: Option<&Standing>) -> Option<Noted> {
    let entry = &sent.entry;
    let (outcome, detail) = match entry.state.as_str() {
        "failed" if entry.attempts > sent.attempts_before => {
            (Outcome::FailedAgain, format!("{}: {}", entry.error_code, entry.error_message))
        }
        "discarded" => (Outcome::Superseded, "it was discarded meanwhile".to_owned()),
        "resolved" => resolved(sent, standing?)?,
        _ => return None,
    };
    Some(Noted { position: sent.position, outcome, detail })
}

fn resolved(sent: &Sent, standing: &Standing) -> Option<(Outcome, String)> {
    let mark = || {
        if Service::is_ordered_group(&sent.entry.group) {
            format!("version {} is applied", sent.entry.version.unwrap_or_default())
        } else {
            format!("{} has marked it as done", sent.entry.id.group)
        }
    };
    match sent.verdict {
        Verdict::Superseded => Some((Outcome::Superseded, "later versions had taken effect".to_owned())),
        Verdict::Applied => Some((Outcome::AlreadyApplied, standing.effect.clone().unwrap_or_else(mark))),
        // What the group calls done without the mark, or the books without the booking, is not confirmed by anything.
        _ if !standing.is_done || (standing.owes_effect && standing.effect.is_none()) => None,
        _ => Some((Outcome::Verified, standing.effect.clone().unwrap_or_else(mark))),
    }
}

/// Those of a plan that were sent and of which nothing was noted.
pub(super) async fn in_flight(tx: &mut Tx, plan_id: &str) -> Result<Vec<Sent>, StoreError> {
    let sql = "SELECT position, dlq_id, verdict, attempts_before FROM replay_entries \
               WHERE plan_id = $1 AND sent_at IS NOT NULL AND outcome IS NULL ORDER BY position";
    let mut rows = Vec::new();
    for row in tx.query(sql, &[plan_id.into()]).await? {
        let verdict = Verdict::parse(&row.get::<String>(2)?).ok_or(StoreError::Column(2))?;
        rows.push((row.get::<i64>(1)?, (row.get::<i64>(0)?, verdict, row.get::<Option<i64>>(3)?.unwrap_or(0))));
    }
    let numbers: Vec<i64> = rows.iter().map(|(number, _)| *number).collect();
    let mut entries = entry::by_number(tx, &numbers).await?;
    let sent = rows.into_iter().filter_map(|(number, (position, verdict, attempts_before))| {
        Some(Sent { position, verdict, attempts_before, entry: entries.remove(&number)? })
    });
    Ok(sent.collect())
}

/// The oldest of what is meant first, as many as may be sent.
pub(super) async fn candidates(tx: &mut Tx, query: &LetterQuery, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let found = entry::select(tx, query, limit).await?;
    Ok(found.into_iter().filter(|entry| entry.state != "replaying").collect())
}
