use super::value::{self, MAX_EXPIRE_MINUTES, MAX_FEE_BPS, MAX_PORT_OFFSET};
use super::{Config, Secret, database_url};

/// One thing that can be set.
#[derive(Debug)]
pub struct Spec {
    /// Its key in `payctl.toml`; what stands before the dot is the section.
    pub key: &'static str,
    /// Its variable.
    pub env: &'static str,
    /// Its flag, where it has one.
    pub flag: Option<&'static str>,
    /// What it is where nothing sets it.
    pub default: Fallback,
    /// How its text is treated.
    pub kind: Kind,
    /// What it does, in one line.
    pub about: &'static str,
    /// Checks the text and puts the value in its place.
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
}

/// What a setting is where nothing sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This text.
    Text(&'static str),
    /// Found out at start; the words say how.
    Found(&'static str),
    /// Nothing; the words say what that means.
    Unset(&'static str),
}

/// How a setting's text is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Shown as it is.
    Text,
    /// A path; in the file it is relative to the file.
    Path,
    /// Set by being set to anything (`NO_COLOR`).
    Presence,
    /// Never shown; may come from a file that `NAME_FILE` names.
    Secret,
}

impl Spec {
    /// Whether the value must not be seen.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    /// The section of `payctl.toml`; empty for what stands at its top.
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }
}

macro_rules! setting {
    ($key:literal $env:literal $($flag:literal)?, $kind:ident, $default:expr, $about:literal, $set:expr) => {
        Spec { key: $key, env: $env, flag: setting!(@flag $($flag)?), default: $default, kind: Kind::$kind, about: $about, set: $set }
    };
    (@flag) => { None };
    (@flag $flag:literal) => { Some($flag) };
}

/// Puts a parsed value into its place.
fn put<T>(place: &mut T, value: Result<T, String>) -> Result<(), String> {
    *place = value?;
    Ok(())
}

/// Puts a parsed value into a place that may be empty.
fn put_some<T>(place: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    *place = Some(value?);
    Ok(())
}

use Fallback::{Found, Text, Unset};

