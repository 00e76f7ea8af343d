use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;

use crate::domain::{MerchantId, Timestamp};
use crate::ops::source::FactSource;
use crate::ops::{OpsError, Reader};
use crate::services::Service;
use crate::services::analytics::{ChannelMetrics, MerchantMetrics, PaymentMetrics, query};
use crate::services::gateway::query::payments_made;
use crate::store::{StoreError, Tx};

/// As many days as the service's own lists may span.
pub const MAX_DAYS: u64 = 366;

/// Whose metrics, and of which days.
#[derive(Debug, Clone)]
pub struct MetricsQuery {
    /// Whose payments and orders.
    pub merchant: MerchantId,
    /// Also those of this channel, of all merchants together.
    pub channel: Option<String>,
    /// The first UTC date.
    pub start: NaiveDate,
    /// The last UTC date, included.
    pub end: NaiveDate,
}

/// What analytics has counted, by day and currency.
#[derive(Debug, Clone, Serialize)]
pub struct Metrics {
    /// Whose payments and orders.
    pub merchant_id: MerchantId,
    /// The first UTC date.
    pub start: NaiveDate,
    /// The last UTC date, included.
    pub end: NaiveDate,
    /// The merchant's payments; a day and currency of which nothing was counted is not there.
    pub payments: Vec<PaymentMetrics>,
    /// The merchant's orders.
    pub orders: Vec<MerchantMetrics>,
    /// The channel's transactions.
    pub channels: Vec<ChannelMetrics>,
    /// Payments of those days that the gateway has taken and analytics has not counted yet; negative where it has counted too many.
    pub uncounted: i64,
    /// When all of it was read.
    pub at: Timestamp,
    /// Where which facts come from.
    pub sources: Vec<FactSource>,
}

/// The metrics, on one snapshot.
pub async fn metrics(reader: &Reader, wanted: MetricsQuery) -> Result<Metrics, OpsError> {
    reader
        .store
        .read(async move |tx| {
            let MetricsQuery { merchant, start, end, .. } = wanted;
            let channels = match &wanted.channel {
                Some(channel) => query::channel_metrics(tx, channel, start, end).await?,
                None => Vec::new(),
            };
            let payments = query::payment_metrics(tx, merchant, start, end).await?;
            Ok(Metrics {
                merchant_id: merchant,
                start,
                end,
                orders: query::merchant_metrics(tx, merchant, start, end).await?,
                channels,
                uncounted: uncounted(tx, merchant, start, end, &payments).await?,
                payments,
                at: tx.now(),
                sources: vec![
                    analytics(tx, "counters", "payment_metrics, merchant_metrics, channel_metrics").await?,
                    FactSource::own("uncounted", Service::Gateway.name(), "payments"),
                ],
            })
        })
        .await
}

/// Where counters come from.
pub(in crate::ops) async fn analytics(tx: &mut Tx, facts: &'static str, tables: &'static str) -> Result<FactSource, StoreError> {
    FactSource::followed(tx, facts, Service::Analytics, tables).await
}

/// Payments that the gateway made on these days and that are not among what was counted.
pub(in crate::ops) async fn uncounted(
    tx: &mut Tx,
    merchant: MerchantId,
    start: NaiveDate,
    end: NaiveDate,
    counted: &[PaymentMetrics],
) -> Result<i64, StoreError> {
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let over = end.checked_add_days(Days::new(1)).unwrap_or(end);
    let made = payments_made(tx, merchant, midnight(start), midnight(over)).await?;
    let counted = counted.iter().map(|row| row.total_payments).fold(0, i64::saturating_add);
    Ok(made.saturating_sub(counted))
}
