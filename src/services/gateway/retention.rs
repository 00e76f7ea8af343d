use std::time::Duration;

use chrono::TimeDelta;

use crate::store::{Class, Store, StoreError, Tx};

use super::idempotency::KEPT_DAYS;
use super::store;

/// Rows deleted in one transaction: small, so that no request waits behind it.
const BATCH: i64 = 500;
const PAUSE: Duration = Duration::from_millis(200);
const INTERVAL: Duration = Duration::from_hours(1);
/// How long the channel's own words are kept.
const WEBHOOK_DAYS: i64 = 90;

/// Deletes what is past its time: idempotency keys after 30 days, finished webhooks after 90.
pub(super) async fn run(store: Store) {
    loop {
        match purge(&store).await {
            Ok(deleted) if deleted > 0 => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "deleting old keys and webhooks failed; trying again in an hour"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Deletes one small batch; how many rows went.
pub(super) async fn purge(store: &Store) -> Result<u64, StoreError> {
    store
        .write(Class::Background, async |tx: &mut Tx| {
            let now = tx.now();
            let keys = store::purge_answers(tx, now - TimeDelta::days(KEPT_DAYS), BATCH).await?;
            Ok(keys + store::purge_webhooks(tx, now - TimeDelta::days(WEBHOOK_DAYS), BATCH).await?)
        })
        .await
}
