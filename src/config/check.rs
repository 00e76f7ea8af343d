//! What no single value shows: variables that mean nothing here, values that do not fit together, secrets that production needs.

use std::net::IpAddr;

use super::origin::{Origin, Setting};
use super::{Config, Inputs, KafkaConfig, MailSink, Profile, Purpose, SEEDED_API_KEYS, Secret, Security, SmtpTls};

const MIN_TOKEN_BYTES: usize = 32;

/// Names of the original deployment that mean nothing to this build.
const UNUSED: &[(&str, &str)] = &[
    ("REDIS_HOST", "limits are kept in each process"),
    ("REDIS_PORT", "limits are kept in each process"),
    ("REDIS_PASSWORD", "limits are kept in each process"),
    ("JWT_SECRET", "no route of this build takes operators' tokens"),
];

/// Settings that change nothing while another one is not set.
const DEPENDENT: &[(&str, &str)] = &[
    ("smtp.port", "smtp.host"),
    ("smtp.username", "smtp.host"),
    ("smtp.password", "smtp.host"),
    ("smtp.tls", "smtp.host"),
    ("smtp.ca_file", "smtp.host"),
    ("stripe.publishable_key", "stripe.api_key"),
    ("kafka.topic_prefix", "kafka.brokers"),
    ("kafka.group_protocol", "kafka.brokers"),
    ("kafka.security", "kafka.brokers"),
    ("kafka.ca_file", "kafka.security"),
    ("kafka.sasl_mechanism", "kafka.security"),
    ("kafka.sasl_username", "kafka.security"),
    ("kafka.replication", "kafka.brokers"),
    ("kafka.min_insync", "kafka.brokers"),
    ("trace.sampling_rate", "trace.endpoint"),
];

/// One line for each setting that was given and changes nothing.
pub(super) fn without_effect(inputs: &Inputs, config: &Config, origins: &[Setting]) -> Vec<String> {
    let unused = UNUSED.iter().filter(|(name, _)| inputs.variable(name).is_some());
    let mut lines: Vec<String> = unused.map(|(name, reason)| format!("{name} has no effect: {reason}")).collect();
    for (key, needed) in DEPENDENT {
        if given(origins, key) && !given(origins, needed) {
            lines.push(format!("{key} has no effect while {needed} is not set"));
        }
    }
    lines.extend(database(config, origins));
    if config.notification.mail_sink == MailSink::Null && config.notification.smtp.host.is_some() {
        lines.push("smtp.host has no effect while notification.mail_sink is null: mails are dropped".to_owned());
    }
    for (key, service) in [("urls.risk", "risk"), ("urls.settlement", "settlement")] {
        if given(origins, key) {
            lines.push(format!("{key} has no effect: this build has no service {service}"));
        }
    }
    if inputs.purpose == Purpose::Platform && config.profile == Profile::Production && config.gateway.checkout_url.is_none() {
        lines.push("PAYCTL_CHECKOUT_URL is not set: payment_url points at loopback, which payers cannot reach".to_owned());
    }
    lines
}

/// The parts of the address of a database that is not used, or is named whole.
fn database(config: &Config, origins: &[Setting]) -> Vec<String> {
    let parts = ["database.host", "database.port", "database.user", "database.password", "database.name", "database.ssl_mode"];
    let given = parts.into_iter().filter(|key| given(origins, key));
    match (&config.database.url, &config.database.host) {
        (Some(_), _) => given.map(|key| format!("{key} has no effect while database.url is set")).collect(),
        (None, None) => given.map(|key| format!("{key} has no effect while database.host is not set")).collect(),
        (None, Some(_)) => Vec::new(),
    }
}

fn given(origins: &[Setting], key: &str) -> bool {
    origins.iter().any(|setting| setting.key == key && setting.origin != Origin::Default)
}

