use crate::domain::{Currency, Money};
use crate::ops::source::told;
use crate::ops::{Report, Table};
use crate::services::analytics::PaymentMetrics;

use super::Metrics;

impl Report for Metrics {
    const LISTS: &'static [&'static str] = &["payments"];

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.payments()];
        tables.extend(self.trend());
        tables.push(self.orders());
        if !self.channels.is_empty() {
            tables.push(self.channels());
        }
        if let Some(last) = tables.last_mut() {
            last.notes.extend(self.remarks());
        }
        tables
    }
}

impl Metrics {
    /// What is to be known of the figures: whether they are whole, and where they come from.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.payments.is_empty() && self.orders.is_empty() {
            remarks.push("nothing is counted for that merchant on those days (UTC)".to_owned());
        }
        match self.uncounted {
            0 => {}
            1.. => remarks.push(format!("{} payments of those days are not counted yet; try: payctl lag analytics", self.uncounted)),
            _ => remarks.push(format!("{} payments are counted that were never taken; try: payctl verify", self.uncounted.unsigned_abs())),
        }
        remarks.extend(told(&self.sources, self.at));
        remarks
    }

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
        let dash = || "-".to_owned();
        for (date, currency, counted) in self.days() {
            let figure = |figure: fn(&PaymentMetrics) -> i64| counted.map_or_else(dash, |row| figure(row).to_string());
            let money = |figure: fn(&PaymentMetrics) -> i64| counted.map_or_else(dash, |row| major(figure(row), currency));
            let tried = counted.filter(|row| row.total_payments > 0);
            let succeeded = counted.filter(|row| row.success_payments > 0);
            table.push([
                date.to_string(),
                figure(|row| row.total_payments),
                figure(|row| row.success_payments),
                figure(|row| row.failed_payments),
                tried.map_or_else(dash, |row| row.success_rate.to_string()),
                money(|row| row.success_amount),
                succeeded.map_or_else(dash, |row| major(row.average_amount, currency)),
                figure(|row| row.total_refunds),
                money(|row| row.total_refund_amount),
                currency.to_string(),
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
