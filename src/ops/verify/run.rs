use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, OpsError, Reader, dead_letter};
use crate::store::{StoreError, Tx};

use super::report::DATABASE;
use super::{Checked, Invariant, Verdict, Verification};

/// The checks join whole tables: with the server's own settings each join would go to disk in pieces, and one process would do it
/// all, since the server expects nearly every row to be a violation that has to be handed on. For this transaction only.
const ROOM: &str = "SELECT set_config('work_mem', '128MB', true), set_config('random_page_cost', '1.1', true), \
     set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '4', true), \
     set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)";
/// Who joins whole tables is lost where the server takes one of them for small and looks up the other row by row; and only hash
/// joins are shared out among processes.
const JOINS: &str = "SELECT set_config('enable_nestloop', $1, true), set_config('enable_mergejoin', $1, true)";
/// On the embedded engine reading everything is reading its file: what is mapped is not copied, what was looked up is looked up again.
const MAPPED: [&str; 2] = ["PRAGMA mmap_size = 2147418112", "PRAGMA cache_size = -131072"];
/// Those that take longest come first, so that no connection begins one when the others are done.
const LONGEST: [&str; 6] = ["I13", "I8", "I10", "I22", "I32", "I5"];

/// Why a run over the invariants ended early.
enum Interruption {
    /// This check itself failed; nothing more can be asked of its snapshot.
    Check(&'static str, StoreError),
    /// The database does not answer.
    Store(StoreError),
}

impl From<StoreError> for Interruption {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What several connections, on one snapshot, share out among themselves.
struct Round {
    unknown: BTreeMap<&'static str, StoreError>,
    as_of: Option<Timestamp>,
    ambient: Ambient,
    /// What nobody has begun yet, by its place in the report.
    rest: Mutex<VecDeque<(usize, &'static Invariant)>>,
    /// Whether what is parked has been told.
    told: AtomicBool,
    /// What several checks count is counted once.
    counted: Mutex<BTreeMap<&'static str, i64>>,
}

/// What one connection has found.
struct Share {
    at: Timestamp,
    checks: Vec<(usize, Checked)>,
    parked: Vec<DeadLetter>,
}

/// Checks these invariants, all on one snapshot. One that cannot be checked ends a snapshot, so it is set aside as unknown and
/// the others are checked on the next one.
///
/// With `as_of` they are asked as of that moment, and those that go by what has changed since are set aside as inapplicable.
pub async fn verify(reader: &Reader, invariants: &[&'static Invariant], as_of: Option<Timestamp>) -> Result<Verification, OpsError> {
    let mut unknown: BTreeMap<&'static str, StoreError> = BTreeMap::new();
    loop {
        let round = Arc::new(Round::new(invariants, unknown.clone(), as_of, &reader.ambient));
        let started = reader.ambient.now();
        let shares = reader.store.read_together(async move |tx: &mut Tx| round.take_part(tx).await).await;
        match shares {
            Ok(shares) => {
                let elapsed_ms = millis_between(started, reader.ambient.now());
                return Ok(joined(shares, invariants.len(), elapsed_ms, as_of)?);
            }
            Err(Interruption::Check(id, error)) => drop(unknown.insert(id, error)),
            Err(Interruption::Store(error)) => return Err(error.into()),
        }
    }
}

fn joined(shares: Vec<Share>, wanted: usize, elapsed_ms: i64, as_of: Option<Timestamp>) -> Result<Verification, StoreError> {
    let lost = || StoreError::Unavailable("the connection to the database was lost".to_owned());
    let at = shares.first().map(|share| share.at).ok_or_else(lost)?;
    let (mut checks, mut parked) = (Vec::new(), Vec::new());
    for share in shares {
        checks.extend(share.checks);
        parked.extend(share.parked);
    }
    // A connection that was lost is made anew, and what it had taken on is not done.
    if checks.len() < wanted {
        return Err(lost());
    }
    checks.sort_by_key(|(place, _)| *place);
    let checks = checks.into_iter().map(|(_, check)| check).collect();
    Ok(Verification { at, as_of, elapsed_ms, checks, topics: Vec::new(), left_out: Vec::new(), parked })
}

impl Round {
    fn new(
        invariants: &[&'static Invariant],
        unknown: BTreeMap<&'static str, StoreError>,
        as_of: Option<Timestamp>,
        ambient: &Ambient,
    ) -> Self {
        let mut rest: Vec<_> = invariants.iter().copied().enumerate().collect();
        let length = |invariant: &Invariant| LONGEST.iter().position(|id| *id == invariant.id).unwrap_or(LONGEST.len());
        rest.sort_by_key(|(_, invariant)| length(invariant));
        Self {
            unknown,
            as_of,
            ambient: ambient.clone(),
            rest: Mutex::new(rest.into()),
            told: AtomicBool::new(false),
            counted: Mutex::default(),
        }
    }

    /// Checks one after the other until nothing is left; who comes first also tells what is parked.
    async fn take_part(&self, tx: &mut Tx) -> Result<Share, Interruption> {
        let settings: &[&str] = if tx.has_outbox() { &[ROOM] } else { &MAPPED };
        for setting in settings {
            tx.query(setting, &[]).await?;
        }
        let is_first = !self.told.swap(true, Ordering::Relaxed);
        let parked = if is_first { dead_letter::open(tx).await? } else { Vec::new() };
        let mut share = Share { at: tx.now(), checks: Vec::new(), parked };
        loop {
            let Some((place, invariant)) = lock(&self.rest).pop_front() else { return Ok(share) };
            let checked = self.checked(tx, invariant).await;
            // What is asked anew in the next round need not be asked to its end in this one.
            share.checks.push((place, checked.inspect_err(|_| lock(&self.rest).clear())?));
        }
    }

    async fn checked(&self, tx: &mut Tx, invariant: &Invariant) -> Result<Checked, Interruption> {
        let before = self.ambient.now();
        let mut checked = blank(invariant);
        if let Some(error) = self.unknown.get(invariant.id) {
            checked.reason = Some(error.to_string());
        } else if self.as_of.is_some() && !invariant.looks_back() {
            checked.verdict = Verdict::Inapplicable;
            checked.reason = Some("it goes by rows as they are now".to_owned());
        } else {
            self.check(tx, invariant, &mut checked).await.map_err(|error| {
                // A database that does not answer says nothing about any invariant.
                if error.is_infrastructure() { Interruption::Store(error) } else { Interruption::Check(invariant.id, error) }
            })?;
        }
        checked.elapsed_ms = millis_between(before, self.ambient.now());
        Ok(checked)
    }

    async fn check(&self, tx: &mut Tx, invariant: &Invariant, checked: &mut Checked) -> Result<(), StoreError> {
        if self.as_of.is_none() {
            let counted = lock(&self.counted).get(invariant.count).copied();
            let count = match counted {
                Some(count) => count,
                None => invariant.count(tx).await?,
            };
            lock(&self.counted).insert(invariant.count, count);
            checked.checked = Some(count);
        }
        if tx.has_outbox() {
            let looks_up = if invariant.is_looked_up() { "on" } else { "off" };
            tx.query(JOINS, &[looks_up.into()]).await?;
        }
        let found = invariant.check(tx, self.as_of).await?;
        checked.verdict = if found.count == 0 { Verdict::Holds } else { Verdict::Broken };
        checked.violations = Some(found.count);
        checked.examples = found.examples;
        Ok(())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn blank(invariant: &Invariant) -> Checked {
    Checked {
        id: invariant.id,
        invariant: invariant.says,
        source: DATABASE,
        verdict: Verdict::Unknown,
        checked: None,
        subjects: invariant.subjects,
        violations: None,
        examples: Vec::new(),
        reason: None,
        elapsed_ms: 0,
    }
}
