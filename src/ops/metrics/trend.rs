use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::{Currency, utc_date};
use crate::ops::Table;
use crate::ops::spark::{spark, values_a_mark};
use crate::services::analytics::PaymentMetrics;

use super::Metrics;

impl Metrics {
    /// Each day that has come, with what was counted on it in each currency that has any; nothing where nothing was.
    pub(super) fn days(&self) -> Vec<(NaiveDate, Currency, Option<&PaymentMetrics>)> {
        let counted: BTreeMap<(NaiveDate, Currency), &PaymentMetrics> =
            self.payments.iter().map(|row| ((row.date, row.currency), row)).collect();
        let mut currencies: Vec<Currency> = self.payments.iter().map(|row| row.currency).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let last = self.end.min(utc_date(self.at).max(self.start));
        let dates = self.start.iter_days().take_while(|date| *date <= last);
        dates
            .flat_map(|date| currencies.iter().map(move |currency| (date, *currency)))
            .map(|(date, currency)| (date, currency, counted.get(&(date, currency)).copied()))
            .collect()
    }

    /// How the days went, a row a currency; none where there is only one day.
    pub(super) fn trend(&self) -> Option<Table> {
        if self.start == self.end || self.payments.is_empty() {
            return None;
        }
        let mut by_currency: BTreeMap<Currency, Vec<Option<&PaymentMetrics>>> = BTreeMap::new();
        for (_, currency, counted) in self.days() {
            by_currency.entry(currency).or_default().push(counted);
        }
        let mut table = Table::new(&["TREND", "PAYMENTS", "SUCCEEDED", "FAILED", "SUCCESS-AMOUNT"]);
        let mut shared = 1;
        for (currency, days) in by_currency {
            shared = values_a_mark(days.len());
            let marks = |figure: fn(&PaymentMetrics) -> i64| spark(&days.iter().map(|day| day.map(figure)).collect::<Vec<_>>());
            table.push([
                currency.to_string(),
                marks(|day| day.total_payments),
                marks(|day| day.success_payments),
                marks(|day| day.failed_payments),
                marks(|day| day.success_amount),
            ]);
        }
        let each = if shared == 1 { "a mark a day".to_owned() } else { format!("a mark for {shared} days") };
        table.notes.push(format!("trend from {} to {}, {each}; · where nothing was counted", self.start, self.end));
        Some(table)
    }
}
