//! What a merchant may ask for, field by field, judged before anything is looked up.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Email, MAX_API_AMOUNT, MerchantId, Money, OrderNo, OrderStatus, Timestamp, parse_timestamp};
use crate::event::Extra;
use crate::http::{ApiError, ErrorCode, Page, free_fields};

use super::query::OrderFilter;

const MAX_EXTRA_BYTES: usize = 8 * 1024;

/// The body of a create as it came; absent and null are the same.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CreateBody {
    merchant_id: Value,
    order_no: Value,
    total_amount: Value,
    currency: Value,
    customer_email: Value,
    extra: Value,
}

/// An order whose every field is sound.
pub(super) struct NewOrder {
    pub(super) order_no: Option<String>,
    pub(super) money: Money,
    pub(super) customer_email: Email,
    pub(super) extra: Extra,
}

impl CreateBody {
    /// The first field that is wrong is named. The merchant is the caller's; a body that names one must name the same.
    pub(super) fn check(self, caller: MerchantId) -> Result<NewOrder, ApiError> {
        if let Some(named) = text("merchant_id", self.merchant_id)?
            && named.parse() != Ok(caller)
        {
            return Err(ApiError::new(ErrorCode::Forbidden, "merchant_id is not this API key's merchant"));
        }
        let order_no = match text("order_no", self.order_no)? {
            Some(given) => Some(given.parse::<OrderNo>().map_err(|error| ApiError::field("order_no", error.to_string()))?),
            None => None,
        };
        let minor = self.total_amount.as_i64().filter(|minor| (1..=MAX_API_AMOUNT).contains(minor)).ok_or_else(|| {
            let message = format!("total_amount is a whole number of minor units from 1 to {MAX_API_AMOUNT}");
            ApiError::new(ErrorCode::InvalidAmount, message).with("field", "total_amount")
        })?;
        let currency = text("currency", self.currency)?.unwrap_or_default().parse().map_err(|_| invalid_currency())?;
        let email = text("customer_email", self.customer_email)?.unwrap_or_default();
        let customer_email = email.parse().map_err(|_| ApiError::field("customer_email", "customer_email is an e-mail address"))?;
        let order_no = order_no.map(|order_no| order_no.as_str().to_owned());
        Ok(NewOrder { order_no, money: Money::new(minor, currency), customer_email, extra: extra(self.extra)? })
    }
}

fn extra(value: Value) -> Result<Extra, ApiError> {
    let extra = match value {
        Value::Null => Extra::new(),
        Value::Object(extra) => extra,
        _ => return Err(ApiError::field("extra", "extra is an object")),
    };
    free_fields("extra", &extra)?;
    if serde_json::to_string(&extra).map_or(usize::MAX, |text| text.len()) > MAX_EXTRA_BYTES {
        return Err(ApiError::field("extra", format!("extra has at most {MAX_EXTRA_BYTES} bytes")));
    }
    Ok(extra)
}

fn text(field: &str, value: Value) -> Result<Option<String>, ApiError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(ApiError::field(field, format!("{field} is a text"))),
    }
}

fn invalid_currency() -> ApiError {
    ApiError::new(ErrorCode::InvalidCurrency, "currency is an ISO 4217 code in upper case, such as USD").with("field", "currency")
}

/// What a list of orders was asked for.
pub(super) struct ListQuery {
    pub(super) filter: OrderFilter,
    pub(super) page: Page,
}

impl ListQuery {
    /// Reads the parameters of a query; an unknown, repeated or unusable one is refused rather than passed over.
    pub(super) fn parse(caller: MerchantId, pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut filter = OrderFilter { merchant_id: Some(caller), ..OrderFilter::default() };
        let (mut page, mut page_size) = (None, None);
        let mut seen = HashSet::new();
        for (name, value) in pairs {
            match name.as_str() {
                "page" => page = Some(value),
                "page_size" => page_size = Some(value),
                "status" => filter.status = Some(OrderStatus::parse(&value).ok_or_else(unknown_status)?),
                "currency" => filter.currency = Some(value.parse().map_err(|_| invalid_currency())?),
                "start_time" => filter.start_time = Some(moment("start_time", &value)?),
                "end_time" => filter.end_time = Some(moment("end_time", &value)?),
                _ => return Err(ApiError::new(ErrorCode::InvalidRequest, "the query has a filter that this list does not know")),
            }
            if !seen.insert(name) {
                return Err(ApiError::new(ErrorCode::InvalidRequest, "the query gives a filter twice"));
            }
        }
        if matches!((filter.start_time, filter.end_time), (Some(start), Some(end)) if end < start) {
            return Err(ApiError::field("end_time", "end_time is before start_time"));
        }
        Ok(Self { filter, page: Page::parse(page.as_deref(), page_size.as_deref())? })
    }
}

fn unknown_status() -> ApiError {
    let known: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
    ApiError::field("status", format!("status is one of {}", known.join(", ")))
}

fn moment(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    let message = || format!("{field} is an RFC 3339 time with a zone, such as 2026-01-02T00:00:00Z");
    parse_timestamp(text).ok_or_else(|| ApiError::field(field, message()))
}
