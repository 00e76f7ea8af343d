use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::{Currency, MerchantId, half_even_div};

use super::counter::{ChannelCounters, MerchantCounters, PaymentCounters};

/// A percentage with two decimals, in JSON a number such as `100.00`; made of integers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent {
    hundredths: i64,
}

impl Percent {
    /// How much of `whole` is `part`, rounded half-even; 0 of nothing.
    pub fn of(part: i64, whole: i64) -> Self {
        Self { hundredths: ratio(i128::from(part) * 10_000, whole) }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.hundredths < 0 { "-" } else { "" };
        let size = self.hundredths.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", size / 100, size % 100))
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// A merchant's payments of one day in one currency (contract section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct PaymentMetrics {
    pub merchant_id: MerchantId,
    pub date: NaiveDate,
    pub currency: Currency,
    pub total_payments: i64,
    pub success_payments: i64,
    pub failed_payments: i64,
    pub total_amount: i64,
    pub success_amount: i64,
    pub total_refunds: i64,
    pub total_refund_amount: i64,
    pub success_rate: Percent,
    pub average_amount: i64,
}

/// A channel's transactions of one day in one currency (contract section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct ChannelMetrics {
    pub channel: String,
    pub date: NaiveDate,
    pub currency: Currency,
    pub total_transactions: i64,
    pub success_transactions: i64,
    pub failed_transactions: i64,
    pub total_amount: i64,
    pub success_amount: i64,
    pub success_rate: Percent,
    pub average_latency_ms: i64,
}

/// A merchant's orders of one day in one currency (contract section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct MerchantMetrics {
    pub merchant_id: MerchantId,
    pub date: NaiveDate,
    pub currency: Currency,
    pub total_orders: i64,
    pub completed_orders: i64,
    pub cancelled_orders: i64,
    pub total_revenue: i64,
    pub total_fees: i64,
    pub net_revenue: i64,
    pub new_customers: i64,
    pub returning_customers: i64,
}

impl PaymentMetrics {
    pub(super) fn derive(merchant_id: MerchantId, date: NaiveDate, currency: Currency, counters: &PaymentCounters) -> Self {
        Self {
            merchant_id,
            date,
            currency,
            total_payments: counters.total_payments,
            success_payments: counters.success_payments,
            failed_payments: counters.failed_payments,
            total_amount: counters.total_amount,
            success_amount: counters.success_amount,
            total_refunds: counters.total_refunds,
            total_refund_amount: counters.total_refund_amount,
            success_rate: Percent::of(counters.success_payments, counters.total_payments),
            average_amount: ratio(i128::from(counters.success_amount), counters.success_payments),
        }
    }
}

impl ChannelMetrics {
    pub(super) fn derive(channel: &str, date: NaiveDate, currency: Currency, counters: &ChannelCounters) -> Self {
        Self {
            channel: channel.to_owned(),
            date,
            currency,
            total_transactions: counters.total_transactions,
            success_transactions: counters.success_transactions,
            failed_transactions: counters.failed_transactions,
            total_amount: counters.total_amount,
            success_amount: counters.success_amount,
            success_rate: Percent::of(counters.success_transactions, counters.total_transactions),
            average_latency_ms: ratio(i128::from(counters.latency_ms_sum), counters.success_transactions),
        }
    }
}

impl MerchantMetrics {
    pub(super) const fn derive(merchant_id: MerchantId, date: NaiveDate, currency: Currency, counters: &MerchantCounters) -> Self {
        Self {
            merchant_id,
            date,
            currency,
            total_orders: counters.total_orders,
            completed_orders: counters.completed_orders,
            cancelled_orders: counters.cancelled_orders,
            total_revenue: counters.total_revenue,
            total_fees: counters.total_fees,
            net_revenue: counters.net_revenue,
            new_customers: counters.new_customers,
            returning_customers: counters.returning_customers,
        }
    }
}

/// `numerator ÷ denominator`, half-even; 0 where nothing was counted.
fn ratio(numerator: i128, denominator: i64) -> i64 {
    if denominator <= 0 {
        return 0;
    }
    i64::try_from(half_even_div(numerator, i128::from(denominator))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_decimals_in_json_and_round_half_to_even() {
        for (part, whole, text) in [
            (1, 1, "100.00"),
            (0, 1, "0.00"),
            (0, 0, "0.00"),
            (2, 3, "66.67"),
            (1, 3, "33.33"),
            (1, 8, "12.50"),
            (1, 32, "3.12"),
            (3, 32, "9.38"),
        ] {
            assert_eq!(serde_json::to_string(&Percent::of(part, whole)).unwrap(), text, "{part}/{whole}");
        }
    }
}
