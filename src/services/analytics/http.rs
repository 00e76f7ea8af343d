use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, FromRequestParts, Query, State};
use axum::routing::get;
use chrono::{Days, NaiveDate};
use hyper::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::config::Profile;
use crate::domain::{Currency, MerchantId};
use crate::http::{ApiError, Caller, Edge, ErrorCode, List, Page, Reply, Router};
use crate::store::{Store, StoreError, Tx};

use super::counter::{ChannelCounters, Counters, MerchantCounters, PaymentCounters};
use super::{ChannelMetrics, MerchantMetrics, PaymentMetrics, query};

/// Days that one list may span.
const MAX_DAYS: u64 = 366;
const MAX_CHANNEL_CHARS: usize = 64;

pub(super) fn routes(store: Store) -> Router {
    Router::new()
        .route("/api/v1/analytics/payment-metrics", get(payment_metrics))
        .route("/api/v1/analytics/channel-metrics", get(channel_metrics))
        .route("/api/v1/analytics/merchant-metrics", get(merchant_metrics))
        .with_state(store)
}

type Asking = Result<Query<Params>, QueryRejection>;

async fn payment_metrics(State(store): State<Store>, reader: Reader, asking: Asking) -> Result<Reply, ApiError> {
    let params = Params::read(asking)?;
    let merchant = reader.merchant(params.merchant_id.as_deref())?;
    let asked = params.asked()?;
    let (found, known) = store
        .read(async move |tx| {
            let found = query::payment_metrics(tx, merchant, asked.start, asked.end).await?;
            Ok::<_, StoreError>((found, known::<PaymentCounters>(tx, &merchant.to_string()).await?))
        })
        .await?;
    answer(
        &asked,
        found,
        known,
        |row| row.currency,
        |date, currency| PaymentMetrics::derive(merchant, date, currency, &PaymentCounters::default()),
    )
}

async fn channel_metrics(State(store): State<Store>, _reader: Reader, asking: Asking) -> Result<Reply, ApiError> {
    let params = Params::read(asking)?;
    let channel = params.channel()?;
    let asked = params.asked()?;
    let wanted = channel.clone();
    let (found, known) = store
        .read(async move |tx| {
            let found = query::channel_metrics(tx, &wanted, asked.start, asked.end).await?;
            Ok::<_, StoreError>((found, known::<ChannelCounters>(tx, &wanted).await?))
        })
        .await?;
    answer(
        &asked,
        found,
        known,
        |row| row.currency,
        |date, currency| ChannelMetrics::derive(&channel, date, currency, &ChannelCounters::default()),
    )
}

async fn merchant_metrics(State(store): State<Store>, reader: Reader, asking: Asking) -> Result<Reply, ApiError> {
    let params = Params::read(asking)?;
    let merchant = reader.merchant(params.merchant_id.as_deref())?;
    let asked = params.asked()?;
    let (found, known) = store
        .read(async move |tx| {
            let found = query::merchant_metrics(tx, merchant, asked.start, asked.end).await?;
            Ok::<_, StoreError>((found, known::<MerchantCounters>(tx, &merchant.to_string()).await?))
        })
        .await?;
    answer(
        &asked,
        found,
        known,
        |row| row.currency,
        |date, currency| MerchantMetrics::derive(merchant, date, currency, &MerchantCounters::default()),
    )
}

/// The currency of a day on which nothing happened: the owner's only one, else US dollars.
async fn known<C: Counters>(tx: &mut Tx, owner: &str) -> Result<Currency, StoreError> {
    Ok(match query::currencies::<C>(tx, owner).await?.as_slice() {
        [only] => *only,
        _ => Currency::USD,
    })
}

/// One object for a day, a list for a range; a day with several currencies needs one of them named.
fn answer<M: Serialize>(
    asked: &Asked,
    mut found: Vec<M>,
    known: Currency,
    currency_of: impl Fn(&M) -> Currency,
    nothing: impl Fn(NaiveDate, Currency) -> M,
) -> Result<Reply, ApiError> {
    if let Some(currency) = asked.currency {
        found.retain(|row| currency_of(row) == currency);
    }
    if let Some(page) = asked.page {
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
        let size = usize::try_from(page.page_size).unwrap_or(0);
        let rows = found.into_iter().skip(skipped).take(size).collect();
        return Reply::ok(&List::new(rows, total, page));
    }
    match found.as_slice() {
        [] => Reply::ok(&nothing(asked.start, asked.currency.unwrap_or(known))),
        [only] => Reply::ok(only),
        several => {
            let currencies: Vec<String> = several.iter().map(|row| currency_of(row).to_string()).collect();
            let message = format!("that day has several currencies; add currency= with one of {}", currencies.join(", "));
            Err(ApiError::field("currency", message).with("currencies", currencies))
        }
    }
}

