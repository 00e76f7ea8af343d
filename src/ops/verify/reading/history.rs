use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use crate::event::{AggregateType, EventKind};

use super::transition::follows;

/// How many aggregates are kept in mind; of more the queries are asked.
const MOST: usize = 16_000_000;

/// The lives of aggregates, told by their events in the order in which they are stored: every one of them must be the next version of
/// its aggregate and follow from the one before it.
#[derive(Debug, Default)]
pub(super) struct Histories {
    lives: HashMap<u64, Life, BuildHasherDefault<Given>>,
    /// Aggregates that have one event and no other.
    singles: Vec<u64>,
    /// Whether anything did not follow.
    is_unsound: bool,
}

/// What is known of one aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    first: (u32, EventKind),
    last: (u32, EventKind),
    /// A hash of what never changes in a payment's life; 0 of others.
    constant: u64,
    /// When the last event says that it was paid.
    paid_at: Option<i64>,
    has_failed: bool,
}

/// One event of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// A hash of the aggregate's id.
    pub(super) aggregate: i64,
    pub(super) version: i64,
    pub(super) kind: EventKind,
    pub(super) constant: u64,
    pub(super) paid_at: Option<i64>,
}

impl Told {
    fn life(&self, version: u32) -> Life {
        let here = (version, self.kind);
        let has_failed = self.kind == EventKind::PaymentFailed;
        Life { first: here, last: here, constant: self.constant, paid_at: self.paid_at, has_failed }
    }
}

impl Life {
    /// The version and type of its last event.
    pub(super) const fn last(&self) -> (u32, EventKind) {
        self.last
    }

    pub(super) const fn constant(&self) -> u64 {
        self.constant
    }

    pub(super) const fn paid_at(&self) -> Option<i64> {
        self.paid_at
    }

    /// Whether it had a payment.failed, be it the last event or not.
    pub(super) const fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Goes on with what comes behind; `false` where that does not follow.
    fn go_on(&mut self, later: Self) -> bool {
        let is_next = later.first.0 == self.last.0.wrapping_add(1) && later.constant == self.constant;
        let is_legal = !has_states(later.first.1) || follows(Some(self.last.1), later.first.1);
        (self.last, self.paid_at) = (later.last, later.paid_at);
        self.has_failed |= later.has_failed;
        is_next && is_legal
    }

    fn is_begun_well(&self) -> bool {
        self.first.0 == 1 && (!has_states(self.first.1) || follows(None, self.first.1))
    }
}

impl Histories {
    /// Takes the next event in.
    pub(super) fn see(&mut self, told: Told) {
        if self.lives.len() + self.singles.len() >= MOST {
            self.is_unsound = true;
        }
        let key = key(told.aggregate, told.kind.aggregate_type());
        let Ok(version) = u32::try_from(told.version) else { return self.doubt() };
        if self.is_unsound {
            return;
        }
        if !has_one_event(told.kind.aggregate_type()) {
            self.go_on(key, told.life(version));
        } else if version == 1 {
            self.singles.push(key);
        } else {
            self.is_unsound = true;
        }
    }

    /// Something was seen that has no place here.
    pub(super) fn doubt(&mut self) {
        self.is_unsound = true;
    }

    fn go_on(&mut self, key: u64, life: Life) {
        match self.lives.entry(key) {
            Entry::Vacant(entry) => drop(entry.insert(life)),
            Entry::Occupied(mut entry) => self.is_unsound |= !entry.get_mut().go_on(life),
        }
    }

    /// Goes on with histories that were told of what is stored behind all of this.
    pub(super) fn join(&mut self, later: Self) {
        self.is_unsound |= later.is_unsound;
        self.singles.extend(later.singles);
        for (key, life) in later.lives {
            self.go_on(key, life);
        }
    }

    /// Whether every aggregate began with its first event, had each of its versions once, in their order, and every step was legal.
    pub(super) fn are_sound(&mut self) -> bool {
        self.singles.sort_unstable();
        !self.is_unsound && self.singles.is_sorted_by(|one, next| one < next) && self.lives.values().all(Life::is_begun_well)
    }

    /// The life of the aggregate with this hash.
    pub(super) fn life(&self, aggregate: i64, kind: AggregateType) -> Option<&Life> {
        self.lives.get(&key(aggregate, kind))
    }

    /// How many aggregates of this type there are.
    pub(super) fn count(&self, kind: AggregateType) -> usize {
        self.lives.values().filter(|life| life.last.1.aggregate_type() == kind).count()
    }
}

/// Those whose steps a state machine allows or not.
const fn has_states(kind: EventKind) -> bool {
    matches!(kind.aggregate_type(), AggregateType::Payment | AggregateType::Refund | AggregateType::Order)
}

