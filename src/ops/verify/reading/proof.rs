use super::effects::{Books, Mails};
use super::events::Events;
use super::marks::Marks;
use super::payments::{Orders, Payments};
use super::rest::Rest;

/// Every invariant that a reading may see to hold.
pub(super) const WITHIN_REACH: [&str; 12] = ["I1", "I5", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I18", "I22", "I32"];

/// Everything that was read.
pub(super) struct Whole {
    pub(super) events: Events,
    pub(super) marks: Marks,
    pub(super) payments: Payments,
    pub(super) orders: Orders,
    pub(super) books: Books,
    pub(super) mails: Mails,
    pub(super) rest: Rest,
}

/// What a reading has come to.
#[derive(Debug, Default)]
pub(in crate::ops::verify) struct Proof {
    holds: Vec<&'static str>,
    /// What was counted on the way, by the query that would count it.
    pub(in crate::ops::verify) counts: Vec<(&'static str, i64)>,
}

impl Proof {
    /// Whether a reading can see this invariant to hold.
    pub(in crate::ops::verify) fn reaches(id: &str) -> bool {
        WITHIN_REACH.contains(&id)
    }

    /// Whether it was seen to hold.
    pub(in crate::ops::verify) fn holds(&self, id: &str) -> bool {
        self.holds.contains(&id)
    }
}

impl Whole {
    /// What follows from what. Everything rests on the lives of aggregates: where an event is missing, or there twice, a sum over
    /// events means nothing.
    pub(super) fn proof(mut self) -> Proof {
        let counts = self.counts();
        let is_intact = !self.events.is_forged && self.rest.altered == 0;
        let mut holds = if is_intact { vec!["I10"] } else { Vec::new() };
        if !self.events.histories.are_sound() {
            return Proof { holds, counts };
        }
        let (events, histories) = (&self.events, &self.events.histories);
        let are_folds = self.payments.are_folds(histories);
        let is_published = self.marks.are_published(events);
        let is_booked = are_folds && self.books.are_complete(events, &self.marks);
        let is_told = are_folds && self.mails.are_complete(events);
        let is_counted = are_folds
            && (self.rest.counters.are_none() || self.marks.has_analytics_come_everywhere(&events.places))
            && self.rest.counters.are_right(&self.payments.counted(histories), self.marks.uncounted());
        let is_complete = is_published && self.marks.are_complete(&events.places);
        let seen = [
            ("I5", true),
            ("I11", true),
            ("I1", are_folds && self.rest.orphans == 0),
            ("I7", are_folds),
            ("I8", are_folds && self.orders.are_folds(histories)),
            ("I9", is_published),
            ("I12", is_booked && is_told && is_complete && is_counted),
            ("I13", is_complete),
            ("I18", is_published && self.marks.are_once(&events.places)),
            ("I22", is_booked),
            ("I32", is_told),
        ];
        holds.extend(seen.into_iter().filter(|(_, holds)| *holds).map(|(id, _)| id));
        Proof { holds, counts }
    }

    fn counts(&self) -> Vec<(&'static str, i64)> {
        vec![
            ("SELECT count(*) FROM events", self.events.count),
            ("SELECT count(*) FROM payments", i64::try_from(self.payments.count()).unwrap_or(i64::MAX)),
            ("SELECT count(*) FROM inbox", self.marks.count()),
            ("SELECT count(*) FROM transactions", self.books.count()),
            ("SELECT count(*) FROM notifications", self.mails.count()),
        ]
    }
}
