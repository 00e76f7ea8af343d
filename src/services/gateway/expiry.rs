use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::config::Ambient;
use crate::domain::{PaymentStatus, Timestamp};
use crate::store::{Class, Store, StoreError, Tx};

use super::backoff;
use super::change::{Change, save};
use super::store;

const BATCH: i64 = 200;

/// Tells the worker of payments that expire before the one it waits for.
pub(super) struct ExpiryBell {
    next_micros: AtomicI64,
    bell: Notify,
}

impl ExpiryBell {
    pub(super) fn new() -> Self {
        Self { next_micros: AtomicI64::new(i64::MAX), bell: Notify::new() }
    }

    /// A payment was made that expires then.
    pub(super) fn hear_of(&self, expires_at: Timestamp) {
        let micros = expires_at.timestamp_micros();
        if micros < self.next_micros.fetch_min(micros, Ordering::AcqRel) {
            self.bell.notify_one();
        }
    }
}

/// Expires payments that nobody paid in time.
pub(super) struct ExpiryWorker {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) bell: Arc<ExpiryBell>,
}

impl ExpiryWorker {
    pub(super) async fn run(self) {
        backoff::passes("expiring payments", &self.bell.bell, || self.pass()).await;
    }

    /// Expires what is due; how long until the next one is.
    async fn pass(&self) -> Result<Duration, StoreError> {
        // Forgotten before looking, so that a payment made in between rings.
        self.bell.next_micros.store(i64::MAX, Ordering::Release);
        loop {
            let ambient = self.ambient.clone();
            let expired = self.store.write(Class::Background, async move |tx: &mut Tx| expire(tx, &ambient).await).await?;
            if expired < BATCH {
                break;
            }
        }
        let next = self.store.read(async move |tx: &mut Tx| store::next_expiry(tx).await).await?;
        if let Some(next) = next {
            self.bell.next_micros.fetch_min(next.timestamp_micros(), Ordering::AcqRel);
        }
        Ok(backoff::until(next, self.ambient.now()))
    }
}

/// Expires a batch; how many there were.
///
/// The channel need not be asked: without an intent nobody can pay, and an intent is stored only while its payment is
/// pending and in time. Whoever made one meanwhile is refused when it comes to store it.
async fn expire(tx: &mut Tx, ambient: &Ambient) -> Result<i64, StoreError> {
    let now = tx.now();
    let mut changes: Vec<Change> = store::overdue(tx, BATCH).await?.into_iter().map(Change::of).collect();
    for change in &mut changes {
        let causation = change.payment.payment_no.clone();
        change.step(PaymentStatus::Expired, now, ambient, &causation);
    }
    save(tx, &changes).await?;
    Ok(i64::try_from(changes.len()).unwrap_or(BATCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn only_a_payment_that_expires_before_all_others_rings() {
        let bell = ExpiryBell::new();
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        for (seconds, rings) in [(100, true), (100, false), (200, false), (50, true)] {
            bell.hear_of(at(seconds));
            assert_eq!(bell.bell.notified().now_or_never().is_some(), rings, "{seconds}");
        }
    }
}