/// THE table of settings: file keys, variables, `config show`, `config keys` and the example file derive from it.
#[rustfmt::skip]
pub const SETTINGS: &[Spec] = &[
    setting!("profile" "PAYCTL_PROFILE" "--profile", Text, Found("development; production for serve"),
        "development seeds a merchant and uses the sandbox; production refuses default secrets", |c, t| put(&mut c.profile, value::profile(t))),
    setting!("data_dir" "PAYCTL_DATA_DIR" "--data-dir", Path, Found("payctl under your directory for data"),
        "where the database and, in development, the mails lie", |c, t| put(&mut c.data_dir, value::line(t).map(Into::into))),
    setting!("port_offset" "PAYCTL_PORT_OFFSET" "--port-offset", Text, Text("0"),
        "added to every port, so that platforms live side by side", |c, t| put(&mut c.port_offset, value::number("a port offset", 0..=MAX_PORT_OFFSET, t))),
    setting!("bind" "PAYCTL_BIND", Text, Text("127.0.0.1"),
        "the address that services listen on", |c, t| put(&mut c.bind, value::address(t))),
    setting!("port" "PORT", Text, Unset("each service's own port"),
        "the port of serve with one service", |c, t| put_some(&mut c.port, value::port(t))),
    setting!("api_key" "PAYCTL_API_KEY", Secret, Unset("the seeded key in development"),
        "the merchant's API key that the console shows to the platform", |c, t| put_some(&mut c.api_key, value::key(t))),
    setting!("internal_token" "PAYCTL_INTERNAL_TOKEN", Secret, Unset("made at first start in development"),
        "what services show each other; at least 32 bytes in production", |c, t| put_some(&mut c.internal_token, value::key(t))),
    setting!("no_color" "NO_COLOR" "--no-color", Presence, Text("false"),
        "no colour, also on a terminal", |c, t| put(&mut c.no_color, value::truth(t))),
    setting!("pager" "PAYCTL_PAGER", Text, Found("PAGER, else less -FRX"),
        "what the console shows long lists with on a terminal; cat for nothing", |c, t| put(&mut c.pager, value::line(t))),
    setting!("read_only" "PAYCTL_READ_ONLY" "--read-only", Text, Text("false"),
        "the console refuses whatever changes something", |c, t| put(&mut c.read_only, value::truth(t))),
    setting!("timeout" "PAYCTL_TIMEOUT" "--timeout", Text, Text("10s"),
        "how long the console waits for database and brokers, such as 500ms, 30s or 2m", |c, t| put(&mut c.timeout, value::span(t))),

    setting!("database.url" "DATABASE_URL", Secret, Unset("one SQLite file under data_dir"),
        "the PostgreSQL server: postgres://user:password@host:port/name?sslmode=verify-full&sslrootcert=file", |c, t| put_some(&mut c.database.url, database_url::url(t))),
    setting!("database.host" "DB_HOST", Text, Unset("one SQLite file under data_dir"),
        "the PostgreSQL server, where database.url does not name it", |c, t| put_some(&mut c.database.host, value::host(t))),
    setting!("database.port" "DB_PORT", Text, Text("5432"),
        "its port", |c, t| put(&mut c.database.port, value::port(t))),
    setting!("database.user" "DB_USER", Text, Text("payctl"),
        "the name for its log-in", |c, t| put(&mut c.database.user, value::line(t))),
    setting!("database.password" "DB_PASSWORD", Secret, Unset("no password"),
        "the password for its log-in", |c, t| put_some(&mut c.database.password, value::password(t))),
    setting!("database.name" "DB_NAME", Text, Text("payctl"),
        "the database on it", |c, t| put(&mut c.database.name, value::line(t))),
    setting!("database.ssl_mode" "DB_SSL_MODE", Text, Text("prefer"),
        "disable, prefer, require, or verify-full: chain and host name are checked", |c, t| put(&mut c.database.ssl_mode, database_url::ssl_mode(t))),

    setting!("kafka.brokers" "KAFKA_BROKERS", Text, Unset("the log is in the SQLite file"),
        "host:port of the brokers, separated by commas", |c, t| put(&mut c.kafka.brokers, value::brokers(t))),
    setting!("kafka.topic_prefix" "PAYCTL_TOPIC_PREFIX", Text, Unset("none"),
        "goes before the name of every topic and group, so that platforms may share brokers", |c, t| put(&mut c.kafka.topic_prefix, value::topic_prefix(t))),
    setting!("kafka.group_protocol" "PAYCTL_KAFKA_GROUP_PROTOCOL", Text, Text("consumer"),
        "consumer: the brokers assign partitions, from Kafka 4.0 on; classic: the older protocol", |c, t| put(&mut c.kafka.protocol, value::group_protocol(t))),
    setting!("kafka.security" "PAYCTL_KAFKA_SECURITY", Text, Text("plaintext"),
        "plaintext, ssl, sasl_plaintext or sasl_ssl; all but the first need a build with kafka-tls", |c, t| put(&mut c.kafka.security, value::kafka_security(t))),
    setting!("kafka.ca_file" "PAYCTL_KAFKA_CA_FILE", Path, Unset("the system's authorities"),
        "a PEM file with the authority of the brokers' certificates", |c, t| put_some(&mut c.kafka.ca_file, value::line(t).map(Into::into))),
    setting!("kafka.sasl_mechanism" "PAYCTL_KAFKA_SASL_MECHANISM", Text, Text("SCRAM-SHA-512"),
        "SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN", |c, t| put(&mut c.kafka.sasl_mechanism, value::sasl_mechanism(t))),
    setting!("kafka.sasl_username" "PAYCTL_KAFKA_SASL_USERNAME", Text, Unset("no log-in"),
        "the name for the brokers", |c, t| put_some(&mut c.kafka.sasl_username, value::line(t))),
    setting!("kafka.sasl_password" "PAYCTL_KAFKA_SASL_PASSWORD", Secret, Unset("no log-in"),
        "the password for the brokers", |c, t| put_some(&mut c.kafka.sasl_password, value::password(t))),
    setting!("kafka.replication" "PAYCTL_KAFKA_REPLICATION", Text, Text("0"),
        "copies of a topic that is created, such as 3; 0 leaves it to the brokers", |c, t| put(&mut c.kafka.replication, value::number("a number of copies", 0..=32, t))),
    setting!("kafka.min_insync" "PAYCTL_KAFKA_MIN_INSYNC", Text, Text("0"),
        "copies that must have a record before it counts, such as 2; 0 leaves it to the brokers", |c, t| put(&mut c.kafka.min_insync, value::number("a number of copies", 0..=32, t))),

    setting!("gateway.checkout_url" "PAYCTL_CHECKOUT_URL", Text, Unset("loopback on channel's port"),
        "what payment_url starts with: where payers reach the checkout page", |c, t| put_some(&mut c.gateway.checkout_url, value::url(t))),
    setting!("gateway.expire_minutes" "PAYCTL_EXPIRE_MINUTES", Text, Text("30"),
        "minutes until an unpaid payment expires", |c, t| put(&mut c.gateway.expire_minutes, value::number("a time in minutes", 1..=MAX_EXPIRE_MINUTES, t))),
    setting!("gateway.fee_bps" "PAYCTL_FEE_BPS", Text, Text("200"),
        "fee of new merchants in basis points", |c, t| put(&mut c.gateway.fee_bps, value::number("a fee in basis points", 0..=MAX_FEE_BPS, t))),

    setting!("stripe.api_base" "STRIPE_API_BASE", Text, Text("https://api.stripe.com"),
        "where Stripe's API is", |c, t| put(&mut c.stripe.api_base, value::url(t))),
    setting!("stripe.api_key" "STRIPE_API_KEY", Secret, Unset("the built-in sandbox in development"),
        "Stripe's secret key", |c, t| put_some(&mut c.stripe.api_key, value::key(t))),
    setting!("stripe.publishable_key" "STRIPE_PUBLISHABLE_KEY", Text, Unset("none"),
        "Stripe's publishable key, for the checkout page", |c, t| put_some(&mut c.stripe.publishable_key, value::key(t).map(|key: Secret| key.expose().to_owned()))),
    setting!("stripe.webhook_secret" "STRIPE_WEBHOOK_SECRET", Secret, Unset("made at first start in development"),
        "secrets that may have signed a webhook, separated by commas", |c, t| put(&mut c.stripe.webhook_secrets, value::keys(t))),

    setting!("smtp.host" "SMTP_HOST", Text, Unset("mails become files in development"),
        "the mail server", |c, t| put_some(&mut c.notification.smtp.host, value::host(t))),
    setting!("smtp.port" "SMTP_PORT", Text, Text("587"),
        "the mail server's port", |c, t| put(&mut c.notification.smtp.port, value::port(t))),
    setting!("smtp.username" "SMTP_USERNAME", Text, Unset("no log-in"),
        "the name for the mail server", |c, t| put_some(&mut c.notification.smtp.username, value::line(t))),
    setting!("smtp.password" "SMTP_PASSWORD", Secret, Unset("no log-in"),
        "the password for the mail server", |c, t| put_some(&mut c.notification.smtp.password, value::password(t))),
    setting!("smtp.from" "SMTP_FROM", Text, Text("payctl <no-reply@payctl.localhost>"),
        "the sender of mails", |c, t| put(&mut c.notification.smtp.from, value::sender(t))),
    setting!("smtp.tls" "PAYCTL_SMTP_TLS", Text, Text("required"),
        "required: STARTTLS or no mail; none: clear text, towards loopback only", |c, t| put(&mut c.notification.smtp.tls, value::smtp_tls(t))),
    setting!("smtp.ca_file" "PAYCTL_SMTP_CA_FILE", Path, Unset("public authorities"),
        "a PEM file with the authority of a private mail server", |c, t| put_some(&mut c.notification.smtp.ca_file, value::line(t).map(Into::into))),

    setting!("notification.enable_async" "KAFKA_ENABLE_ASYNC", Text, Text("true"),
        "mails go through the notifications topics, or straight into the queue", |c, t| put(&mut c.notification.enable_async, value::truth(t))),
    setting!("notification.mail_sink" "PAYCTL_MAIL_SINK", Text, Text("files"),
        "files: mails become files where no mail server is set; null: mails are dropped, for measuring", |c, t| put(&mut c.notification.mail_sink, value::mail_sink(t))),

    setting!("urls.gateway" "GATEWAY_SERVICE_URL", Text, Unset("loopback"), "where gateway answers", |c, t| put_some(&mut c.urls.gateway, value::url(t))),
    setting!("urls.order" "ORDER_SERVICE_URL", Text, Unset("loopback"), "where order answers", |c, t| put_some(&mut c.urls.order, value::url(t))),
    setting!("urls.channel" "CHANNEL_SERVICE_URL", Text, Unset("loopback"), "where channel answers", |c, t| put_some(&mut c.urls.channel, value::url(t))),
    setting!("urls.accounting" "ACCOUNTING_SERVICE_URL", Text, Unset("loopback"), "where accounting answers", |c, t| put_some(&mut c.urls.accounting, value::url(t))),
    setting!("urls.notification" "NOTIFICATION_SERVICE_URL", Text, Unset("loopback"), "where notification answers", |c, t| put_some(&mut c.urls.notification, value::url(t))),
    setting!("urls.analytics" "ANALYTICS_SERVICE_URL", Text, Unset("loopback"), "where analytics answers", |c, t| put_some(&mut c.urls.analytics, value::url(t))),
    setting!("urls.risk" "RISK_SERVICE_URL", Text, Unset("loopback"), "where risk answers", |c, t| put_some(&mut c.urls.risk, value::url(t))),
    setting!("urls.settlement" "SETTLEMENT_SERVICE_URL", Text, Unset("loopback"), "where settlement answers", |c, t| put_some(&mut c.urls.settlement, value::url(t))),

    setting!("log.filter" "PAYCTL_LOG", Text, Found("info for up and serve, else warn"),
        "which log lines are written, such as debug or warn,payctl=debug", |c, t| put(&mut c.log.filter, value::filter(t))),
    setting!("log.format" "PAYCTL_LOG_FORMAT", Text, Text("auto"),
        "human, json, or auto: human on a terminal", |c, t| put(&mut c.log.format, value::log_format(t))),

    setting!("trace.endpoint" "JAEGER_ENDPOINT", Text, Unset("no traces are recorded"),
        "the collector's URL for OTLP over HTTP, such as http://localhost:4318", |c, t| put_some(&mut c.trace.endpoint, value::collector(t))),
    setting!("trace.sampling_rate" "JAEGER_SAMPLING_RATE", Text, Text("100"),
        "how many traces are recorded, in percent; a caller's own decision stands", |c, t| put(&mut c.trace.sampling_rate, value::percent(t))),
];
