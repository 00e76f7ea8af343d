use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::event::Record;

use super::SHARDS;

/// What is kept at most; the oldest goes first, and whatever is not here is read back.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What a record takes beside its texts, roughly.
const EACH_BYTES: usize = 200;

const _: () = assert!(SHARDS <= 64);

/// Records that this process has committed to the outbox and relays itself: it need not read back what it has just written.
///
/// It only spares the reading. What waits, and in which order, the table says.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// A bit for each shard that this process relays.
    relayed: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By the number of the row.
    records: BTreeMap<i64, Record>,
    bytes: usize,
}

impl Fresh {
    /// Says which shards this process relays from now on.
    pub(crate) fn relay(&self, shards: impl Iterator<Item = u16>) {
        let bits = shards.filter(|shard| *shard < SHARDS).fold(0, |bits, shard| bits | 1 << shard);
        self.relayed.store(bits, Ordering::Relaxed);
        if bits == 0 {
            *self.kept() = Kept::default();
        }
    }

    /// The shards whose records are worth keeping, a bit each.
    pub(super) fn relayed(&self) -> u64 {
        self.relayed.load(Ordering::Relaxed)
    }

    /// Keeps records that are committed.
    pub(super) fn put(&self, records: impl IntoIterator<Item = Record>) {
        let mut kept = self.kept();
        for record in records {
            kept.bytes += bytes_of(&record);
            kept.records.insert(record.offset, record);
        }
        while kept.bytes > MOST_BYTES
            && let Some((_, oldest)) = kept.records.pop_first()
        {
            kept.bytes -= bytes_of(&oldest);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept().records.is_empty()
    }

    /// Takes the records of these rows out, and says whose are not here.
    pub(super) fn take(&self, rows: &[i64]) -> (Vec<Record>, Vec<i64>) {
        let mut kept = self.kept();
        let (mut found, mut missing) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            match kept.records.remove(row) {
                Some(record) => {
                    kept.bytes -= bytes_of(&record);
                    found.push(record);
                }
                None => missing.push(*row),
            }
        }
        (found, missing)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes_of(record: &Record) -> usize {
    EACH_BYTES + record.key.len() + record.headers.len() + record.value.len()
}

#[cfg(test)]
mod tests {
    use crate::event::{Topic, TopicPartition};

    use super::*;

    fn record(offset: i64, bytes: usize) -> Record {
        Record {
            at: TopicPartition { topic: Topic::PaymentEvents, partition: 1 },
            offset,
            key: "key".to_owned(),
            headers: "{}".to_owned(),
            value: vec![7; bytes],
            is_tombstone: false,
            created_at: String::new(),
        }
    }

    fn offsets(records: &[Record]) -> Vec<i64> {
        records.iter().map(|record| record.offset).collect()
    }

    #[test]
    fn what_is_taken_is_there_once() {
        let fresh = Fresh::default();
        fresh.put([record(1, 10), record(3, 10)]);
        let (found, missing) = fresh.take(&[1, 2, 3]);
        assert_eq!((offsets(&found), missing), (vec![1, 3], vec![2]));
        assert!(fresh.is_empty());
        assert_eq!(fresh.take(&[1]).1, [1]);
        assert_eq!(fresh.kept().bytes, 0);
    }

    #[test]
    fn what_nobody_takes_goes_oldest_first() {
        let fresh = Fresh::default();
        fresh.put((0..40).map(|offset| record(offset, 1_000_000)));
        let (found, missing) = fresh.take(&(0..40).collect::<Vec<_>>());
        assert!(!found.is_empty() && found.len() < 40);
        assert_eq!(offsets(&found), (40 - i64::try_from(found.len()).unwrap()..40).collect::<Vec<_>>());
        assert_eq!(found.len() + missing.len(), 40);
    }

    #[test]
    fn a_process_that_relays_nothing_keeps_nothing() {
        let fresh = Fresh::default();
        assert_eq!(fresh.relayed(), 0);
        fresh.relay([0, 3, 2000].into_iter());
        assert_eq!(fresh.relayed(), 0b1001);
        fresh.put([record(1, 1)]);
        fresh.relay(std::iter::empty());
        assert!(fresh.is_empty());
    }
}
