use std::collections::VecDeque;

use super::subject::Target;

/// The most payments that are remembered; the oldest are forgotten.
const MAX_OPEN: usize = 100_000;
const MAX_KNOWN: usize = 10_000;
const MAX_ANSWERED: usize = 10_000;

/// Acknowledged payments that later requests can be about.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Neither paid nor cancelled yet.
    open: VecDeque<Target>,
    known: VecDeque<Target>,
    answered: VecDeque<Answered>,
}

/// An acknowledged request that can be repeated.
#[derive(Debug, Clone)]
pub(super) enum Answered {
    /// A create, with the hash of what it was answered.
    Create { number: u64, digest: [u8; 32], target: Target },
    /// A webhook.
    Pay { number: u64, target: Target },
}

impl Pool {
    /// A payment was created.
    pub(super) fn created(&mut self, target: Target) {
        push(&mut self.known, target.clone(), MAX_KNOWN);
        push(&mut self.open, target, MAX_OPEN);
    }

    /// A request was answered and may be repeated.
    pub(super) fn answered(&mut self, answered: Answered) {
        push(&mut self.answered, answered, MAX_ANSWERED);
    }

    /// Takes out a payment that can be paid or cancelled; nobody else gets it.
    pub(super) fn take_open(&mut self, draw: u64) -> Option<Target> {
        let index = index(&self.open, draw)?;
        self.open.swap_remove_back(index)
    }

    /// A payment that can be asked for.
    pub(super) fn known(&self, draw: u64) -> Option<Target> {
        self.known.get(index(&self.known, draw)?).cloned()
    }

    /// Takes out a request that can be repeated; [`Pool::answered`] gives it back. Two repetitions of one key at the same time
    /// would be told that the other is in flight, which is right and proves nothing.
    pub(super) fn take_answered(&mut self, draw: u64) -> Option<Answered> {
        let index = index(&self.answered, draw)?;
        self.answered.swap_remove_back(index)
    }
}

fn push<T>(queue: &mut VecDeque<T>, new: T, limit: usize) {
    if queue.len() >= limit {
        queue.pop_front();
    }
    queue.push_back(new);
}

fn index<T>(queue: &VecDeque<T>, draw: u64) -> Option<usize> {
    let length = u64::try_from(queue.len()).ok().filter(|length| *length > 0)?;
    usize::try_from(draw % length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn an_open_payment_is_taken_once_and_stays_known() {
        let mut pool = Pool::default();
        assert!(pool.take_open(3).is_none() && pool.known(3).is_none() && pool.take_answered(3).is_none());
        for number in 0..10 {
            pool.created(Target { payment_no: format!("PY{number}"), amount: 1, currency: Currency::USD });
        }
        let mut taken: Vec<String> = (0..20).filter_map(|draw| pool.take_open(draw * 7)).map(|target| target.payment_no).collect();
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 10);
        assert_eq!(pool.known(12).unwrap().payment_no, "PY2");
    }

    #[test]
    fn the_oldest_are_forgotten_before_the_memory_grows() {
        let mut queue = VecDeque::new();
        (0..10).for_each(|number| push(&mut queue, number, 3));
        assert_eq!(queue, [7, 8, 9]);
    }
}
