//! How words on the command line become values; an error says what is expected.

use std::ffi::OsStr;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use payctl::domain::{
    Currency, Email, MAX_API_AMOUNT, MerchantId, Money, NumberKind, OrderNo, OrderStatus, PaymentStatus, Timestamp, parse_timestamp,
};
use payctl::event::{EventKind, Topic};
use payctl::ops::metrics::MAX_DAYS;
use payctl::services::Service;

use crate::error::Failure;

pub(crate) fn payment_no(text: &str) -> Result<String, String> {
    if NumberKind::Payment.matches(text) {
        Ok(text.to_owned())
    } else {
        Err("a payment number is PY, 14 digits of time and 10 characters, such as PY20260102030405ABCDEFGHJK".to_owned())
    }
}

pub(crate) fn order_no(text: &str) -> Result<String, String> {
    text.parse::<OrderNo>().map(|order_no| order_no.to_string()).map_err(|error| error.to_string())
}

pub(crate) fn currency(text: &str) -> Result<Currency, String> {
    text.to_ascii_uppercase().parse().map_err(|_| "a currency is its code of ISO 4217, such as USD, JPY or KWD".to_owned())
}

pub(crate) fn email(text: &str) -> Result<Email, String> {
    text.parse().map_err(|_| "an e-mail address is expected, such as test@example.com".to_owned())
}

pub(crate) fn merchant(text: &str) -> Result<MerchantId, String> {
    text.parse().map_err(|_| "a merchant is a UUID with hyphens".to_owned())
}

pub(crate) fn idempotency_key(text: &str) -> Result<String, String> {
    if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("a key is 1 to 255 visible ASCII characters".to_owned())
    }
}

/// A moment as it is typed: so long ago, or a time with its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Ago(TimeDelta),
    At(Timestamp),
}

impl Moment {
    pub(crate) fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(span) => now.checked_sub_signed(span).unwrap_or(Timestamp::MIN_UTC),
            Self::At(time) => time,
        }
    }
}

pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    const EXPECTED: &str = "a time is so long ago (90s, 10m, 2h, 3d) or RFC 3339 with its zone, such as 2026-01-02T03:04:05Z";
    if let Some(time) = parse_timestamp(text) {
        return Ok(Moment::At(time));
    }
    let unit = text.chars().next_back();
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u32>().ok()).map(i64::from);
    let span = match (number, unit) {
        (Some(number), Some('s')) => TimeDelta::try_seconds(number),
        (Some(number), Some('m')) => TimeDelta::try_minutes(number),
        (Some(number), Some('h')) => TimeDelta::try_hours(number),
        (Some(number), Some('d')) => TimeDelta::try_days(number),
        _ => None,
    };
    span.map(Moment::Ago).ok_or_else(|| EXPECTED.to_owned())
}

/// A length of time as it is typed: 500ms, 30s, 2m, 1h.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "a length of time is a whole number of ms, s, m or h, such as 30s, and at most 24h";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number = number.parse::<u32>().map_err(|_| EXPECTED.to_owned())?;
    let one = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(EXPECTED.to_owned()),
    };
    one.checked_mul(number).filter(|span| *span <= Duration::from_hours(24)).ok_or_else(|| EXPECTED.to_owned())
}

/// A number of days as it is typed: 7d.
pub(crate) fn days(text: &str) -> Result<u64, String> {
    let days = text.strip_suffix('d').and_then(|digits| digits.parse::<u64>().ok()).filter(|days| (1..=MAX_DAYS).contains(days));
    days.ok_or_else(|| format!("a range is a number of days from 1d to {MAX_DAYS}d, such as 7d"))
}

/// Refuses a range that ends before it begins; `from` and `to` are the flags, `help` is the command that explains them.
pub(crate) fn in_order<T: PartialOrd>(start: Option<T>, end: Option<T>, from: &str, to: &str, help: &str) -> Result<(), Failure> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Failure::usage(format!("{to} is below {from}: nothing lies in between"), help)),
        _ => Ok(()),
    }
}

pub(crate) fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a date is yyyy-mm-dd in UTC, such as 2026-01-02".to_owned())
}

/// A topic by its name; clap lists and suggests the names.
pub(crate) fn topic() -> impl clap::builder::TypedValueParser<Value = Topic> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(Topic::ALL.iter().map(|topic| topic.name()));
    names.try_map(|name| Topic::parse(&name).ok_or("no such topic"))
}

/// An event type by its wire name; clap lists and suggests the names.
pub(crate) fn event_kind() -> impl clap::builder::TypedValueParser<Value = EventKind> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(EventKind::ALL.iter().map(|kind| kind.as_str()));
    names.try_map(|name| EventKind::parse(&name).ok_or("no such type"))
}

/// A service that reads topics, by the short name of its group.
pub(crate) fn group() -> impl clap::builder::TypedValueParser<Value = Service> {
    use clap::builder::TypedValueParser as _;
    let groups = Service::ALL.iter().filter(|service| service.group().is_some());
    let names = clap::builder::PossibleValuesParser::new(groups.map(|service| service.name()));
    names.try_map(|name| Service::parse(&name).ok_or("no such group"))
}

