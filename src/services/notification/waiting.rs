use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError};
use crate::telemetry::{self, MAILS_WAITING};

/// How often the mails that wait are counted; nobody but a graph waits for the number.
const EVERY: Duration = Duration::from_secs(5);

/// Keeps the gauge of waiting mails, until it is told to stop.
pub(super) async fn measure(store: Store, stop: CancellationToken) {
    loop {
        let counted = store
            .read(async move |tx| {
                let row = tx.query_one("SELECT count(*) FROM notifications WHERE status = 'pending'", &[]).await?;
                row.map_or(Ok(0), |row| row.get::<i64>(0))
            })
            .await;
        // While the database is away the gauge keeps its last value, and everything else says why.
        if let Ok::<i64, StoreError>(waiting) = counted {
            telemetry::set(&MAILS_WAITING, &[], f64::from(u32::try_from(waiting).unwrap_or(u32::MAX)));
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
