use std::collections::{HashMap, HashSet};

use crate::services::HandleError;
use crate::store::{Hold, ParkedState, StoreError, Tx};

use super::batch::{Content, Item};

/// The code of an event that is held because an earlier version of its aggregate has not come.
pub(super) const WAITING: &str = "WAITING_FOR_VERSION";

/// What is to be done with a slice, decided inside the transaction from what the database says now.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Places among the batch's events, in order.
    pub(super) apply: Vec<usize>,
    /// Items to park, with the state and the reason.
    pub(super) park: Vec<(&'a Item, ParkedState, &'static str, String)>,
    /// Versions to mark, where the group is ordered.
    pub(super) versions: HashMap<&'a str, i64>,
    /// Aggregates that the group has marked before.
    pub(super) seen: HashSet<String>,
    /// Keys under which something waited for a version that is now here.
    pub(super) release: HashSet<&'a str>,
    /// Copies of what was done before, and types that nobody here knows.
    pub(super) skipped: i64,
}

/// Decides for a group in which later events of an aggregate wait behind a parked one.
pub(super) async fn ordered<'a>(tx: &mut Tx, group: &str, items: &'a [Item]) -> Result<Plan<'a>, StoreError> {
    let aggregates: HashSet<&str> = items.iter().filter_map(|item| item.aggregate_id.as_deref()).collect();
    let keys: HashSet<&str> = items.iter().filter_map(|item| item.hold_key.as_deref()).collect();
    let mut applied = tx.applied_versions(group, &aggregates).await?;
    let mut held = tx.held_keys(group, &keys).await?;
    let mut plan = Plan { seen: applied.keys().cloned().collect(), ..Plan::default() };
    for item in items {
        let (Some(aggregate), Some(version)) = (item.aggregate_id.as_deref(), item.version) else {
            plan.park_undecodable(item);
            continue;
        };
        let done = applied.get(aggregate).copied().unwrap_or(0);
        let key = item.hold_key.as_deref().unwrap_or(aggregate);
        if version <= done {
            plan.skipped += 1;
        } else if held.get(key) == Some(&Hold::Failed) {
            plan.park.push((item, ParkedState::Blocked, "BLOCKED", format!("waits behind a parked event of {key}")));
        } else if version > done + 1 {
            held.insert(key.to_owned(), Hold::Waiting);
            plan.park.push((item, ParkedState::Blocked, WAITING, format!("version {} has not come yet", done + 1)));
        } else if matches!(item.content, Content::Undecodable(_)) {
            held.insert(key.to_owned(), Hold::Failed);
            plan.park_undecodable(item);
        } else {
            if held.contains_key(key) {
                plan.release.insert(item.hold_key.as_deref().unwrap_or(aggregate));
            }
            applied.insert(aggregate.to_owned(), version);
            plan.versions.insert(aggregate, version);
            plan.take(item);
        }
    }
    Ok(plan)
}

/// Decides for a group in which every event stands for itself; the marks are made here.
pub(super) async fn unordered<'a>(tx: &mut Tx, group: &str, items: &'a [Item]) -> Result<Plan<'a>, StoreError> {
    let readable = |item: &&Item| !matches!(item.content, Content::Undecodable(_));
    let marks: Vec<_> = items.iter().filter(readable).filter_map(|item| Some((item.day.clone(), item.event_id?))).collect();
    let mut fresh = tx.mark_inbox(group, &marks).await?;
    let mut plan = Plan::default();
    for item in items {
        match (&item.content, item.event_id) {
            (Content::Undecodable(_), _) | (_, None) => plan.park_undecodable(item),
            (_, Some(id)) if fresh.remove(&id) => plan.take(item),
            _ => plan.skipped += 1,
        }
    }
    Ok(plan)
}

impl<'a> Plan<'a> {
    fn take(&mut self, item: &Item) {
        match item.content {
            Content::Event(place) => self.apply.push(place),
            Content::UnknownType | Content::Undecodable(_) => self.skipped += 1,
        }
    }

    /// Why a record here can be read by nobody, if there is one: as much poison as what a handler refuses.
    pub(super) fn unreadable(&self) -> Option<HandleError> {
        let (_, _, code, message) = self.park.iter().find(|(_, state, ..)| *state == ParkedState::Failed)?;
        Some(HandleError::poison(code, message.clone()))
    }

    fn park_undecodable(&mut self, item: &'a Item) {
        let (code, message) = match &item.content {
            Content::Undecodable(error) => (error.code(), error.to_string()),
            Content::Event(_) | Content::UnknownType => ("UNDECODABLE_ENVELOPE", "event without id or version".to_owned()),
        };
        self.park.push((item, ParkedState::Failed, code, message));
    }
}
