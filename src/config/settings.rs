use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::{DatabaseConfig, KafkaConfig, Secret};

/// How careful the platform is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Seeds a merchant with known keys, uses the sandbox channel, writes mails to files.
    Development,
    /// Refuses default keys and secrets.
    Production,
}

impl Profile {
    /// Both, the handier first.
    pub const ALL: [Self; 2] = [Self::Development, Self::Production];

    /// The profile of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }

    /// The name in configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// Everything that can be set, merged and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// How careful the platform is.
    pub profile: Profile,
    /// Where the one file and the mails lie.
    pub data_dir: PathBuf,
    /// Added to every port, so that platforms live side by side.
    pub port_offset: u16,
    /// The one port of `serve` with one service (`PORT`).
    pub port: Option<u16>,
    /// The address that services listen on.
    pub bind: IpAddr,
    /// What services show each other; made at first start in development.
    pub internal_token: Option<Secret>,
    /// What the console shows to the platform (`PAYCTL_API_KEY`).
    pub api_key: Option<Secret>,
    /// The database server, where one is used instead of the one file.
    pub database: DatabaseConfig,
    /// The brokers, where the log is not in the one file.
    pub kafka: KafkaConfig,
    /// Where services reach each other.
    pub urls: UrlConfig,
    /// The gateway's section.
    pub gateway: GatewayConfig,
    /// The channel's section.
    pub stripe: StripeConfig,
    /// The notification's section.
    pub notification: NotificationConfig,
    /// How the process logs.
    pub log: LogConfig,
    /// Where traces go.
    pub trace: TraceConfig,
    /// No colour, also on a terminal (`NO_COLOR`).
    pub no_color: bool,
    /// What the console shows long lists with on a terminal: a program and its arguments.
    pub pager: String,
    /// Whether the console refuses whatever changes something.
    pub read_only: bool,
    /// How long the console waits for an answer of the database or the brokers.
    pub timeout: Duration,
}

/// Base URLs of other services; `None` is loopback on the service's port.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the base URL of the service of that name")]
pub struct UrlConfig {
    pub gateway: Option<String>,
    pub order: Option<String>,
    pub channel: Option<String>,
    pub accounting: Option<String>,
    pub notification: Option<String>,
    pub analytics: Option<String>,
    pub risk: Option<String>,
    pub settlement: Option<String>,
}

/// What the gateway needs to know.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// What `payment_url` starts with (`PAYCTL_CHECKOUT_URL`); by default loopback on channel's port.
    pub checkout_url: Option<String>,
    /// Minutes until an unpaid payment expires, where the request does not say.
    pub expire_minutes: u32,
    /// Fee of new merchants in basis points.
    pub fee_bps: u32,
}

/// What channel and gateway need to know of Stripe.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// Where the API is (`STRIPE_API_BASE`).
    pub api_base: String,
    /// Without it the development profile uses the built-in sandbox.
    pub api_key: Option<Secret>,
    /// Goes into the checkout page.
    pub publishable_key: Option<String>,
    /// Any of them may have signed a webhook; made at first start in development.
    pub webhook_secrets: Vec<Secret>,
}

/// What notification needs to know.
#[derive(Debug, Clone)]
pub struct NotificationConfig {
    /// Whether jobs go through notifications.* topics (`KAFKA_ENABLE_ASYNC`).
    pub enable_async: bool,
    /// Drop mails instead of sending them, for measuring (`PAYCTL_MAIL_SINK=null`).
    pub mail_sink: MailSink,
    /// The mail server.
    pub smtp: SmtpConfig,
}

/// Where mails go when no SMTP host is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSink {
    /// `.eml` files under the data directory.
    Files,
    /// Nowhere: rows are marked sent.
    Null,
}

/// The mail server (`SMTP_*`).
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// No host: mails become files (development), or configuration is refused.
    pub host: Option<String>,
    /// Usually 587.
    pub port: u16,
    /// For AUTH.
    pub username: Option<String>,
    /// For AUTH.
    pub password: Option<Secret>,
    /// The sender's address.
    pub from: String,
    /// `required`, or `none` towards loopback only.
    pub tls: SmtpTls,
    /// A PEM file with the authority of a private mail server's certificate.
    pub ca_file: Option<PathBuf>,
}

/// Whether the mail server must offer STARTTLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// STARTTLS or no mail.
    Required,
    /// Clear text; only towards loopback.
    None,
}

/// Where traces go (`JAEGER_*`).
#[derive(Debug, Clone)]
pub struct TraceConfig {
    /// The collector's URL for OTLP over HTTP; without it nothing is recorded.
    pub endpoint: Option<String>,
    /// How many of the traces that begin here are recorded, in percent; those of others go by their own mark.
    pub sampling_rate: f64,
}

/// How the process logs.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A filter such as `info` or `payctl=debug`.
    pub filter: String,
    /// Human or JSON.
    pub format: LogFormat,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    /// For eyes.
    Human,
    /// For collectors.
    Json,
}

impl Config {
    /// The defaults of the development profile with everything under `data_dir`.
    pub fn development(data_dir: PathBuf) -> Self {
        Self {
            profile: Profile::Development,
            data_dir,
            port_offset: 0,
            port: None,
            bind: IpAddr::from([127, 0, 0, 1]),
            internal_token: None,
            api_key: None,
            database: DatabaseConfig::default(),
            kafka: KafkaConfig { sasl_mechanism: "SCRAM-SHA-512".to_owned(), ..KafkaConfig::default() },
            urls: UrlConfig::default(),
            gateway: GatewayConfig { checkout_url: None, expire_minutes: 30, fee_bps: 200 },
            stripe: StripeConfig {
                api_base: "https://api.stripe.com".to_owned(),
                api_key: None,
                publishable_key: None,
                webhook_secrets: Vec::new(),
            },
            notification: NotificationConfig {
                enable_async: true,
                mail_sink: MailSink::Files,
                smtp: SmtpConfig {
                    host: None,
                    port: 587,
                    username: None,
                    password: None,
                    from: "payctl <no-reply@payctl.localhost>".to_owned(),
                    tls: SmtpTls::Required,
                    ca_file: None,
                },
            },
            log: LogConfig { filter: "info".to_owned(), format: LogFormat::Auto },
            trace: TraceConfig { endpoint: None, sampling_rate: 100.0 },
            no_color: false,
            pager: "less -FRX".to_owned(),
            read_only: false,
            timeout: Duration::from_secs(10),
        }
    }
}
