use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

use tokio::sync::Notify;

use crate::event::{Record, TopicPartition};
use crate::log::{Delivery, LogError};

/// Records of one partition that wait for the loop: at so many the partition is paused …
const PAUSE_AT: usize = 2048;
/// … and at so few it goes on.
const RESUME_AT: usize = 512;

/// What the consumer's thread and the group's loop tell each other. Everything in it is bounded by the number of
/// partitions, and of several orders for a partition the last one counts, so neither side ever waits for room.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    /// Wakes the loop.
    bell: Notify,
    /// Woken when the loop wants something.
    thread: OnceLock<Thread>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// To be told to the loop: these are its own now.
    assigned: BTreeSet<TopicPartition>,
    /// To be told to the loop before that: these are not any more.
    revoked: BTreeSet<TopicPartition>,
    failure: Option<LogError>,
    slots: BTreeMap<TopicPartition, Slot>,
    /// The partition that was served last: the others come first.
    last: Option<TopicPartition>,
    pub(super) orders: Orders,
    ended: bool,
}

/// What the loop wants of the thread.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Read on from there.
    pub(super) seeks: BTreeMap<TopicPartition, i64>,
    /// The loop decided not to read these.
    pub(super) holds: BTreeSet<TopicPartition>,
    /// Buffers that have room again.
    pub(super) resumes: BTreeSet<TopicPartition>,
    /// Partitions that the loop has let go of.
    pub(super) released: BTreeSet<TopicPartition>,
    /// Where the group stands, for Kafka's own books.
    pub(super) commits: BTreeMap<TopicPartition, i64>,
    pub(super) stop: bool,
}

/// A partition that is ours.
#[derive(Debug, Default)]
struct Slot {
    records: VecDeque<Record>,
    /// The lowest offset that the loop still wants; `None` until it has sought, or while it holds the partition.
    wanted: Option<i64>,
    /// The gap that has been asked for a second time.
    doubted: Option<i64>,
    is_paused: bool,
    /// Whether the loop has heard that it is its own.
    is_known: bool,
}

impl Mailbox {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the consumer's thread.
    pub(super) fn nudge(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Called once by the thread itself, before anything else.
    pub(super) fn settle_in(&self) {
        // It is set only here, by the one thread.
        let _ = self.thread.set(std::thread::current());
    }

    /// Does something to the state that the loop must hear of.
    pub(super) fn tell<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let told = change(&mut self.lock());
        self.bell.notify_one();
        told
    }

    /// Does something to the state that the thread must hear of.
    pub(super) fn order<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let told = change(&mut self.lock());
        self.nudge();
        told
    }

    /// What went wrong since the loop last asked.
    pub(super) fn take_failure(&self) -> Option<LogError> {
        self.lock().failure.take()
    }

    /// What the loop should do next, if there is anything.
    pub(super) fn take(&self, limit: usize) -> Option<Delivery> {
        let mut state = self.lock();
        let taken = state.take(limit);
        if !state.orders.resumes.is_empty() {
            drop(state);
            self.nudge();
        }
        taken
    }

    /// Resolves when the thread has told something since the last time.
    pub(super) async fn heard(&self) {
        self.bell.notified().await;
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }
}

