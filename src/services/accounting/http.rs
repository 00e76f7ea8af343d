use std::collections::BTreeMap;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId, Timestamp, parse_timestamp};
use crate::http::{ApiError, Caller, ErrorCode, Internal, List, Page, Reply, Router};
use crate::store::Store;

use super::query::{self, BalanceView, TransactionFilter};

/// The books change only through events, so every route reads.
pub(super) fn routes(store: &Store) -> Router {
    Router::new()
        .route("/api/v1/accounts", get(accounts))
        .route("/api/v1/transactions", get(transactions))
        .route("/api/v1/balances/{merchant_id}", get(balances))
        .route("/api/v1/trial-balance", get(trial_balance))
        .with_state(store.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    page: Option<String>,
    page_size: Option<String>,
}

async fn accounts(State(store): State<Store>, caller: Caller, query: Result<Query<PageQuery>, QueryRejection>) -> Result<Reply, ApiError> {
    let query = known(query)?;
    let page = Page::parse(query.page.as_deref(), query.page_size.as_deref())?;
    let all = store.read(async move |tx| query::balances_of(tx, caller.merchant_id).await).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let wanted = usize::try_from(page.page_size).unwrap_or(0);
    let list: Vec<BalanceView> = all.into_iter().skip(skipped).take(wanted).collect();
    Reply::ok(&List::new(list, total, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransactionsQuery {
    page: Option<String>,
    page_size: Option<String>,
    related_id: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
}

async fn transactions(
    State(store): State<Store>,
    caller: Caller,
    query: Result<Query<TransactionsQuery>, QueryRejection>,
) -> Result<Reply, ApiError> {
    let query = known(query)?;
    let page = Page::parse(query.page.as_deref(), query.page_size.as_deref())?;
    let filter = TransactionFilter {
        merchant: caller.merchant_id,
        related_id: query.related_id.filter(|text| !text.is_empty()),
        start_time: moment("start_time", query.start_time.as_deref())?,
        end_time: moment("end_time", query.end_time.as_deref())?,
    };
    if matches!((filter.start_time, filter.end_time), (Some(start), Some(end)) if end < start) {
        return Err(ApiError::field("end_time", "end_time is before start_time"));
    }
    let (list, total) = store
        .read(async move |tx| {
            let (found, total) = query::transactions(tx, &filter, page.page_size, page.offset()).await?;
            Ok::<_, ApiError>((found, total))
        })
        .await?;
    Reply::ok(&List::new(list, total, page))
}

/// What a merchant has in one currency.
#[derive(Serialize)]
struct MerchantBalance {
    currency: Currency,
    /// Taken, not yet settled; negative where refunds have outrun sales.
    pending: i64,
    /// Settled, free to be withdrawn.
    available: i64,
    /// On its way to the bank.
    held: i64,
}

#[derive(Serialize)]
struct MerchantBalances {
    merchant_id: MerchantId,
    balances: Vec<MerchantBalance>,
}

async fn balances(State(store): State<Store>, caller: Caller, Path(merchant_id): Path<String>) -> Result<Reply, ApiError> {
    // Another merchant's id and one that does not exist answer alike.
    if merchant_id.parse() != Ok(caller.merchant_id) {
        return Err(ApiError::new(ErrorCode::Forbidden, "this API key reads only its own merchant's balances"));
    }
    let merchant_id = caller.merchant_id;
    let accounts = store.read(async move |tx| query::balances_of(tx, merchant_id).await).await?;
    let mut by_currency: BTreeMap<Currency, MerchantBalance> = BTreeMap::new();
    for account in accounts {
        let currency = account.currency;
        let entry = by_currency.entry(currency).or_insert(MerchantBalance { currency, pending: 0, available: 0, held: 0 });
        match account.account.split(':').next() {
            Some("merchant_pending") => entry.pending = account.balance,
            Some("merchant_available") => entry.available = account.balance,
            _ => entry.held = account.balance,
        }
    }
    Reply::ok(&MerchantBalances { merchant_id, balances: by_currency.into_values().collect() })
}

async fn trial_balance(State(store): State<Store>, _internal: Internal) -> Result<Reply, ApiError> {
    let books = store.read(async |tx| query::trial_balance(tx).await).await?;
    Reply::ok(&books)
}

fn known<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "the query has an unknown or repeated filter"))?;
    Ok(query)
}

fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let read = |text| parse_timestamp(text).ok_or_else(|| ApiError::field(field, format!("{field} is an RFC 3339 time with a zone")));
    text.map(read).transpose()
}
