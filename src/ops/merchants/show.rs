use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Account, Currency, Timestamp};
use crate::ops::metrics::analytics;
use crate::ops::payments::PaymentDetail;
use crate::ops::source::FactSource;
use crate::ops::{DeadLetter, Masking, OpsError, Reader, dead_letter};
use crate::services::Service;
use crate::services::accounting::query::{BalanceView, balances_of};
use crate::services::gateway::query::{Part, PaymentFilter, list_payments, open_payments};
use crate::store::Tx;

use super::Standing;
use super::find::find;
use super::letters::parked;
use super::standing::sources;

/// What a merchant has in one currency, in minor units; `None` is an account on which nothing was ever booked.
#[derive(Debug, Clone, Serialize)]
pub struct Balance {
    /// Of all its figures.
    pub currency: Currency,
    /// Taken, not yet settled; negative where refunds have outrun sales.
    pub pending: Option<i64>,
    /// Settled, free to be withdrawn.
    pub available: Option<i64>,
    /// On its way to the bank.
    pub held: Option<i64>,
}

/// An API key, without the key.
#[derive(Debug, Clone, Serialize)]
pub struct ApiKeyLine {
    /// Names the key without giving it away.
    pub key_id: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

/// All that is known of a merchant.
#[derive(Debug, Clone, Serialize)]
pub struct MerchantDetail {
    /// How it stands.
    pub merchant: Standing,
    /// Where it is written to; masked unless asked for otherwise.
    pub email: String,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// By currency.
    pub balances: Vec<Balance>,
    /// The last payments, newest first.
    pub payments: Vec<PaymentDetail>,
    /// How many payments it has.
    pub total_payments: i64,
    /// The first open dead letters, oldest first; `merchant.dead_letters` counts all.
    pub dead_letters: Vec<DeadLetter>,
    /// Live and revoked.
    pub api_keys: Vec<ApiKeyLine>,
    /// When all of it was read.
    pub at: Timestamp,
    /// Where which facts come from.
    pub sources: Vec<FactSource>,
}

/// The merchant of this id or name, with its last `last` payments and at most as many dead letters, on one snapshot.
pub async fn show(reader: &Reader, wanted: &str, last: i64, masking: Masking) -> Result<MerchantDetail, OpsError> {
    let wanted = wanted.to_owned();
    reader.store.read(async move |tx| detail(tx, &wanted, last, masking).await).await
}

async fn detail(tx: &mut Tx, wanted: &str, last: i64, masking: Masking) -> Result<MerchantDetail, OpsError> {
    let found = find(tx, wanted).await?;
    let id = found.merchant_id;
    let counters = analytics(tx, "today", "payment_metrics").await?;
    let open = open_payments(tx, Some(id)).await?.pop().map(|(_, open)| open).unwrap_or_default();
    let letters = parked(tx, Some(id)).await?.remove(&Some(id)).unwrap_or_default();
    let merchant = Standing::of(tx, &found, open, letters, &counters).await?;
    let filter = PaymentFilter { merchant_id: Some(id), ..PaymentFilter::default() };
    let (payments, total_payments) = list_payments(tx, &filter, &Part { limit: last, ..Part::default() }).await?;
    let keys = tx.api_keys_of(id).await?.into_iter();
    let mut sources = sources(counters);
    sources.push(FactSource::followed(tx, "balances", Service::Accounting, "accounts").await?);
    sources.push(FactSource::own("API keys", "the platform", "api_keys"));
    Ok(MerchantDetail {
        merchant,
        email: masking.address(&found.email),
        created_at: found.created_at,
        balances: by_currency(&balances_of(tx, id).await?),
        payments: payments.into_iter().map(|payment| PaymentDetail::of(payment, masking)).collect(),
        total_payments,
        dead_letters: dead_letter::open_of_merchant(tx, id, last).await?,
        api_keys: keys
            .map(|key| ApiKeyLine { key_id: key.key_id, label: key.label, created_at: key.created_at, revoked_at: key.revoked_at })
            .collect(),
        at: tx.now(),
        sources,
    })
}

fn by_currency(accounts: &[BalanceView]) -> Vec<Balance> {
    let mut balances: BTreeMap<Currency, Balance> = BTreeMap::new();
    for view in accounts {
        let currency = view.currency;
        let balance = balances.entry(currency).or_insert(Balance { currency, pending: None, available: None, held: None });
        match view.account.parse::<Account>() {
            Ok(Account::MerchantPending(_)) => balance.pending = Some(view.balance),
            Ok(Account::MerchantAvailable(_)) => balance.available = Some(view.balance),
            Ok(Account::WithdrawalHold(_)) => balance.held = Some(view.balance),
            _ => {}
        }
    }
    balances.into_values().collect()
}