impl State {
    fn take(&mut self, limit: usize) -> Option<Delivery> {
        if !self.revoked.is_empty() {
            return Some(Delivery::Revoked(std::mem::take(&mut self.revoked).into_iter().collect()));
        }
        if !self.assigned.is_empty() {
            let told: Vec<TopicPartition> = std::mem::take(&mut self.assigned).into_iter().collect();
            for at in &told {
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.is_known = true;
                }
            }
            return Some(Delivery::Assigned(told));
        }
        let at = self.filled()?;
        self.last = Some(at);
        let slot = self.slots.get_mut(&at)?;
        let count = slot.records.len().min(limit);
        let records: Vec<Record> = slot.records.drain(..count).collect();
        if slot.is_paused && slot.records.len() <= RESUME_AT {
            slot.is_paused = false;
            self.orders.resumes.insert(at);
        }
        Some(Delivery::Records(at, records))
    }

    /// A partition with records, taking turns.
    fn filled(&self) -> Option<TopicPartition> {
        let waiting = |(at, slot): (&TopicPartition, &Slot)| (!slot.records.is_empty()).then_some(*at);
        let after = self.last.and_then(|last| self.slots.range((Bound::Excluded(last), Bound::Unbounded)).find_map(waiting));
        after.or_else(|| self.slots.iter().find_map(waiting))
    }

    /// Whether the partition is the loop's to work on.
    pub(super) fn owns(&self, at: TopicPartition) -> bool {
        self.slots.contains_key(&at) && !self.revoked.contains(&at)
    }

    pub(super) fn seek(&mut self, at: TopicPartition, offset: i64) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        slot.records.clear();
        slot.wanted = Some(offset);
        slot.doubted = None;
        self.orders.holds.remove(&at);
        self.orders.seeks.insert(at, offset);
    }

    /// The group stands there, for Kafka's own books; of a partition that others may have by now they tell.
    pub(super) fn mirror(&mut self, at: TopicPartition, next_offset: i64) {
        if self.slots.contains_key(&at) {
            self.orders.commits.insert(at, next_offset);
        }
    }

    pub(super) fn hold(&mut self, at: TopicPartition) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        slot.records.clear();
        slot.wanted = None;
        self.orders.seeks.remove(&at);
        self.orders.holds.insert(at);
    }

    /// These are ours now; the loop is told, and says from where to read.
    pub(super) fn assign(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.slots.insert(*at, Slot::default());
            self.assigned.insert(*at);
        }
    }

    /// The loop is asked once more from where to read all that is ours.
    pub(super) fn ask_again(&mut self) {
        let all: Vec<TopicPartition> = self.slots.keys().copied().filter(|at| !self.revoked.contains(at)).collect();
        for at in all {
            self.hold(at);
            self.assigned.insert(at);
        }
    }

    /// Nothing of these is handed out any more; the loop is told unless it never knew of them.
    pub(super) fn revoke(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.hold(*at);
            self.assigned.remove(at);
            if self.slots.get(at).is_some_and(|slot| slot.is_known) {
                self.orders.released.remove(at);
                self.revoked.insert(*at);
            } else {
                self.orders.released.insert(*at);
            }
        }
    }

    /// The partitions are given up.
    pub(super) fn forget(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.slots.remove(at);
            self.orders.forget(*at);
        }
    }

    /// The consumer is gone with all that was its own.
    pub(super) fn lose_all(&mut self, error: LogError) {
        let all: Vec<TopicPartition> = self.slots.keys().copied().collect();
        self.revoke(&all);
        self.forget(&all);
        self.failure = Some(error);
    }

    pub(super) fn fail(&mut self, error: LogError) {
        self.failure = Some(error);
    }

    /// Says that the thread has ended.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Buffers records in the order in which they came; those of partitions that are now full must be paused.
    pub(super) fn buffer(&mut self, records: impl Iterator<Item = Record>) -> Vec<TopicPartition> {
        let mut full = Vec::new();
        for record in records {
            let at = record.at;
            let Some(slot) = self.slots.get_mut(&at) else { continue };
            // While a seek is under way, what still comes is from before it; and nothing is handed out twice.
            let Some(wanted) = slot.wanted.filter(|wanted| *wanted <= record.offset) else { continue };
            if self.orders.seeks.contains_key(&at) {
                continue;
            }
            // Nobody here leaves gaps in a log, but a client that looks up an end while it is told to seek goes to that end.
            // What is not between is lost for good once this record is applied, so it is asked for once more.
            if record.offset > wanted && slot.doubted != Some(wanted) {
                slot.doubted = Some(wanted);
                self.orders.seeks.insert(at, wanted);
                continue;
            }
            slot.wanted = Some(wanted.max(record.offset.saturating_add(1)));
            slot.records.push_back(record);
            if slot.records.len() >= PAUSE_AT && !slot.is_paused {
                slot.is_paused = true;
                self.orders.resumes.remove(&at);
                full.push(at);
            }
        }
        full
    }

    /// A paused partition that is sought goes on by that.
    pub(super) fn unpause(&mut self, at: TopicPartition) -> bool {
        self.orders.resumes.remove(&at);
        self.slots.get_mut(&at).is_some_and(|slot| std::mem::take(&mut slot.is_paused))
    }
}

impl Orders {
    fn forget(&mut self, at: TopicPartition) {
        self.seeks.remove(&at);
        self.holds.remove(&at);
        self.resumes.remove(&at);
        self.released.remove(&at);
        self.commits.remove(&at);
    }

    /// Whether the loop has said what to do with the partition.
    pub(super) fn decided(&self, at: TopicPartition) -> bool {
        self.seeks.contains_key(&at) || self.holds.contains(&at)
    }
}
