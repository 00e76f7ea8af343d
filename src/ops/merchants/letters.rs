use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Currency, MerchantId};
use crate::ops::Amount;
use crate::ops::amount::Totals;
use crate::store::{StoreError, Tx, Value};

/// Dead letters that somebody still has to do something about.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ParkedMoney {
    /// How many there are, in all groups.
    pub count: i64,
    /// The money that they speak of, one sum a currency, each payment once whatever number of groups parked it.
    pub money: Vec<Amount>,
}

/// The open dead letters of each merchant that has any, or of one; under `None` those of which no merchant is known.
pub(super) async fn parked(tx: &mut Tx, merchant: Option<MerchantId>) -> Result<BTreeMap<Option<MerchantId>, ParkedMoney>, StoreError> {
    let (condition, params): (&str, Vec<Value<'_>>) = match merchant {
        Some(merchant) => (" AND merchant_id = $1", vec![merchant.into()]),
        None => ("", Vec::new()),
    };
    let sql = format!(
        "SELECT s.merchant_id, s.currency, sum(s.letters), sum(s.amount) FROM (\
         SELECT merchant_id, currency, coalesce(payment_no, CAST(id AS TEXT)) AS subject, count(*) AS letters, max(amount) AS amount \
         FROM dlq WHERE state IN ('failed', 'blocked', 'replaying'){condition} \
         GROUP BY merchant_id, currency, coalesce(payment_no, CAST(id AS TEXT))) AS s GROUP BY s.merchant_id, s.currency"
    );
    let mut found: BTreeMap<Option<MerchantId>, (i64, Totals)> = BTreeMap::new();
    for row in tx.query(&sql, &params).await? {
        let (count, totals) = found.entry(row.get(0)?).or_default();
        *count = count.saturating_add(row.get(2)?);
        if let Some((amount, currency)) = row.get::<Option<i64>>(3)?.zip(row.get::<Option<Currency>>(1)?) {
            totals.add(Amount { amount, currency });
        }
    }
    Ok(found.into_iter().map(|(merchant, (count, totals))| (merchant, ParkedMoney { count, money: totals.amounts() })).collect())
}