/// A group by any name, since the brokers may know more of them; the platform's own are listed and completed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyGroup;

impl clap::builder::TypedValueParser for AnyGroup {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&clap::Arg>, value: &OsStr) -> Result<String, clap::Error> {
        clap::builder::NonEmptyStringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = clap::builder::PossibleValue> + '_>> {
        let groups = Service::ALL.iter().filter(|service| service.group().is_some());
        Some(Box::new(groups.map(|service| clap::builder::PossibleValue::new(service.name()))))
    }
}

/// Which part of a list.
#[derive(Debug, clap::Args)]
pub(crate) struct Page {
    /// Which page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) page: i64,
    /// How many a page
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub(crate) page_size: i64,
}

pub(crate) fn payment_status() -> impl clap::builder::TypedValueParser<Value = PaymentStatus> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(PaymentStatus::ALL.iter().map(|status| status.as_str()));
    names.try_map(|name| PaymentStatus::parse(&name).ok_or("no such status"))
}

pub(crate) fn order_status() -> impl clap::builder::TypedValueParser<Value = OrderStatus> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(OrderStatus::ALL.iter().map(|status| status.as_str()));
    names.try_map(|name| OrderStatus::parse(&name).ok_or("no such status"))
}

/// An amount in minor units to compare with.
pub(crate) fn minor() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(0..=MAX_API_AMOUNT)
}

/// An amount in minor units; whoever types a point is told the number that was meant.
pub(crate) fn amount_minor(text: &str, currency: Currency) -> Result<i64, String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(text) {
        let amount = text.parse::<i64>().ok().filter(|amount| (1..=MAX_API_AMOUNT).contains(amount));
        return amount.ok_or_else(|| format!("an amount is from 1 to {MAX_API_AMOUNT} minor units"));
    }
    let places = usize::from(currency.exponent());
    let meant = text.split_once('.').filter(|(whole, part)| digits(whole) && digits(part)).and_then(|(whole, part)| {
        let cents = part.trim_end_matches('0');
        (cents.len() <= places).then(|| format!("{whole}{cents:0<places$}").parse::<i64>().ok()).flatten()
    });
    match meant {
        Some(minor) => Err(format!("an amount is in minor units: {} is --amount {minor}", Money::new(minor, currency))),
        None => Err(format!("an amount is a whole number of minor units: {} is --amount {}", Money::new(12_345, currency), 12_345)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_answered_with_the_number_that_was_meant() {
        for (text, code, meant) in [
            ("100.00", "USD", "100.00 USD is --amount 10000"),
            ("100.5", "USD", "100.50 USD is --amount 10050"),
            ("0.05", "USD", "0.05 USD is --amount 5"),
            ("7.0", "JPY", "7 JPY is --amount 7"),
            ("1.5", "KWD", "1.500 KWD is --amount 1500"),
            ("1.005", "USD", "123.45 USD is --amount 12345"),
            ("1e5", "USD", "123.45 USD is --amount 12345"),
            ("-5", "USD", "123.45 USD is --amount 12345"),
            ("1,000", "JPY", "12345 JPY is --amount 12345"),
        ] {
            let error = amount_minor(text, code.parse().unwrap()).unwrap_err();
            assert!(error.ends_with(meant), "{text} {code}: {error}");
        }
    }

    #[test]
    fn amounts_are_whole_and_in_range() {
        assert_eq!(amount_minor("10000", Currency::USD), Ok(10_000));
        assert_eq!(amount_minor("9007199254740991", Currency::USD), Ok(MAX_API_AMOUNT));
        for text in ["0", "9007199254740992", "99999999999999999999"] {
            assert!(amount_minor(text, Currency::USD).unwrap_err().contains("from 1 to"), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_span_or_a_time_with_its_zone() {
        let now = parse_timestamp("2026-01-02T03:04:05Z").unwrap();
        let at = |text: &str| moment(text).map(|moment| moment.before(now).to_rfc3339());
        assert_eq!(at("90s").unwrap(), "2026-01-02T03:02:35+00:00");
        assert_eq!(at("3d").unwrap(), "2025-12-30T03:04:05+00:00");
        assert_eq!(at("2026-01-01T01:00:00+01:00").unwrap(), "2026-01-01T00:00:00+00:00");
        for text in ["", "m", "10", "-5m", "10 m", "2026-01-01T01:00:00", "yesterday", "1ä"] {
            assert!(at(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_length_of_time_is_a_number_and_its_unit() {
        for (text, millis) in [("500ms", 500), ("30s", 30_000), ("0s", 0), ("2m", 120_000), ("24h", 86_400_000)] {
            assert_eq!(span(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "30", "-1s", "1.5s", "25h", "1d", "30 s"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_is_a_number_of_days() {
        assert_eq!((days("7d"), days("366d")), (Ok(7), Ok(366)));
        for text in ["", "d", "7", "0d", "367d", "1w", "-1d"] {
            assert!(days(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_currency_may_be_typed_in_lower_case() {
        assert_eq!(currency("usd"), Ok(Currency::USD));
        assert!(currency("ZZZ").is_err());
    }
}
