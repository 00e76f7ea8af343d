use std::collections::BTreeMap;

use futures_util::future::LocalBoxFuture;

use crate::config::Ambient;
use crate::event::Event;
use crate::services::{Consumer, HandleError};
use crate::store::Tx;
use crate::telemetry::{self, BOOKED_MINOR, BOOKED_PAYMENTS};

use super::announce::announcements;
use super::booking::{Booking, Names};
use super::movement::movements;
use super::store;

/// Books what the events of a batch say has moved.
pub(super) struct AccountingConsumer {
    ambient: Ambient,
}

impl AccountingConsumer {
    pub(super) const fn new(ambient: Ambient) -> Self {
        Self { ambient }
    }

    async fn book(&self, tx: &mut Tx, events: &[Event]) -> Result<(), HandleError> {
        let mut names = Names::default();
        let mut bookings = Vec::new();
        for event in events {
            bookings.extend(Booking::of(event, &mut names, &self.ambient)?);
        }
        if bookings.is_empty() {
            return Ok(());
        }
        store::open_transactions(tx, &mut bookings).await?;
        let moved = movements(&bookings)?;
        store::add_transfers(tx, &bookings).await?;
        let posted = store::move_balances(tx, moved).await?;
        let events = announcements(&bookings, &posted, tx.now(), &self.ambient);
        tx.publish(&events).await?;
        count(&bookings);
        Ok(())
    }
}

/// Counted before the commit: the books themselves say what was booked, this says how fast.
fn count(bookings: &[Booking<'_>]) {
    let mut booked: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for booking in bookings {
        let (payments, minor) = booked.entry(booking.currency.as_str()).or_default();
        let gross = booking.legs.iter().map(|leg| leg.amount).max().unwrap_or(0);
        *payments += 1;
        *minor = minor.saturating_add(u64::try_from(gross).unwrap_or(0));
    }
    for (currency, (payments, minor)) in booked {
        telemetry::count(&BOOKED_PAYMENTS, &[("currency", currency)], payments);
        telemetry::count(&BOOKED_MINOR, &[("currency", currency)], minor);
    }
}

impl Consumer for AccountingConsumer {
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>> {
        Box::pin(self.book(tx, events))
    }
}
