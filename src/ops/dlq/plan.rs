use std::collections::BTreeSet;

use crate::ops::{OpsError, Reader, short_group};
use crate::store::{DeskOrder, NewPlan, PlannedEntry, StoreError, Tx};

use super::replay_report::{self, ReplayReport};
use super::{Desk, LetterQuery, LetterState, entries, judge, preflight};

/// Letters of one plan at most.
pub(super) const LARGEST_PLAN: i64 = 10_000;

/// How a plan is to be executed.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// How many are sent first and must be verified before any other is sent; 0 for none.
    pub canary: i64,
    /// How many are sent a second at most.
    pub rate: i64,
    /// How many are sent at all, at most 10 000.
    pub max: i64,
    /// Failures among those sent, in percent, from which on nothing more is sent.
    pub stop_on_fail: i64,
    /// Who makes it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Looks at what is meant by today's code, and keeps what it finds as a plan; nothing is sent.
///
/// `None` where nothing of what is meant is open any more.
pub async fn plan(reader: &Reader, desk: &Desk, query: &LetterQuery, options: &PlanOptions) -> Result<Option<ReplayReport>, OpsError> {
    if !query.is_narrow() {
        return Err(OpsError::Usage("say which dead letters: a cause (c-…), an id (dlq:…), --payment or --group".to_owned()));
    }
    let (wanted, max) = (query.clone(), options.max.clamp(1, LARGEST_PLAN));
    let reading = async move |tx: &mut Tx| {
        let found = judge::candidates(tx, &wanted, max + 1).await?;
        let standings = preflight::standings(tx, &found.iter().collect::<Vec<_>>()).await?;
        Ok::<_, StoreError>((found, standings))
    };
    let (mut found, standings) = reader.store.read(reading).await?;
    let is_cut = found.len() > usize::try_from(max).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    let groups: BTreeSet<&str> = found.iter().map(|entry| entry.group.as_str()).collect();
    let group = match groups.iter().collect::<Vec<_>>().as_slice() {
        [] => return if was_there(reader, query).await? { Ok(None) } else { Err(unknown(query)) },
        [group] => (**group).to_owned(),
        several => {
            let names: Vec<&str> = several.iter().map(|group| short_group(group)).collect();
            return Err(OpsError::Usage(format!("a plan is for one group, and these are of {}: add --group", names.join(" and "))));
        }
    };
    let is_named = |entry: &super::Entry| query.selectors.iter().any(|selector| selector.to_string() == entry.id.to_string());
    let planned = found.iter().filter_map(|entry| {
        let (verdict, _) = standings.get(&entry.number)?.verdict(entry, is_named(entry));
        Some(PlannedEntry { id: entry.number, verdict })
    });
    let plan_id = format!("rp-{:06x}", reader.ambient.random_u64() >> 40);
    let new = NewPlan {
        plan_id: plan_id.clone(),
        selector: query.words(),
        group,
        canary: options.canary,
        rate: options.rate.max(1),
        stop_on_fail: options.stop_on_fail,
        actor: options.actor.clone(),
        reason: options.reason.clone(),
        entries: planned.collect(),
    };
    desk.carry_out(&DeskOrder::Plan(new)).await?;
    let mut report = load(reader, &plan_id).await?;
    report.is_cut = is_cut;
    Ok(Some(report))
}

/// Whether there are letters of this kind at all, be they closed.
async fn was_there(reader: &Reader, query: &LetterQuery) -> Result<bool, OpsError> {
    let all = LetterQuery { state: LetterState::All, ..query.clone() };
    Ok(!entries(reader, &all, 1).await?.entries.is_empty())
}

fn unknown(query: &LetterQuery) -> OpsError {
    OpsError::NotFound { what: "dead letter", id: query.words() }
}

/// A plan as it is kept, with what has become of its entries until now.
pub async fn load(reader: &Reader, plan_id: &str) -> Result<ReplayReport, OpsError> {
    let wanted = plan_id.to_owned();
    let found = reader.store.read(async move |tx: &mut Tx| replay_report::read(tx, &wanted).await).await?;
    found.ok_or_else(|| OpsError::NotFound { what: "plan", id: plan_id.to_owned() })
}
