//! Metrics as others ask for them: the console, a screen, the routes of this service.

use chrono::NaiveDate;

use crate::domain::{Currency, MerchantId};
use crate::store::{StoreError, Tx};

use super::counter::{ChannelCounters, Counters, Key, MerchantCounters, PaymentCounters};
use super::{ChannelMetrics, MerchantMetrics, PaymentMetrics};

/// A merchant's payments from `start` to `end`, both included; one entry for each day and currency that has any.
pub async fn payment_metrics(
    tx: &mut Tx,
    merchant: MerchantId,
    start: NaiveDate,
    end: NaiveDate,
) -> Result<Vec<PaymentMetrics>, StoreError> {
    let found = rows::<PaymentCounters>(tx, &merchant.to_string(), start, end).await?;
    Ok(found.into_iter().map(|(key, counters)| PaymentMetrics::derive(merchant, key.date, key.currency, &counters)).collect())
}

/// A channel's transactions from `start` to `end`, both included; one entry for each day and currency that has any.
pub async fn channel_metrics(tx: &mut Tx, channel: &str, start: NaiveDate, end: NaiveDate) -> Result<Vec<ChannelMetrics>, StoreError> {
    let found = rows::<ChannelCounters>(tx, channel, start, end).await?;
    Ok(found.into_iter().map(|(key, counters)| ChannelMetrics::derive(channel, key.date, key.currency, &counters)).collect())
}

/// A merchant's orders from `start` to `end`, both included; one entry for each day and currency that has any.
pub async fn merchant_metrics(
    tx: &mut Tx,
    merchant: MerchantId,
    start: NaiveDate,
    end: NaiveDate,
) -> Result<Vec<MerchantMetrics>, StoreError> {
    let found = rows::<MerchantCounters>(tx, &merchant.to_string(), start, end).await?;
    Ok(found.into_iter().map(|(key, counters)| MerchantMetrics::derive(merchant, key.date, key.currency, &counters)).collect())
}

/// The currencies that an owner has rows in, on any day.
pub(super) async fn currencies<C: Counters>(tx: &mut Tx, owner: &str) -> Result<Vec<Currency>, StoreError> {
    tx.query(C::CURRENCIES, &[owner.into()]).await?.iter().map(|row| row.get(0)).collect()
}

async fn rows<C: Counters>(tx: &mut Tx, owner: &str, start: NaiveDate, end: NaiveDate) -> Result<Vec<(Key, C)>, StoreError> {
    let found = tx.query(C::SELECT, &[owner.into(), start.to_string().into(), end.to_string().into()]).await?;
    found.iter().map(|row| Ok((Key::read(row, 0)?, C::read(row, 3)?))).collect()
}
