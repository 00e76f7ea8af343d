use std::collections::HashMap;

use serde::Serialize;

use crate::domain::{MerchantId, Timestamp};
use crate::ops::amount::listed;
use crate::ops::metrics::analytics;
use crate::ops::source::{FactSource, told};
use crate::ops::{Amount, OpsError, Reader, Report, Table};
use crate::services::analytics::Percent;
use crate::services::gateway::query::{list_merchants, open_payments};
use crate::store::{StoreError, Tx};

use super::letters::parked;
use super::standing::{age, fee, sources};
use super::{ParkedMoney, Standing};

/// A page of the merchants.
#[derive(Debug, Clone, Serialize)]
pub struct MerchantList {
    /// By name.
    pub list: Vec<Standing>,
    /// How many there are on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// How many a page has at most.
    pub page_size: i64,
    /// Open dead letters of which no merchant is known.
    pub unowned: ParkedMoney,
    /// When all of it was read.
    pub at: Timestamp,
    /// Where which facts come from.
    pub sources: Vec<FactSource>,
}

/// A page of the merchants and how each stands, on one snapshot.
pub async fn list(reader: &Reader, page: i64, page_size: i64) -> Result<MerchantList, OpsError> {
    let offset = page.saturating_sub(1).saturating_mul(page_size);
    let reading = async move |tx: &mut Tx| {
        let (merchants, total) = list_merchants(tx, page_size, offset).await?;
        let counters = analytics(tx, "today", "payment_metrics").await?;
        let mut open: HashMap<MerchantId, _> = open_payments(tx, None).await?.into_iter().collect();
        let mut letters = parked(tx, None).await?;
        let mut list = Vec::with_capacity(merchants.len());
        for merchant in &merchants {
            let own = letters.remove(&Some(merchant.merchant_id)).unwrap_or_default();
            list.push(Standing::of(tx, merchant, open.remove(&merchant.merchant_id).unwrap_or_default(), own, &counters).await?);
        }
        let unowned = letters.remove(&None).unwrap_or_default();
        Ok::<_, StoreError>(MerchantList { list, total, page, page_size, unowned, at: tx.now(), sources: sources(counters) })
    };
    Ok(reader.store.read(reading).await?)
}

impl Report for MerchantList {
    const LISTS: &'static [&'static str] = &["list"];
    const NAMES: Option<&'static str> = Some("merchant ids");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&[
            "MERCHANT",
            "NAME",
            "?STATUS",
            "??>FEE",
            ">TODAY",
            "?>PAID-TODAY",
            "??>RATE-%",
            ">OPEN",
            "?>OLDEST",
            ">LETTERS",
            "?>PARKED",
        ]);
        for merchant in &self.list {
            let counted = merchant.counted_today();
            let dash = || "-".to_owned();
            let paid: Vec<Amount> =
                merchant.today.iter().flatten().map(|day| Amount { amount: day.amount, currency: day.currency }).collect();
            table.push([
                merchant.merchant_id.to_string(),
                merchant.name.clone(),
                merchant.status.clone(),
                fee(merchant.fee_bps),
                counted.map_or_else(dash, |(payments, _)| payments.to_string()),
                listed(&paid),
                counted.filter(|(payments, _)| *payments > 0).map_or_else(dash, |(all, paid)| Percent::of(paid, all).to_string()),
                merchant.open.count.to_string(),
                age(merchant.open.oldest_at, self.at),
                merchant.dead_letters.count.to_string(),
                listed(&merchant.dead_letters.money),
            ]);
        }
        table.notes.extend(self.remarks());
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.list.iter().map(|merchant| merchant.merchant_id.to_string()).collect()
    }
}

impl MerchantList {
    fn remarks(&self) -> Vec<String> {
        let shown = i64::try_from(self.list.len()).unwrap_or(i64::MAX);
        let seen = self.page.saturating_sub(1).saturating_mul(self.page_size).saturating_add(shown);
        let more =
            if shown > 0 && seen < self.total { format!("; more with --page {}", self.page.saturating_add(1)) } else { String::new() };
        let mut remarks = vec![format!("{shown} of {} merchants, page {}{more}", self.total, self.page)];
        let uncounted = self.list.iter().map(|merchant| merchant.uncounted).fold(0, i64::saturating_add);
        if uncounted != 0 {
            remarks.push(format!("analytics is {uncounted} payments of today behind the gateway; try: payctl lag analytics"));
        }
        if self.unowned.count > 0 {
            let money = listed(&self.unowned.money);
            remarks.push(format!("{} open dead letters ({money}) are of no known merchant; try: payctl dlq list", self.unowned.count));
        }
        remarks.extend(told(&self.sources, self.at));
        remarks
    }
}
