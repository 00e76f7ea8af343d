use chrono::NaiveDate;

use crate::domain::{Account, Money};

/// A transaction with its legs, as both formats need it.
pub(super) struct Transaction {
    pub(super) number: String,
    pub(super) source_event_id: String,
    pub(super) description: String,
    pub(super) date: NaiveDate,
    pub(super) legs: Vec<JournalLeg>,
}

/// One transfer: two postings.
pub(super) struct JournalLeg {
    pub(super) debit: Account,
    pub(super) credit: Account,
    pub(super) amount: Money,
}

impl Transaction {
    /// Every posting, debits positive.
    pub(super) fn postings(&self) -> impl Iterator<Item = (&Account, Money)> {
        self.legs.iter().flat_map(|leg| {
            let negative = Money::new(-leg.amount.minor, leg.amount.currency);
            [(&leg.debit, leg.amount), (&leg.credit, negative)]
        })
    }
}
