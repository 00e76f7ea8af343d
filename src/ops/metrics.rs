//! What analytics has counted, as its own queries answer it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::{Currency, MerchantId, Money};
use crate::services::analytics::{ChannelMetrics, MerchantMetrics, PaymentMetrics, query};

use super::{OpsError, Reader, Report, Table};

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
    /// The merchant's payments.
    pub payments: Vec<PaymentMetrics>,
    /// The merchant's orders.
    pub orders: Vec<MerchantMetrics>,
    /// The channel's transactions.
    pub channels: Vec<ChannelMetrics>,
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
            Ok(Metrics {
                payments: query::payment_metrics(tx, merchant, start, end).await?,
                orders: query::merchant_metrics(tx, merchant, start, end).await?,
                channels,
            })
        })
        .await
}

impl Report for Metrics {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.payments(), self.orders()];
        if let Some(first) = tables.first_mut()
            && self.payments.is_empty()
            && self.orders.is_empty()
        {
            first.notes.push("nothing is counted for that merchant on those days (UTC)".to_owned());
        }
        if !self.channels.is_empty() {
            tables.push(self.channels());
        }
        tables
    }
}

impl Metrics {
    fn payments(&self) -> Table {
        let mut table = Table::new(&[
            "PAYMENTS",
            ">TOTAL",
            ">SUCCESS",
            ">FAILED",
            ">RATE-%",
            ">SUCCESS-AMOUNT",
            "?>AVERAGE",
            "??>REFUNDS",
            "?>REFUNDED",
            "CURRENCY",
        ]);
        for row in &self.payments {
            table.push([
                row.date.to_string(),
                row.total_payments.to_string(),
                row.success_payments.to_string(),
                row.failed_payments.to_string(),
                row.success_rate.to_string(),
                major(row.success_amount, row.currency),
                major(row.average_amount, row.currency),
                row.total_refunds.to_string(),
                major(row.total_refund_amount, row.currency),
                row.currency.to_string(),
            ]);
        }
        table
    }

    fn orders(&self) -> Table {
        let mut table = Table::new(&[
            "ORDERS",
            ">TOTAL",
            ">COMPLETED",
            ">CANCELLED",
            ">REVENUE",
            "?>FEES",
            ">NET",
            "??>NEW",
            "??>RETURNING",
            "CURRENCY",
        ]);
        for row in &self.orders {
            table.push([
                row.date.to_string(),
                row.total_orders.to_string(),
                row.completed_orders.to_string(),
                row.cancelled_orders.to_string(),
                major(row.total_revenue, row.currency),
                major(row.total_fees, row.currency),
                major(row.net_revenue, row.currency),
                row.new_customers.to_string(),
                row.returning_customers.to_string(),
                row.currency.to_string(),
            ]);
        }
        table
    }

    fn channels(&self) -> Table {
        let mut table =
            Table::new(&["CHANNEL", "DATE", ">TOTAL", ">SUCCESS", ">FAILED", ">RATE-%", ">SUCCESS-AMOUNT", "?>LATENCY-MS", "CURRENCY"]);
        for row in &self.channels {
            table.push([
                row.channel.clone(),
                row.date.to_string(),
                row.total_transactions.to_string(),
                row.success_transactions.to_string(),
                row.failed_transactions.to_string(),
                row.success_rate.to_string(),
                major(row.success_amount, row.currency),
                row.average_latency_ms.to_string(),
                row.currency.to_string(),
            ]);
        }
        table
    }
}

fn major(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).major()
}
