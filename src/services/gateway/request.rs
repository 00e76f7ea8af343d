//! What a merchant may ask for: every field of a create judged by itself, before anything is looked up.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Currency, Email, MAX_API_AMOUNT, MerchantId, Money, OrderNo, to_stripe};
use crate::event::Extra;
use crate::http::{ApiError, ErrorCode, free_fields, free_text};

use super::web_address::is_web_address;

const MAX_DESCRIPTION_CHARS: usize = 500;
const MAX_URL_CHARS: usize = 2048;
const MAX_EXTRA_BYTES: usize = 8 * 1024;
/// A week: longer than any checkout stays open.
const MAX_EXPIRE_MINUTES: i64 = 7 * 24 * 60;
/// The one channel there is.
pub(super) const STRIPE: &str = "stripe";
/// What the platform itself writes into `extra`.
pub(super) const EXTRA_LATE: &str = "late";
pub(super) const EXTRA_RISK: &str = "risk";

/// The body of a create as it came; absent and null are the same.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CreateBody {
    merchant_id: Value,
    amount: Value,
    currency: Value,
    channel: Value,
    customer_email: Value,
    customer_ip: Value,
    order_no: Value,
    description: Value,
    return_url: Value,
    notify_url: Value,
    expire_minutes: Value,
    extra: Value,
}

/// A create whose every field is sound.
pub(super) struct Draft {
    pub(super) merchant_id: MerchantId,
    pub(super) money: Money,
    pub(super) customer_email: Email,
    pub(super) customer_ip: Option<String>,
    pub(super) order_no: Option<OrderNo>,
    pub(super) description: Option<String>,
    pub(super) return_url: Option<String>,
    pub(super) notify_url: Option<String>,
    pub(super) expire_minutes: Option<i64>,
    pub(super) extra: Extra,
}

impl CreateBody {
    /// Judges the fields in the order of the contract; the first that is wrong is named.
    ///
    /// `bytes` is the body as it came: an array of values in the right order would be read as well, and is no object.
    pub(super) fn check(self, bytes: &[u8]) -> Result<Draft, ApiError> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(ApiError::new(ErrorCode::InvalidRequest, "the body is an object"));
        }
        let merchant_id = required("merchant_id", self.merchant_id)?;
        let merchant_id = merchant_id.parse().map_err(|_| ApiError::field("merchant_id", "merchant_id is a UUID with hyphens"))?;
        let amount = amount(&self.amount)?;
        let money = Money::new(amount, currency(self.currency)?);
        channel(self.channel)?;
        // What the channel could not charge to the last unit must not become a payment.
        to_stripe(money).map_err(|error| invalid_amount(error.to_string()))?;
        let email = required("customer_email", self.customer_email)?;
        let customer_email = email.parse().map_err(|_| ApiError::field("customer_email", "customer_email is not an e-mail address"))?;
        Ok(Draft {
            merchant_id,
            money,
            customer_email,
            customer_ip: customer_ip(self.customer_ip)?,
            order_no: order_no(self.order_no)?,
            description: description(self.description)?,
            return_url: web_address("return_url", self.return_url)?,
            notify_url: web_address("notify_url", self.notify_url)?,
            expire_minutes: expire_minutes(&self.expire_minutes)?,
            extra: extra(self.extra)?,
        })
    }
}

fn amount(value: &Value) -> Result<i64, ApiError> {
    if value.is_null() {
        return Err(missing("amount"));
    }
    let minor = value.as_i64().filter(|minor| (1..=MAX_API_AMOUNT).contains(minor));
    minor.ok_or_else(|| invalid_amount(format!("amount is a whole number of minor units from 1 to {MAX_API_AMOUNT}")))
}

fn invalid_amount(message: String) -> ApiError {
    ApiError::new(ErrorCode::InvalidAmount, message).with("field", "amount")
}

fn currency(value: Value) -> Result<Currency, ApiError> {
    required("currency", value)?.parse().map_err(|_| {
        ApiError::new(ErrorCode::InvalidCurrency, "currency is an ISO 4217 code in upper case, such as USD").with("field", "currency")
    })
}

fn channel(value: Value) -> Result<(), ApiError> {
    if required("channel", value)? == STRIPE {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::ChannelNotSupported, "the channel is not supported; use stripe")
        .with("field", "channel")
        .with("supported", vec![STRIPE]))
}

fn customer_ip(value: Value) -> Result<Option<String>, ApiError> {
    let Some(text) = optional("customer_ip", value)? else { return Ok(None) };
    let ip: IpAddr = text.parse().map_err(|_| ApiError::field("customer_ip", "customer_ip is an IPv4 or IPv6 address"))?;
    Ok(Some(ip.to_string()))
}

fn order_no(value: Value) -> Result<Option<OrderNo>, ApiError> {
    let Some(text) = optional("order_no", value)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error: crate::domain::InvalidId| ApiError::field("order_no", error.to_string()))
}

fn description(value: Value) -> Result<Option<String>, ApiError> {
    let text = optional("description", value)?;
    if let Some(text) = &text {
        if text.chars().count() > MAX_DESCRIPTION_CHARS {
            return Err(ApiError::field("description", format!("description has at most {MAX_DESCRIPTION_CHARS} characters")));
        }
        free_text("description", text)?;
    }
    Ok(text)
}

fn web_address(field: &str, value: Value) -> Result<Option<String>, ApiError> {
    let text = optional(field, value)?;
    if text.as_deref().is_some_and(|text| text.len() > MAX_URL_CHARS || !is_web_address(text)) {
        return Err(ApiError::field(field, format!("{field} is an http or https address of at most {MAX_URL_CHARS} characters")));
    }
    Ok(text)
}

fn expire_minutes(value: &Value) -> Result<Option<i64>, ApiError> {
    if value.is_null() {
        return Ok(None);
    }
    let minutes = value.as_i64().filter(|minutes| (1..=MAX_EXPIRE_MINUTES).contains(minutes));
    minutes
        .map(Some)
        .ok_or_else(|| ApiError::field("expire_minutes", format!("expire_minutes is a whole number from 1 to {MAX_EXPIRE_MINUTES}")))
}

fn extra(value: Value) -> Result<Extra, ApiError> {
    let extra = match value {
        Value::Null => return Ok(Extra::new()),
        Value::Object(extra) => extra,
        _ => return Err(ApiError::field("extra", "extra is an object")),
    };
    if let Some(reserved) = [EXTRA_LATE, EXTRA_RISK].into_iter().find(|name| extra.contains_key(*name)) {
        return Err(ApiError::field("extra", format!("extra.{reserved} is written by the platform itself")));
    }
    free_fields("extra", &extra)?;
    let size = serde_json::to_string(&extra).map_or(usize::MAX, |text| text.len());
    if size > MAX_EXTRA_BYTES {
        return Err(ApiError::field("extra", format!("extra has at most {MAX_EXTRA_BYTES} bytes")));
    }
    Ok(extra)
}

fn required(field: &'static str, value: Value) -> Result<String, ApiError> {
    optional(field, value)?.ok_or_else(|| missing(field))
}

fn missing(field: &str) -> ApiError {
    ApiError::field(field, format!("{field} is missing"))
}

fn optional(field: &str, value: Value) -> Result<Option<String>, ApiError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(ApiError::field(field, format!("{field} is a text"))),
    }
}
