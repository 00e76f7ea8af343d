use crate::fault::{self, Point};
use crate::store::{Batch, Class, Store, StoreError, Tx};

use super::ingest::{Intake, Outcome, ingest};
use super::payment::Payment;
use super::store;

/// Commits a batch of requests; one outcome an item, in order.
///
/// Keys and orders are claimed through unique keys, and nothing is concluded from rows that are only read.
pub(super) async fn take_in(store: &Store, batch: Batch<Intake>) -> Result<Vec<Outcome>, StoreError> {
    if fault::is_due(Point::AnswersBeforeCommit) {
        return Ok(batch.iter().map(|_| Outcome::Stands).collect());
    }
    let again = batch.clone();
    let done = store.write_by_keys(Class::Ingress, async move |tx: &mut Tx| ingest(tx, &batch).await).await;
    fault::reach(Point::IngestCommitted);
    match done {
        Err(StoreError::UnknownOutcome(reason)) => find_out(store, again, reason).await,
        done => done,
    }
}

/// Finds out whether a batch was committed, where the connection broke meanwhile: it was as a whole or not at all, so one
/// payment of it tells. Where none is there, the callers are asked to send the same again, and their keys prevent a second.
async fn find_out(store: &Store, batch: Batch<Intake>, reason: String) -> Result<Vec<Outcome>, StoreError> {
    let made = store
        .read(async move |tx: &mut Tx| {
            let payments: Vec<&Payment> = batch.iter().filter_map(|item| item.payment.as_ref().map(|(payment, _)| payment)).collect();
            let present = store::present_payments(tx, &payments).await?;
            let is_made = |item: &Intake| item.payment.as_ref().is_some_and(|(payment, _)| present.contains(&payment.payment_no));
            Ok::<Vec<bool>, StoreError>(batch.iter().map(is_made).collect())
        })
        .await?;
    if !made.contains(&true) {
        return Err(StoreError::UnknownOutcome(reason));
    }
    Ok(made.into_iter().map(|is_made| if is_made { Outcome::Stands } else { Outcome::TryAgain }).collect())
}
