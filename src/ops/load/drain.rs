use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ops::lag::{By, lag};
use crate::ops::{OpsError, Reader};
use crate::services::Service;
use crate::store::Tx;

/// Between two looks from another process, which no bell of the platform reaches; it grows while nothing is done.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LONGEST_LOOK: Duration = Duration::from_millis(500);

/// What the groups had left to do.
#[derive(Debug, Clone, Serialize)]
pub struct Drain {
    /// Whether every group has read everything.
    pub drained: bool,
    /// How long that took, or was waited for.
    pub took_ms: u64,
    /// The short names of the groups that are behind.
    pub behind: Vec<&'static str>,
    /// Webhooks that are stored and not applied.
    pub webhooks: i64,
    /// Events that are committed and not in the log yet.
    pub unpublished: i64,
    /// Events that are parked or held.
    pub parked: i64,
}

impl Drain {
    /// Whether something that was acknowledged as paid may still be on its way to the books.
    pub(super) fn is_under_way(&self) -> bool {
        self.webhooks > 0 || self.unpublished > 0 || self.behind.contains(&Service::Accounting.name())
    }
}

/// Looks once.
pub(super) async fn look(reader: &Reader) -> Result<Drain, OpsError> {
    // Webhooks first, then the outbox: once none waits, all that they have published lies in the log that is looked at next.
    let (webhooks, unpublished) = reader
        .store
        .read(async |tx: &mut Tx| {
            let row = tx.query_one("SELECT count(*) FROM webhook_in WHERE state = 'received'", &[]).await?;
            let webhooks = row.map_or(Ok(0), |row| row.get::<i64>(0))?;
            Ok::<_, OpsError>((webhooks, tx.unpublished().await?))
        })
        .await?;
    let groups = lag(reader, &[], By::Group).await?.whole()?.groups;
    let behind: Vec<_> = groups.iter().filter(|group| group.lag != Some(0)).map(|group| group.group).collect();
    let parked = groups.iter().map(|group| group.parked + group.held).sum();
    Ok(Drain { drained: webhooks == 0 && unpublished == 0 && behind.is_empty(), took_ms: 0, behind, webhooks, unpublished, parked })
}

/// Waits until every group has read everything, at most for `patience`, or until `enough` is cancelled.
pub(super) async fn wait(reader: &Reader, patience: Duration, enough: &CancellationToken) -> Result<Drain, OpsError> {
    let started = Instant::now();
    let mut pause = FIRST_LOOK;
    loop {
        let mut found = look(reader).await?;
        found.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if found.drained || started.elapsed() + pause > patience {
            return Ok(found);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = enough.cancelled() => return Ok(found),
        }
        pause = (pause * 2).min(LONGEST_LOOK);
    }
}
