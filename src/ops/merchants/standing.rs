use serde::Serialize;

use crate::domain::{Currency, MerchantId, Timestamp, utc_date};
use crate::ops::metrics::uncounted;
use crate::ops::short_span;
use crate::ops::source::FactSource;
use crate::ops::span::millis_between;
use crate::services::Service;
use crate::services::analytics::{PaymentMetrics, Percent, query};
use crate::services::gateway::query::{MerchantView, OpenPayments};
use crate::store::{StoreError, Tx};

use super::ParkedMoney;

/// What analytics has counted of one day's payments in one currency.
#[derive(Debug, Clone, Serialize)]
pub struct DayFigures {
    /// Of all its money.
    pub currency: Currency,
    /// Payments made on that day.
    pub payments: i64,
    /// Those of them that were paid, on whatever day.
    pub succeeded: i64,
    /// Those of them that failed.
    pub failed: i64,
    /// What was paid, minor units.
    pub amount: i64,
    /// How many of a hundred were paid; `None` where there is no payment.
    pub success_rate: Option<Percent>,
}

/// How a merchant stands just now.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Whose.
    pub merchant_id: MerchantId,
    /// As it calls itself.
    pub name: String,
    /// pending, active or frozen.
    pub status: String,
    /// What is kept of a payment, in basis points.
    pub fee_bps: i64,
    /// Today (UTC) by currency; `None` where analytics has read nothing at all yet.
    pub today: Option<Vec<DayFigures>>,
    /// Payments of today that analytics has not counted yet; negative where it has counted too many.
    pub uncounted: i64,
    /// Payments that have not ended.
    pub open: OpenPayments,
    /// Its events that a group could not apply.
    pub dead_letters: ParkedMoney,
}

impl Standing {
    /// Whatever is of today is of the UTC day of `tx`.
    pub(super) async fn of(
        tx: &mut Tx,
        merchant: &MerchantView,
        open: OpenPayments,
        dead_letters: ParkedMoney,
        counters: &FactSource,
    ) -> Result<Self, StoreError> {
        let day = utc_date(tx.now());
        let counted = query::payment_metrics(tx, merchant.merchant_id, day, day).await?;
        let uncounted = uncounted(tx, merchant.merchant_id, day, day, &counted).await?;
        let is_known = counters.is_known() || !counted.is_empty();
        Ok(Self {
            merchant_id: merchant.merchant_id,
            name: merchant.name.clone(),
            status: merchant.status.clone(),
            fee_bps: merchant.fee_bps,
            today: is_known.then(|| counted.iter().map(DayFigures::of).collect()),
            uncounted,
            open,
            dead_letters,
        })
    }

    /// Payments of today and those of them that were paid, in all currencies: of numbers, unlike of money, there is a sum.
    pub(super) fn counted_today(&self) -> Option<(i64, i64)> {
        let add = |(payments, succeeded): (i64, i64), day: &DayFigures| {
            (payments.saturating_add(day.payments), succeeded.saturating_add(day.succeeded))
        };
        self.today.as_ref().map(|today| today.iter().fold((0, 0), add))
    }
}

impl DayFigures {
    fn of(row: &PaymentMetrics) -> Self {
        Self {
            currency: row.currency,
            payments: row.total_payments,
            succeeded: row.success_payments,
            failed: row.failed_payments,
            amount: row.success_amount,
            success_rate: (row.total_payments > 0).then_some(row.success_rate),
        }
    }
}

/// Where the facts of a standing come from; `counters` is the one for those of today.
pub(super) fn sources(counters: FactSource) -> Vec<FactSource> {
    let gateway = Service::Gateway.name();
    vec![
        FactSource::own("merchants and open payments", gateway, "gateway_merchants, payments"),
        counters,
        FactSource::own("dead letters", "every group", "dlq"),
    ]
}

/// A fee as people write it.
pub(super) fn fee(bps: i64) -> String {
    format!("{}%", Percent::of(bps, 10_000))
}

/// How long ago, or nothing.
pub(super) fn age(since: Option<Timestamp>, now: Timestamp) -> String {
    since.map_or_else(|| "-".to_owned(), |since| short_span(millis_between(since, now)))
}
