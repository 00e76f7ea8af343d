use std::collections::HashSet;

use crate::domain::{MAX_API_AMOUNT, PaymentStatus, Timestamp, parse_timestamp};
use crate::http::{ApiError, ErrorCode, Page};

use super::query::PaymentFilter;
use super::request::STRIPE;

/// What a list of payments was asked for.
pub(super) struct ListQuery {
    pub(super) filter: PaymentFilter,
    pub(super) page: Page,
}

impl ListQuery {
    /// Reads the parameters of a query; an unknown, repeated or unusable one is refused rather than passed over.
    pub(super) fn parse(pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut filter = PaymentFilter::default();
        let (mut page, mut page_size) = (None, None);
        let mut seen = HashSet::new();
        for (name, value) in pairs {
            if !seen.insert(name.clone()) {
                return Err(bad(&name, "is given twice"));
            }
            match name.as_str() {
                "page" => page = Some(value),
                "page_size" => page_size = Some(value),
                "status" => filter.status = Some(PaymentStatus::parse(&value).ok_or_else(|| bad_status(&name))?),
                "channel" if value == STRIPE => filter.channel = Some(value),
                "channel" => {
                    return Err(
                        ApiError::new(ErrorCode::ChannelNotSupported, "the channel is not supported; use stripe").with("field", name)
                    );
                }
                "currency" => {
                    let unknown = || ApiError::new(ErrorCode::InvalidCurrency, "currency is an ISO 4217 code, such as USD");
                    filter.currency = Some(value.parse().map_err(|_| unknown().with("field", "currency"))?);
                }
                "customer_email" if value.is_empty() || value.contains(char::is_control) => return Err(bad(&name, "is an e-mail address")),
                "customer_email" => filter.customer_email = Some(value),
                "order_no" => {
                    value.parse::<crate::domain::OrderNo>().map_err(|error| ApiError::field(&name, error.to_string()))?;
                    filter.order_no = Some(value);
                }
                "start_time" => filter.start_time = Some(time(&name, &value)?),
                "end_time" => filter.end_time = Some(time(&name, &value)?),
                "min_amount" => filter.min_amount = Some(amount(&name, &value)?),
                "max_amount" => filter.max_amount = Some(amount(&name, &value)?),
                _ => return Err(bad(&name, "is not a filter of this list")),
            }
        }
        if matches!((filter.start_time, filter.end_time), (Some(start), Some(end)) if end < start) {
            return Err(bad("end_time", "is before start_time"));
        }
        if matches!((filter.min_amount, filter.max_amount), (Some(min), Some(max)) if max < min) {
            return Err(bad("max_amount", "is below min_amount"));
        }
        Ok(Self { filter, page: Page::parse(page.as_deref(), page_size.as_deref())? })
    }
}

fn time(name: &str, value: &str) -> Result<Timestamp, ApiError> {
    parse_timestamp(value).ok_or_else(|| bad(name, "is an RFC 3339 time with a zone, such as 2026-01-02T00:00:00Z"))
}

fn amount(name: &str, value: &str) -> Result<i64, ApiError> {
    let minor = value.parse().ok().filter(|minor| (0..=MAX_API_AMOUNT).contains(minor));
    minor.ok_or_else(|| bad(name, "is a whole number of minor units"))
}

fn bad_status(name: &str) -> ApiError {
    let known: Vec<&str> = PaymentStatus::ALL.iter().map(|status| status.as_str()).collect();
    bad(name, &format!("is one of {}", known.join(", ")))
}

/// A parameter's name may be anything that a caller typed, so it goes into the details only as far as it is a name.
fn bad(name: &str, what: &str) -> ApiError {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    ApiError::field(&name, format!("{name} {what}"))
}
