use std::collections::BTreeMap;

use crate::config::Ambient;
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader, dead_letter};
use crate::store::{StoreError, Tx};

use super::{Checked, Invariant, Verdict, Verification};

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
pub async fn verify(reader: &Reader, invariants: &[&'static Invariant]) -> Result<Verification, OpsError> {
    let mut unknown: BTreeMap<&'static str, StoreError> = BTreeMap::new();
    loop {
        let (wanted, set_aside, ambient) = (invariants.to_vec(), unknown.clone(), reader.ambient.clone());
        let run = reader.store.read(async move |tx| run(tx, &wanted, &set_aside, &ambient).await).await;
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
    ambient: &Ambient,
) -> Result<Verification, Interruption> {
    let started = ambient.now();
    let mut checks = Vec::new();
    for invariant in invariants {
        let before = ambient.now();
        let mut checked = blank(invariant);
        if let Some(error) = unknown.get(invariant.id) {
            checked.reason = Some(error.to_string());
        } else {
            check(tx, invariant, &mut checked).await.map_err(|error| {
                // A database that does not answer says nothing about any invariant.
                if error.is_infrastructure() { Interruption::Store(error) } else { Interruption::Check(invariant.id, error) }
            })?;
        }
        checked.elapsed_ms = millis_between(before, ambient.now());
        checks.push(checked);
    }
    let parked = dead_letter::open(tx).await?;
    let elapsed_ms = millis_between(started, ambient.now());
    Ok(Verification { at: tx.now(), elapsed_ms, checks, parked })
}

const fn blank(invariant: &Invariant) -> Checked {
    Checked {
        id: invariant.id,
        invariant: invariant.says,
        verdict: Verdict::Unknown,
        checked: None,
        subjects: invariant.subjects,
        violations: None,
        examples: Vec::new(),
        reason: None,
        elapsed_ms: 0,
    }
}

async fn check(tx: &mut Tx, invariant: &Invariant, checked: &mut Checked) -> Result<(), StoreError> {
    checked.checked = Some(invariant.count(tx).await?);
    let found = invariant.check(tx).await?;
    checked.verdict = if found.count == 0 { Verdict::Holds } else { Verdict::Broken };
    checked.violations = Some(found.count);
    checked.examples = found.examples;
    Ok(())
}
