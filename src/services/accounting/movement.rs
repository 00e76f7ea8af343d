use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::Currency;
use crate::services::HandleError;

use super::booking::{Booking, NamedAccount};

/// One account in one currency: a row of `accounts`.
pub(super) type AccountKey = (Arc<NamedAccount>, Currency);

/// What a batch moves on one account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Movement {
    pub(super) debits: i64,
    pub(super) credits: i64,
    /// The last booking of the batch that touched the account, by its place.
    pub(super) last: usize,
}

/// What a batch moves, in the order of account names: every batch locks rows in the same order.
pub(super) type Movements = BTreeMap<AccountKey, Movement>;

/// An account's row after the batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posted {
    pub(super) debits: i64,
    pub(super) credits: i64,
    pub(super) version: i64,
}

/// Adds up what `bookings` move on each account.
pub(super) fn movements(bookings: &[Booking<'_>]) -> Result<Movements, HandleError> {
    let mut moved = Movements::new();
    for (place, booking) in bookings.iter().enumerate() {
        for leg in &booking.legs {
            for (account, debit, credit) in [(&leg.debit, leg.amount, 0), (&leg.credit, 0, leg.amount)] {
                let movement = moved.entry((Arc::clone(account), booking.currency)).or_default();
                movement.debits = movement.debits.checked_add(debit).ok_or_else(|| overflow(&account.name))?;
                movement.credits = movement.credits.checked_add(credit).ok_or_else(|| overflow(&account.name))?;
                movement.last = place;
            }
        }
    }
    Ok(moved)
}

/// The sums of an account have no more room; the booking waits for a person rather than wrapping round.
pub(super) fn overflow(account: &str) -> HandleError {
    HandleError::poison("BALANCE_OVERFLOW", format!("the sums of {account} would leave 64 bits"))
}