/// Those of which there is one for each event, so that eight bytes of each are enough to find a second.
const fn has_one_event(kind: AggregateType) -> bool {
    matches!(kind, AggregateType::Transaction | AggregateType::Notification | AggregateType::Audit)
}

/// An id belongs to its type: two of the same id are two aggregates.
fn key(aggregate: i64, kind: AggregateType) -> u64 {
    aggregate.cast_unsigned() ^ ((kind as u64) << 48)
}

/// Keys that are hashes already.
#[derive(Debug, Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [EventKind; 7] = [
        EventKind::PaymentCreated,
        EventKind::PaymentProcessing,
        EventKind::PaymentFailed,
        EventKind::PaymentSuccess,
        EventKind::OrderCreated,
        EventKind::OrderPaid,
        EventKind::BalanceUpdated,
    ];

    fn told(aggregate: i64, version: i64, kind: EventKind) -> Told {
        Told { aggregate, version, kind, constant: 7, paid_at: None }
    }

    fn sound(told: &[Told], split: usize) -> bool {
        let (early, late) = told.split_at(split);
        let (mut histories, mut later) = (Histories::default(), Histories::default());
        for told in early {
            histories.see(*told);
        }
        for told in late {
            later.see(*told);
        }
        histories.join(later);
        histories.are_sound()
    }

    /// The same, said as simply as it can be: each aggregate's events, as they are stored, are versions 1, 2, 3 … by legal steps.
    fn model(told: &[Told]) -> bool {
        told.iter().enumerate().all(|(at, this)| {
            let is_same = |other: &&Told| other.aggregate == this.aggregate && other.kind.aggregate_type() == this.kind.aggregate_type();
            let before: Vec<_> = told[..at].iter().filter(is_same).collect();
            let last = before.last();
            let is_legal = !has_states(this.kind) || follows(last.map(|last| last.kind), this.kind);
            let is_same_payment = last.is_none_or(|last| last.constant == this.constant);
            this.version == i64::try_from(before.len()).unwrap() + 1 && is_legal && is_same_payment
        })
    }

    /// Lives that are sound, of which some are then disturbed.
    fn lives() -> impl Strategy<Value = (Vec<Told>, usize)> {
        let life = prop::sample::select(vec![&KINDS[..1], &KINDS[..2], &KINDS[..3], &KINDS[..4], &KINDS[4..6], &KINDS[6..]]);
        let lives = prop::collection::vec((1..6_i64, life), 1..6);
        let disturbed = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5), 0..3);
        (lives, disturbed, any::<prop::sample::Index>()).prop_map(|(lives, disturbed, split)| {
            let of = |(aggregate, kinds): &(i64, &[EventKind])| {
                let aggregate = *aggregate;
                kinds.iter().zip(1..).map(move |(kind, version)| told(aggregate, version, *kind)).collect::<Vec<_>>()
            };
            let mut all: Vec<Told> = lives.iter().flat_map(of).collect();
            for (one, other, how) in disturbed {
                let (one, other) = (one.index(all.len()), other.index(all.len()));
                match how {
                    0 => all.swap(one, other),
                    1 => all[one].version += 1,
                    2 => all[one].constant += 1,
                    3 => all[one].kind = all[other].kind,
                    _ => drop(all.remove(one)),
                }
                if all.is_empty() {
                    break;
                }
            }
            let split = split.index(all.len() + 1);
            (all, split)
        })
    }

    proptest! {
        #[test]
        fn lives_are_sound_exactly_where_each_event_follows_the_one_before((told, split) in lives()) {
            prop_assert_eq!(sound(&told, split), model(&told));
        }
    }

    #[test]
    fn of_what_has_one_event_a_second_is_found() {
        let booked = told(1, 1, EventKind::TransactionCreated);
        assert!(sound(&[booked, told(2, 1, EventKind::TransactionCreated), told(1, 1, EventKind::NotificationRequested)], 1));
        assert!(!sound(&[booked, booked], 1));
        assert!(!sound(&[booked, told(1, 2, EventKind::TransactionCreated)], 2));
        assert!(!sound(&[told(1, -1, EventKind::BalanceUpdated)], 0));
    }

    #[test]
    fn a_life_tells_its_end_and_what_befell_it() {
        let mut histories = Histories::default();
        for (kind, version) in [KINDS[0], KINDS[2], KINDS[3]].into_iter().zip(1..) {
            histories.see(Told { paid_at: (version == 3).then_some(5), ..told(1, version, kind) });
        }
        let life = histories.life(1, AggregateType::Payment).unwrap();
        assert_eq!((life.last(), life.paid_at(), life.constant(), life.has_failed()), ((3, EventKind::PaymentSuccess), Some(5), 7, true));
        assert_eq!((histories.count(AggregateType::Payment), histories.count(AggregateType::Order)), (1, 0));
        assert!(histories.life(1, AggregateType::Order).is_none());
    }
}
