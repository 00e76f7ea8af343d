use crate::config::Ambient;
use crate::event::Event;
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader};
use crate::services::{HandleError, Service, analytics};
use crate::store::{StoreError, Tx};

use super::books::Books;
use super::difference::{Differences, Projection};
use super::report::{Rebuilt, Replay};
use super::{batch, orders, payments};

/// Rebuilds every projection and compares it with the live tables, on one snapshot; writes nothing.
pub async fn replay(reader: &Reader) -> Result<Replay, OpsError> {
    let ambient = reader.ambient.clone();
    reader.store.read(async move |tx: &mut Tx| run(tx, &ambient).await).await
}

async fn run(tx: &mut Tx, ambient: &Ambient) -> Result<Replay, OpsError> {
    let started = ambient.now();
    let [mut paid, mut ordered, mut booked, mut counted] = Projection::ALL.map(Differences::new);
    payments::compare(tx, &mut paid).await?;
    orders::compare(tx, &mut ordered).await?;
    let (mut books, mut counters, mut after) = (Books::default(), analytics::Rebuilt::default(), 0);
    while let Some((last, events)) = batch::next(tx, after).await? {
        after = last;
        let applied = batch::applied(tx, Service::Accounting, &events).await?;
        books.add(tx, &applied, ambient, &mut booked).await?;
        let applied: Vec<Event> = batch::applied(tx, Service::Analytics, &events).await?.into_iter().cloned().collect();
        counted.events += applied.len() as u64;
        counters.add(&applied).map_err(refused)?;
    }
    books.close(tx, &mut booked).await?;
    counted.rows = counters.rows() as u64;
    for difference in counters.compare(tx).await? {
        let (expected, found) = (Some(difference.expected.to_string()), difference.found.map(|found| found.to_string()));
        counted.push(&difference.row, difference.field, expected, found);
    }
    let now = ambient.now();
    let all = [paid, ordered, booked, counted];
    let projections = all.iter().map(Rebuilt::of).collect();
    let differences = all.into_iter().flat_map(|differences| differences.named).collect();
    Ok(Replay { at: tx.now(), elapsed_ms: millis_between(started, now), projections, differences })
}

fn refused(error: HandleError) -> OpsError {
    match error {
        HandleError::Infrastructure(error) => OpsError::Store(error),
        other => OpsError::Store(StoreError::Statement(other.to_string())),
    }
}
