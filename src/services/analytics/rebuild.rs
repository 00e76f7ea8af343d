//! The counters as events alone make them, beside the tables.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use uuid::Uuid;

use crate::event::{Event, EventKind, Payload};
use crate::services::HandleError;
use crate::store::{StoreError, Tx};

use super::counter::{ChannelCounters, Counters, Key, MerchantCounters, PaymentCounters};
use super::tally::{Deltas, Tally};

/// Every row of counters, rebuilt. It takes as much memory as the rows themselves, and eight bytes for each customer of a
/// merchant: whoever pays for the first time is new, and that only the past tells.
#[derive(Debug, Default)]
pub struct Rebuilt {
    payments: Totals,
    channels: Totals,
    merchants: Totals,
    customers: HashSet<u64>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

type Totals = BTreeMap<Key, Vec<i64>>;

/// A counter that is not what the events make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterDifference {
    /// `payment/<merchant>/2026-01-02/USD`
    pub row: String,
    /// The column.
    pub field: &'static str,
    /// What the events make it.
    pub expected: i64,
    /// What the table has; nothing where it has no such row.
    pub found: Option<i64>,
}

impl Rebuilt {
    /// Adds events that the service has applied, in the order in which they were stored.
    pub fn add(&mut self, events: &[Event]) -> Result<(), HandleError> {
        let first_paid = self.first_paid(events);
        let mut tally = Tally::default();
        for event in events {
            tally.count(event, &first_paid)?;
        }
        merge(&mut self.payments, &tally.payments);
        merge(&mut self.channels, &tally.channels);
        merge(&mut self.merchants, &tally.merchants);
        Ok(())
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.payments.len() + self.channels.len() + self.merchants.len()
    }

    /// Where the tables differ.
    pub async fn compare(&self, tx: &mut Tx) -> Result<Vec<CounterDifference>, StoreError> {
        let mut found = compare::<PaymentCounters>(tx, &self.payments).await?;
        found.extend(compare::<ChannelCounters>(tx, &self.channels).await?);
        found.extend(compare::<MerchantCounters>(tx, &self.merchants).await?);
        Ok(found)
    }

    fn first_paid(&mut self, events: &[Event]) -> HashSet<Uuid> {
        let mut first = HashSet::new();
        for event in events {
            if let (EventKind::OrderPaid, Payload::Order(paid)) = (event.kind, &event.payload)
                && !paid.customer_email.expose().is_empty()
                && self.customers.insert(self.hasher.hash_one((paid.merchant_id, paid.customer_email.expose())))
            {
                first.insert(event.event_id);
            }
        }
        first
    }
}

fn merge<C: Counters>(totals: &mut Totals, deltas: &Deltas<'_, C>) {
    for (key, delta) in deltas {
        let added = delta.counters.values();
        let total = totals.entry(key.clone()).or_insert_with(|| vec![0; added.len()]);
        for (sum, by) in total.iter_mut().zip(added) {
            *sum = sum.saturating_add(by);
        }
    }
}

async fn compare<C: Counters>(tx: &mut Tx, expected: &Totals) -> Result<Vec<CounterDifference>, StoreError> {
    let mut live = Totals::new();
    for row in tx.query(C::ALL, &[]).await? {
        live.insert(Key::read(&row, 0)?, C::read(&row, 3)?.values());
    }
    let mut found = Vec::new();
    let none = vec![0; C::NAMES.len()];
    for (key, values) in expected {
        let row = live.remove(key);
        differ::<C>(key, values, row.as_deref(), &mut found);
    }
    for (key, values) in live {
        differ::<C>(&key, &none, Some(&values), &mut found);
    }
    Ok(found)
}

fn differ<C: Counters>(key: &Key, expected: &[i64], live: Option<&[i64]>, found: &mut Vec<CounterDifference>) {
    for (place, (field, expected)) in C::NAMES.iter().zip(expected).enumerate() {
        let value = live.and_then(|live| live.get(place)).copied();
        if value.unwrap_or(0) != *expected {
            let row = format!("{}/{}/{}/{}", C::METRICS, key.owner, key.date, key.currency);
            found.push(CounterDifference { row, field, expected: *expected, found: value });
        }
    }
}
