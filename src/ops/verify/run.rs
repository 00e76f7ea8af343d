use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, OpsError, Reader, dead_letter};
use crate::store::{StoreError, Tx};

use super::reading::{Progress, Proof, Reading};
use super::report::DATABASE;
use super::{Checked, Invariant, Verdict, Verification, settings};

/// Those that take longest come first, so that no connection begins one when the others are done.
const LONGEST: [&str; 6] = ["I13", "I8", "I10", "I22", "I32", "I5"];

/// A reading of everything is worth it where at least so many of the invariants within its reach are asked for.
const MANY: usize = 4;

/// Why a run over the invariants ended early.
enum Interruption {
    /// The reading of everything failed: each invariant is asked by itself, which also tells which of them cannot be.
    Reading,
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
    /// Where everything is read at once: those that may follow from it, until it is done.
    reading: Option<Reading>,
    held: Mutex<Vec<(usize, &'static Invariant)>>,
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
    let many = invariants.iter().filter(|invariant| Proof::reaches(invariant.id)).count() >= MANY;
    // The past is asked of each invariant by itself.
    let mut reads = many && as_of.is_none();
    loop {
        let round = Arc::new(Round::new(invariants, unknown.clone(), as_of, &reader.ambient, reads));
        let started = reader.ambient.now();
        let shares = reader.store.read_together(async move |tx: &mut Tx| round.take_part(tx).await).await;
        match shares {
            Ok(shares) => {
                let elapsed_ms = millis_between(started, reader.ambient.now());
                return Ok(joined(shares, invariants.len(), elapsed_ms, as_of)?);
            }
            Err(Interruption::Check(id, error)) => drop(unknown.insert(id, error)),
            Err(Interruption::Reading) => reads = false,
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
        reads: bool,
    ) -> Self {
        let is_held =
            |(_, invariant): &(usize, &'static Invariant)| reads && Proof::reaches(invariant.id) && !unknown.contains_key(invariant.id);
        let (held, mut rest): (Vec<_>, Vec<_>) = invariants.iter().copied().enumerate().partition(is_held);
        let length = |invariant: &Invariant| LONGEST.iter().position(|id| *id == invariant.id).unwrap_or(LONGEST.len());
        rest.sort_by_key(|(_, invariant)| length(invariant));
        Self {
            unknown,
            as_of,
            ambient: ambient.clone(),
            rest: Mutex::new(rest.into()),
            reading: reads.then(|| Reading::new(ambient.random_u64(), ambient.now())),
            held: Mutex::new(held),
            told: AtomicBool::new(false),
            counted: Mutex::default(),
        }
    }

    /// Checks one after the other until nothing is left; who comes first also tells what is parked.
    async fn take_part(&self, tx: &mut Tx) -> Result<Share, Interruption> {
        settings::make_room(tx).await?;
        let is_first = !self.told.swap(true, Ordering::Relaxed);
        let parked = if is_first { dead_letter::open(tx).await? } else { Vec::new() };
        let mut share = Share { at: tx.now(), checks: Vec::new(), parked };
        self.read(tx, &mut share).await?;
        loop {
            let Some((place, invariant)) = lock(&self.rest).pop_front() else { return Ok(share) };
            let checked = self.checked(tx, invariant).await;
            // What is asked anew in the next round need not be asked to its end in this one.
            share.checks.push((place, checked.inspect_err(|_| lock(&self.rest).clear())?));
        }
    }

    /// Takes part in the reading. Whoever is done with its last part writes down what follows from it, and leaves the others to be checked.
    async fn read(&self, tx: &mut Tx, share: &mut Share) -> Result<(), Interruption> {
        let Some(reading) = &self.reading else { return Ok(()) };
        loop {
            match reading.go_on(tx).await {
                Ok(Progress::Idle) => return Ok(()),
                Ok(Progress::Going) => {}
                Ok(Progress::Done(proof)) => {
                    lock(&self.counted).extend(proof.counts.iter().copied());
                    let held = std::mem::take(&mut *lock(&self.held));
                    for (place, invariant) in held {
                        if proof.holds(invariant.id) {
                            share.checks.push((place, self.seen_to_hold(tx, invariant, reading).await?));
                        } else {
                            lock(&self.rest).push_front((place, invariant));
                        }
                    }
                    return Ok(());
                }
                Err(error) => {
                    reading.give_up();
                    lock(&self.rest).clear();
                    return Err(if error.is_infrastructure() { Interruption::Store(error) } else { Interruption::Reading });
                }
            }
        }
    }

    async fn seen_to_hold(&self, tx: &mut Tx, invariant: &Invariant, reading: &Reading) -> Result<Checked, Interruption> {
        let mut checked = blank(invariant);
        checked.checked = Some(self.count(tx, invariant).await?);
        checked.verdict = Verdict::Holds;
        checked.violations = Some(0);
        checked.elapsed_ms = millis_between(reading.started, self.ambient.now());
        Ok(checked)
    }

    async fn count(&self, tx: &mut Tx, invariant: &Invariant) -> Result<i64, StoreError> {
        let counted = lock(&self.counted).get(invariant.count).copied();
        let count = match counted {
            Some(count) => count,
            None => invariant.count(tx).await?,
        };
        lock(&self.counted).insert(invariant.count, count);
        Ok(count)
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
            checked.checked = Some(self.count(tx, invariant).await?);
        }
        settings::set_lookups(tx, invariant.is_looked_up()).await?;
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
