//! How the text of a setting becomes its value; an error says what is expected, never what stood there.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{GroupProtocol, LogFormat, MailSink, Profile, Secret, Security, SmtpTls};

/// The highest port of the contract is 40016.
pub(super) const MAX_PORT_OFFSET: u32 = 65_535 - 40_016;
/// A week, the longest that a request may ask for as well.
pub(super) const MAX_EXPIRE_MINUTES: u32 = 60 * 24 * 7;
pub(super) const MAX_FEE_BPS: u32 = 10_000;

/// Of the 249 bytes of a topic's name; the longest of ours has 40.
const MAX_TOPIC_PREFIX: usize = 128;

type Parsed<T> = Result<T, String>;

pub(super) fn number<T: TryFrom<u32>>(what: &str, range: RangeInclusive<u32>, text: &str) -> Parsed<T> {
    let number = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse::<u32>().ok());
    let fits = number.filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok());
    fits.ok_or_else(|| format!("{what} is a number from {} to {}", range.start(), range.end()))
}

pub(super) fn port(text: &str) -> Parsed<u16> {
    number("a port", 1..=65_535, text)
}

/// How long something may take: a whole number of ms, s or m, from a millisecond to an hour.
pub(super) fn span(text: &str) -> Parsed<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
    let one = match unit {
        "ms" => Some(Duration::from_millis(1)),
        "s" => Some(Duration::from_secs(1)),
        "m" => Some(Duration::from_mins(1)),
        _ => None,
    };
    let span = number.parse::<u32>().ok().zip(one).and_then(|(number, one)| one.checked_mul(number));
    let fits = span.filter(|span| (Duration::from_millis(1)..=Duration::from_hours(1)).contains(span));
    fits.ok_or_else(|| "a length of time is a whole number of ms, s or m, such as 10s, and at most 60m".to_owned())
}

pub(super) fn address(text: &str) -> Parsed<IpAddr> {
    text.parse().map_err(|_| "an IP address is expected, such as 127.0.0.1 or 0.0.0.0".to_owned())
}

pub(super) fn truth(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("true or false is expected".to_owned()),
    }
}

/// A base URL without the slashes at its end.
pub(super) fn url(text: &str) -> Parsed<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host_ok = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
    let plain = text.chars().all(|c| c.is_ascii_graphic()) && !text.contains(['?', '#', '@', '"', '<', '>']);
    if host_ok && plain {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("a URL is expected that starts with http:// or https://, without a query and without a password".to_owned())
    }
}

/// Where spans are posted: a base URL gets OTLP's own path.
pub(super) fn collector(text: &str) -> Parsed<String> {
    let base = url(text)?;
    if base.ends_with("/api/traces") {
        return Err("that is Jaeger's Thrift port; its OTLP port is expected, such as http://jaeger:4318".to_owned());
    }
    Ok(if base.ends_with("/v1/traces") { base } else { format!("{base}/v1/traces") })
}

/// A share in percent, with decimals.
pub(super) fn percent(text: &str) -> Parsed<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let share = Some(text).filter(|_| plain).and_then(|text| text.parse::<f64>().ok());
    share.filter(|share| (0.0..=100.0).contains(share)).ok_or_else(|| "a number from 0 to 100 is expected".to_owned())
}

/// A host name or address, without a port.
pub(super) fn host(text: &str) -> Parsed<String> {
    let address = text.parse::<IpAddr>().is_ok();
    if address || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))) {
        Ok(text.to_owned())
    } else {
        Err("a host name or an address is expected, without a port".to_owned())
    }
}

/// `host:port` of one broker or more.
pub(super) fn brokers(text: &str) -> Parsed<Vec<String>> {
    let one = |part: &str| {
        let (name, number) = part.rsplit_once(':')?;
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        (host(bare).is_ok() && port(number).is_ok()).then(|| part.to_owned())
    };
    let all: Option<Vec<String>> = text.split(',').map(str::trim).map(one).collect();
    all.ok_or_else(|| "host:port is expected, or several of them separated by commas".to_owned())
}

