use serde::Serialize;

use crate::domain::Currency;

/// One currency's money at each place that it must be the same, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Conserved {
    /// Never summed across.
    pub currency: Currency,
    /// Of the payments acknowledged as created.
    pub accepted: i64,
    /// Of their events.
    pub events: i64,
    /// Of the payments acknowledged as paid.
    pub paid: i64,
    /// Of their bookings.
    pub ledger: i64,
}

impl Conserved {
    pub(super) const fn new(currency: Currency) -> Self {
        Self { currency, accepted: 0, events: 0, paid: 0, ledger: 0 }
    }

    /// How far the places differ; 0 where nothing was lost and nothing came from nowhere.
    pub const fn delta(&self) -> i64 {
        self.accepted.abs_diff(self.events).saturating_add(self.paid.abs_diff(self.ledger)).cast_signed()
    }
}
