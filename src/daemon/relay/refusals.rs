use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::event::Record;
use crate::store::{Refusal, ShardLease};

/// Refused rows of one process at most. More are no fault of the records, and the relay stops as in an outage.
const MOST: usize = 100;
/// A refused row is tried again after so long at first, since somebody may have raised the limit of its topic …
const AGAIN_FIRST: Duration = Duration::from_secs(15);
/// … and after so long in the end: each try drops what else is under way.
const AGAIN_LAST: Duration = Duration::from_mins(10);

/// What the brokers refuse for its own sake, of the shards that are held. The rows of the outbox say the same.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<BTreeMap<i64, Known>>);

#[derive(Debug, Clone)]
struct Known {
    refusal: Refusal,
    failures: u32,
    again_at: Instant,
}

impl Refusals {
    /// Takes over what the rows say of the shards that are held now; what is new here is tried again at once.
    pub(super) fn learn(&self, found: Vec<Refusal>, held: &[ShardLease]) {
        let mut known = self.known();
        let mut before = std::mem::take(&mut *known);
        for refusal in found.into_iter().filter(|refusal| held.iter().any(|lease| lease.shard == refusal.shard)) {
            let (failures, again_at) = before.remove(&refusal.seq).map_or((0, Instant::now()), |known| (known.failures, known.again_at));
            known.insert(refusal.seq, Known { refusal, failures, again_at });
        }
    }

    /// Notes a refusal; `true` where it is new here.
    pub(super) fn add(&self, refusal: Refusal) -> bool {
        let mut known = self.known();
        if let Some(before) = known.get_mut(&refusal.seq) {
            before.refusal = refusal;
            return false;
        }
        known.insert(refusal.seq, Known { refusal, failures: 0, again_at: Instant::now() + AGAIN_FIRST });
        true
    }

    /// Whether there are so many that this row may not become one more.
    pub(super) fn is_full(&self, seq: i64) -> bool {
        let known = self.known();
        known.len() >= MOST && !known.contains_key(&seq)
    }

    pub(super) fn forget(&self, seq: i64) {
        self.known().remove(&seq);
    }

    pub(super) fn count(&self) -> usize {
        self.known().len()
    }

    /// The rows of these shards that are to be tried again now; whatever becomes of them, they then rest for longer than before.
    pub(super) fn take_due(&self, lane: &[ShardLease]) -> Vec<Refusal> {
        let now = Instant::now();
        let mut due = Vec::new();
        for known in self.known().values_mut() {
            if known.again_at <= now && lane.iter().any(|lease| lease.shard == known.refusal.shard) {
                known.again_at = now + AGAIN_FIRST.saturating_mul(1 << known.failures.min(16)).min(AGAIN_LAST);
                known.failures = known.failures.saturating_add(1);
                due.push(known.refusal.clone());
            }
        }
        due
    }

    /// Whether a row of this shard is to be tried again now.
    pub(super) fn is_due(&self, shard: u16) -> bool {
        let now = Instant::now();
        self.known().values().any(|known| known.refusal.shard == shard && known.again_at <= now)
    }

    /// Those that must wait behind a refused row of their aggregate, and the others, each in their order.
    pub(super) fn split(&self, records: Vec<Record>) -> (Vec<Record>, Vec<Record>) {
        let known = self.known();
        if known.is_empty() {
            return (Vec::new(), records);
        }
        let waits = |record: &Record| {
            let of = aggregate_of(record);
            of.is_some() && known.values().any(|known| known.refusal.aggregate_id == of && known.refusal.seq < record.offset)
        };
        records.into_iter().partition(waits)
    }

    /// What people should know: how many there are, and the first of them.
    pub(super) fn told(&self) -> Option<String> {
        let known = self.known();
        let first = &known.values().next()?.refusal;
        let event = first.event_id.map_or_else(|| format!("row {}", first.seq), |id| format!("event {id}"));
        let others = known.len() - 1;
        let more = if others > 0 { format!(", and {others} more") } else { String::new() };
        Some(format!("the brokers refuse {event} of {}: {}{more}; its aggregate waits behind it", first.topic, first.reason))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<i64, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose order a record must keep; copies of dead letters stand for themselves.
pub(super) fn aggregate_of(record: &Record) -> Option<String> {
    if record.at.topic.is_dead_letter() {
        return None;
    }
    let headers: serde_json::Value = serde_json::from_str(&record.headers).ok()?;
    headers.get("aggregate_id")?.as_str().map(str::to_owned)
}