/// What does not fit together, and for a platform in production what is missing or known to everybody.
pub(super) fn whole(config: &Config, origins: &[Setting], purpose: Purpose) -> Vec<String> {
    let mut problems = Vec::new();
    let smtp = &config.notification.smtp;
    if let (SmtpTls::None, Some(host)) = (smtp.tls, &smtp.host)
        && !is_loopback(host)
    {
        problems.push(format!(
            "smtp.tls=none ({}) would send mail and password in clear text to {host}; set PAYCTL_SMTP_TLS=required, or use a loopback host",
            origin(origins, "smtp.tls")
        ));
    }
    if smtp.username.is_some() != smtp.password.is_some() {
        let (set, missing) = if smtp.username.is_some() { ("SMTP_USERNAME", "SMTP_PASSWORD") } else { ("SMTP_PASSWORD", "SMTP_USERNAME") };
        problems.push(format!("{set} is set without {missing}; set both or neither"));
    }
    problems.extend(engines(config));
    problems.extend(kafka(&config.kafka));
    if purpose == Purpose::Platform && config.profile == Profile::Production {
        problems.extend(production(config, origins));
    }
    problems
}

/// A log-in needs both of its halves and a way to say them.
fn kafka(kafka: &KafkaConfig) -> Vec<String> {
    let mut problems = Vec::new();
    let asks = matches!(kafka.security, Security::SaslPlaintext | Security::SaslSsl);
    let halves = (kafka.sasl_username.is_some(), kafka.sasl_password.is_some());
    if halves.0 != halves.1 || (asks && halves == (false, false)) {
        problems.push("PAYCTL_KAFKA_SASL_USERNAME and PAYCTL_KAFKA_SASL_PASSWORD go together; set both".to_owned());
    } else if halves == (true, true) && !asks {
        problems.push("a log-in at the brokers needs PAYCTL_KAFKA_SECURITY=sasl_ssl, or sasl_plaintext".to_owned());
    }
    if kafka.replication > 0 && kafka.min_insync > kafka.replication {
        problems.push(format!(
            "PAYCTL_KAFKA_MIN_INSYNC={} is more than the {} copies of PAYCTL_KAFKA_REPLICATION; nothing could ever be written",
            kafka.min_insync, kafka.replication
        ));
    }
    problems
}

/// PostgreSQL goes with Kafka and SQLite with its own log: either pair is tested whole, and no half of one with the other.
fn engines(config: &Config) -> Option<String> {
    match (config.database.server().is_some(), config.kafka.brokers.is_empty()) {
        (true, true) => Some(
            "PostgreSQL goes with Kafka, since the embedded log is a table of the SQLite file; set KAFKA_BROKERS as well, or unset \
             DATABASE_URL and DB_HOST"
                .to_owned(),
        ),
        (false, false) => Some(
            "Kafka goes with PostgreSQL, since several processes then share the database; set DATABASE_URL as well, or unset KAFKA_BROKERS"
                .to_owned(),
        ),
        _ => None,
    }
}

fn production(config: &Config, origins: &[Setting]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |missing: bool, text: String| {
        if missing {
            problems.push(format!("{text}, or set PAYCTL_PROFILE=development"));
        }
    };
    let seeded = |key: &Secret| SEEDED_API_KEYS.contains(&key.expose());
    need(
        config.api_key.as_ref().is_some_and(seeded),
        format!("PAYCTL_API_KEY ({}) is a key of the development profile; unset it", origin(origins, "api_key")),
    );
    let token_bytes = config.internal_token.as_ref().map_or(0, |token| token.expose().len());
    let token_state = if token_bytes == 0 { "is not set" } else { "is too short" };
    need(
        token_bytes < MIN_TOKEN_BYTES,
        format!(
            "PAYCTL_INTERNAL_TOKEN {token_state}: production needs {MIN_TOKEN_BYTES} bytes or more; set it, for instance to what `openssl rand -hex 32` prints"
        ),
    );
    let stripe = &config.stripe;
    need(
        stripe.api_key.is_none(),
        "STRIPE_API_KEY is not set: production has no sandbox; set it to your Stripe account's secret key".to_owned(),
    );
    need(
        stripe.webhook_secrets.is_empty(),
        "STRIPE_WEBHOOK_SECRET is not set: no webhook could be trusted; set it to the signing secret of your Stripe endpoint".to_owned(),
    );
    need(
        config.notification.smtp.host.is_none(),
        "SMTP_HOST is not set: production writes no mails to files; set it to your mail server".to_owned(),
    );
    problems
}

fn origin(origins: &[Setting], key: &str) -> String {
    origins.iter().find(|setting| setting.key == key).map_or_else(String::new, |setting| setting.origin.to_string())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