/// What is asked for, once it has been checked.
#[derive(Debug, Clone, Copy)]
struct Asked {
    start: NaiveDate,
    end: NaiveDate,
    currency: Option<Currency>,
    /// Set when a range was asked for: the answer is a list.
    page: Option<Page>,
}

#[derive(Debug, Deserialize)]
struct Params {
    merchant_id: Option<String>,
    channel: Option<String>,
    date: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    currency: Option<String>,
    page: Option<String>,
    page_size: Option<String>,
}

impl Params {
    fn read(asking: Asking) -> Result<Self, ApiError> {
        let Query(params) =
            asking.map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "the query cannot be read, or names a field twice"))?;
        Ok(params)
    }

    fn channel(&self) -> Result<String, ApiError> {
        let named = |channel: &&String| !channel.is_empty() && channel.len() <= MAX_CHANNEL_CHARS;
        let channel = self.channel.as_ref().filter(named);
        channel.cloned().ok_or_else(|| ApiError::field("channel", "name the channel, as in channel=stripe"))
    }

    fn asked(&self) -> Result<Asked, ApiError> {
        let unknown = || ApiError::new(ErrorCode::InvalidCurrency, "currency is an upper-case ISO 4217 code").with("field", "currency");
        let currency = self.currency.as_deref().map(|text| text.parse().map_err(|_| unknown())).transpose()?;
        match (&self.date, &self.start_date, &self.end_date) {
            (Some(date), None, None) => {
                let day = date_of("date", date)?;
                Ok(Asked { start: day, end: day, currency, page: None })
            }
            (None, Some(start), Some(end)) => {
                let (start, end) = (date_of("start_date", start)?, date_of("end_date", end)?);
                let last = start.checked_add_days(Days::new(MAX_DAYS - 1));
                if end < start || last.is_none_or(|last| end > last) {
                    return Err(ApiError::field(
                        "end_date",
                        format!("end_date is start_date or one of the {} days after it", MAX_DAYS - 1),
                    ));
                }
                let page = Page::parse(self.page.as_deref(), self.page_size.as_deref())?;
                Ok(Asked { start, end, currency, page: Some(page) })
            }
            _ => Err(ApiError::field("date", "give either date, or start_date and end_date, as yyyy-mm-dd")),
        }
    }
}

fn date_of(field: &str, text: &str) -> Result<NaiveDate, ApiError> {
    let date = if text.len() == 10 { text.parse::<NaiveDate>().ok() } else { None };
    date.ok_or_else(|| ApiError::field(field, format!("{field} is a date such as 2026-01-31")))
}

/// Who reads: a merchant with a key, or in the development profile anyone on this machine.
#[derive(Debug)]
enum Reader {
    Merchant(MerchantId),
    Loopback,
}

impl Reader {
    /// The merchant whose metrics are wanted, if the reader may see them.
    fn merchant(&self, asked: Option<&str>) -> Result<MerchantId, ApiError> {
        let asked: Option<MerchantId> =
            asked.map(|text| text.parse().map_err(|_| ApiError::field("merchant_id", "merchant_id is a UUID"))).transpose()?;
        match (self, asked) {
            (Self::Merchant(own), Some(asked)) if *own != asked => {
                Err(ApiError::new(ErrorCode::Forbidden, "this API key belongs to another merchant"))
            }
            (Self::Merchant(own), _) => Ok(*own),
            (Self::Loopback, Some(asked)) => Ok(asked),
            (Self::Loopback, None) => Err(ApiError::field("merchant_id", "say whose metrics: merchant_id=…")),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let open = parts.extensions.get::<Arc<Edge>>().is_some_and(|edge| edge.profile == Profile::Development);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let local = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
        if open && local && !parts.headers.contains_key("x-api-key") {
            return Ok(Self::Loopback);
        }
        Caller::from_request_parts(parts, state).await.map(|caller| Self::Merchant(caller.merchant_id))
    }
}
