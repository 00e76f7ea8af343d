use std::collections::BTreeMap;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader, dead_letter};
use crate::store::{StoreError, Tx};

use super::report::DATABASE;
use super::{Checked, Invariant, Verdict, Verification};

/// The checks join whole tables: with the server's own settings each join would go to disk in pieces, and one process would do it
/// all. For this transaction only.
const ROOM: &str = "SELECT set_config('work_mem', '128MB', true), set_config('random_page_cost', '1.1', true), \
     set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '4', true)";
/// Who joins whole tables is lost where the server takes one of them for small and looks up the other row by row.
const JOINS: &str = "SELECT set_config('enable_nestloop', $1, true)";
/// On the embedded engine reading everything is reading its file: what is mapped is not copied, what was looked up is looked up again.
const MAPPED: [&str; 2] = ["PRAGMA mmap_size = 2147418112", "PRAGMA cache_size = -131072"];

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

/// Checks these invariants, all on one snapshot. One that cannot be checked ends a snapshot, so it is set aside as unknown and
/// the others are checked on the next one.
///
/// With `as_of` they are asked as of that moment, and those that go by what has changed since are set aside as inapplicable.
pub async fn verify(reader: &Reader, invariants: &[&'static Invariant], as_of: Option<Timestamp>) -> Result<Verification, OpsError> {
    let mut unknown: BTreeMap<&'static str, StoreError> = BTreeMap::new();
    loop {
        let (wanted, set_aside, ambient) = (invariants.to_vec(), unknown.clone(), reader.ambient.clone());
        let run = reader.store.read(async move |tx| run(tx, &wanted, &set_aside, as_of, &ambient).await).await;
        match run {
            Ok(verification) => return Ok(verification),
            Err(Interruption::Check(id, error)) => drop(unknown.insert(id, error)),
            Err(Interruption::Store(error)) => return Err(error.into()),
        }
    }
}

async fn run(
    tx: &mut Tx,
    invariants: &[&'static Invariant],
    unknown: &BTreeMap<&'static str, StoreError>,
    as_of: Option<Timestamp>,
    ambient: &Ambient,
) -> Result<Verification, Interruption> {
    let started = ambient.now();
    let settings: &[&str] = if tx.has_outbox() { &[ROOM] } else { &MAPPED };
    for setting in settings {
        tx.query(setting, &[]).await?;
    }
    let mut checks = Vec::new();
    let mut counted = BTreeMap::new();
    for invariant in invariants {
        let before = ambient.now();
        let mut checked = blank(invariant);
        if let Some(error) = unknown.get(invariant.id) {
            checked.reason = Some(error.to_string());
        } else if as_of.is_some() && !invariant.looks_back() {
            checked.verdict = Verdict::Inapplicable;
            checked.reason = Some("it goes by rows as they are now".to_owned());
        } else {
            check(tx, invariant, as_of, (&mut counted, &mut checked)).await.map_err(|error| {
                // A database that does not answer says nothing about any invariant.
                if error.is_infrastructure() { Interruption::Store(error) } else { Interruption::Check(invariant.id, error) }
            })?;
        }
        checked.elapsed_ms = millis_between(before, ambient.now());
        checks.push(checked);
    }
    let parked = dead_letter::open(tx).await?;
    let elapsed_ms = millis_between(started, ambient.now());
    Ok(Verification { at: tx.now(), as_of, elapsed_ms, checks, topics: Vec::new(), left_out: Vec::new(), parked })
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

/// Checks one; what several of them count is counted once.
async fn check(
    tx: &mut Tx,
    invariant: &Invariant,
    as_of: Option<Timestamp>,
    (counted, checked): (&mut BTreeMap<&'static str, i64>, &mut Checked),
) -> Result<(), StoreError> {
    if as_of.is_none() {
        let count = match counted.get(invariant.count) {
            Some(count) => *count,
            None => invariant.count(tx).await?,
        };
        counted.insert(invariant.count, count);
        checked.checked = Some(count);
    }
    if tx.has_outbox() {
        let nested = if invariant.is_looked_up() { "on" } else { "off" };
        tx.query(JOINS, &[nested.into()]).await?;
    }
    let found = invariant.check(tx, as_of).await?;
    checked.verdict = if found.count == 0 { Verdict::Holds } else { Verdict::Broken };
    checked.violations = Some(found.count);
    checked.examples = found.examples;
    Ok(())
}
