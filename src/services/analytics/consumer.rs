use futures_util::future::LocalBoxFuture;

use crate::config::Ambient;
use crate::domain::MerchantId;
use crate::event::{AnalyticsPayload, Cause, Event, EventKind, NewEvent, Payload};
use crate::services::{Consumer, HandleError};
use crate::store::{Row, StoreError, Tx, Value};

use super::counter::{Counters, Key};
use super::customer;
use super::tally::{Delta, Deltas, Tally};

/// Adds each batch to the counters and tells of every row that changed.
pub(super) struct Analytics {
    pub(super) ambient: Ambient,
}

impl Consumer for Analytics {
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>> {
        Box::pin(async move {
            let first_paid = customer::first_paid(tx, events).await?;
            let mut tally = Tally::default();
            for event in events {
                tally.count(event, &first_paid)?;
            }
            let mut changed = self.add(tx, &tally.payments).await?;
            changed.extend(self.add(tx, &tally.channels).await?);
            changed.extend(self.add(tx, &tally.merchants).await?);
            Ok(tx.publish(&changed).await?)
        })
    }
}

impl Analytics {
    /// Adds the deltas to their table; one event for each row that changed.
    async fn add<C: Counters>(&self, tx: &mut Tx, deltas: &Deltas<'_, C>) -> Result<Vec<NewEvent>, HandleError> {
        let rows: Vec<Vec<Value<'_>>> = deltas.iter().map(|(key, delta)| delta.counters.row(key)).collect();
        let mut changed = Vec::with_capacity(rows.len());
        for row in tx.query_set(&C::ADD, &rows).await? {
            let key = Key::read(&row, 0)?;
            if let Some(delta) = deltas.get(&key) {
                changed.push(self.updated(tx, &key, delta, &row)?);
            }
        }
        Ok(changed)
    }

    fn updated<C: Counters>(&self, tx: &Tx, key: &Key, delta: &Delta<'_, C>, row: &Row) -> Result<NewEvent, StoreError> {
        let Key { owner, date, currency } = key;
        Ok(NewEvent {
            event_id: self.ambient.uuid(),
            kind: EventKind::MetricsUpdated,
            topic: EventKind::MetricsUpdated.topic(),
            aggregate_id: format!("{}/{owner}/{date}/{currency}", C::METRICS),
            aggregate_version: row.get(3)?,
            // The counters of a channel are nobody's in particular.
            merchant_id: owner.parse::<MerchantId>().ok(),
            key: owner.clone(),
            timestamp: tx.now(),
            cause: Cause::of(delta.last),
            producer: "analytics",
            payload: Payload::Analytics(Box::new(AnalyticsPayload {
                metrics: C::METRICS.to_owned(),
                key: owner.clone(),
                date: date.to_string(),
                currency: *currency,
                values: C::read(row, 4)?.extra(),
            })),
        })
    }
}