/// What every topic and group may begin with, short enough that the longest name still fits.
pub(super) fn topic_prefix(text: &str) -> Parsed<String> {
    let good =
        text.len() <= MAX_TOPIC_PREFIX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    good.then(|| text.to_owned())
        .ok_or_else(|| format!("at most {MAX_TOPIC_PREFIX} letters, digits, dots, hyphens and underscores are expected"))
}

pub(super) fn group_protocol(text: &str) -> Parsed<GroupProtocol> {
    match text {
        "consumer" => Ok(GroupProtocol::Consumer),
        "classic" => Ok(GroupProtocol::Classic),
        _ => Err("a group protocol is consumer or classic".to_owned()),
    }
}

/// Kafka's own names, in either case.
pub(super) fn kafka_security(text: &str) -> Parsed<Security> {
    let all = [Security::Plaintext, Security::Ssl, Security::SaslPlaintext, Security::SaslSsl];
    all.into_iter()
        .find(|security| security.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| "plaintext, ssl, sasl_plaintext or sasl_ssl is expected".to_owned())
}

pub(super) fn sasl_mechanism(text: &str) -> Parsed<String> {
    let name = text.to_ascii_uppercase();
    ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]
        .contains(&name.as_str())
        .then_some(name)
        .ok_or_else(|| "a mechanism is SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN".to_owned())
}

/// A secret that travels in an HTTP header or signs something: visible ASCII.
pub(super) fn key(text: &str) -> Parsed<Secret> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(text))
    } else {
        Err("visible ASCII characters without spaces or line breaks are expected".to_owned())
    }
}

pub(super) fn keys(text: &str) -> Parsed<Vec<Secret>> {
    text.split(',').map(|part| key(part.trim())).collect::<Result<_, _>>().map_err(|reason| format!("{reason}, separated by commas"))
}

/// A password: anything but control characters.
pub(super) fn password(text: &str) -> Parsed<Secret> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("a text without line breaks and other control characters is expected".to_owned());
    }
    Ok(Secret::new(text))
}

/// Any line of text.
pub(super) fn line(text: &str) -> Parsed<String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("a line of text is expected".to_owned());
    }
    Ok(text.to_owned())
}

/// `no-reply@example.com` or `Name <no-reply@example.com>`.
pub(super) fn sender(text: &str) -> Parsed<String> {
    let inner = text.strip_suffix('>').and_then(|rest| rest.split_once('<')).map_or(text, |(_, address)| address);
    let good = !text.chars().any(char::is_control) && inner.parse::<crate::domain::Email>().is_ok();
    good.then(|| text.to_owned())
        .ok_or_else(|| "an address is expected, such as no-reply@example.com or Shop <no-reply@example.com>".to_owned())
}

pub(super) fn filter(text: &str) -> Parsed<String> {
    let level =
        |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok_and(|_| !word.bytes().all(|byte| byte.is_ascii_digit()));
    let good = text.split(',').map(str::trim).all(|part| match part.split_once('=') {
        Some((target, word)) => !target.is_empty() && level(word),
        None => level(part),
    });
    good.then(|| text.to_owned()).ok_or_else(|| "a filter is expected, such as info, debug or warn,payctl=debug".to_owned())
}

pub(super) fn profile(text: &str) -> Parsed<Profile> {
    Profile::parse(text).ok_or_else(|| "a profile is development or production".to_owned())
}

pub(super) fn mail_sink(text: &str) -> Parsed<MailSink> {
    match text {
        "files" => Ok(MailSink::Files),
        "null" => Ok(MailSink::Null),
        _ => Err("a mail sink is files or null".to_owned()),
    }
}

pub(super) fn smtp_tls(text: &str) -> Parsed<SmtpTls> {
    match text {
        "required" => Ok(SmtpTls::Required),
        "none" => Ok(SmtpTls::None),
        _ => Err("required or none is expected".to_owned()),
    }
}

pub(super) fn log_format(text: &str) -> Parsed<LogFormat> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err("a log format is auto, human or json".to_owned()),
    }
}
