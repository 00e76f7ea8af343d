use std::ffi::OsString;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn inputs(env: &[(&str, &str)]) -> Inputs {
    Inputs {
        env: env.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect(),
        file: None,
        data_home: Some("/data-home".into()),
        flags: Flags::default(),
        default_profile: Profile::Development,
        purpose: Purpose::Console,
    }
}

fn production(env: &[(&str, &str)]) -> Inputs {
    Inputs { default_profile: Profile::Production, purpose: Purpose::Platform, ..inputs(env) }
}

fn problems(inputs: &Inputs) -> Vec<String> {
    load(inputs).map(|loaded| loaded.warnings).expect_err("the configuration was accepted").problems().to_vec()
}

fn problem(inputs: &Inputs) -> String {
    let problems = problems(inputs);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

fn write(dir: &tempfile::TempDir, name: &str, text: &str) -> std::path::PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn setting(loaded: &Loaded, key: &str) -> (String, String) {
    let setting = loaded.origins.iter().find(|setting| setting.key == key).unwrap();
    (setting.value_shown.clone().unwrap_or_default(), setting.origin.to_string())
}

#[test]
fn without_any_input_the_defaults_of_the_table_are_those_of_the_code() {
    let loaded = load(&Inputs { purpose: Purpose::Platform, ..inputs(&[]) }).unwrap();
    let code = Config::development("/data-home/payctl".into());
    assert_eq!(format!("{:?}", loaded.config), format!("{code:?}"));
    assert!(loaded.warnings.is_empty());
}

#[test]
fn every_setting_has_its_own_key_and_variable() {
    for spec in SETTINGS {
        assert_eq!(SETTINGS.iter().filter(|other| other.key == spec.key || other.env == spec.env).count(), 1, "{}", spec.key);
        assert!(!spec.about.ends_with('.') && !spec.about.is_empty(), "{}", spec.key);
    }
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file_and_that_over_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(&dir, "payctl.toml", "port_offset = 1\nbind = \"0.0.0.0\"\n[smtp]\nport = 25\n");
    let mut inputs = inputs(&[("PAYCTL_PORT_OFFSET", "2"), ("PAYCTL_BIND", "::1")]);
    inputs.file = Some(file.clone());
    inputs.flags.port_offset = Some("3".into());
    let loaded = load(&inputs).unwrap();
    assert_eq!(setting(&loaded, "port_offset"), ("3".to_owned(), "--port-offset (flag)".to_owned()));
    assert_eq!(setting(&loaded, "bind"), ("::1".to_owned(), "PAYCTL_BIND (environment)".to_owned()));
    assert_eq!(setting(&loaded, "smtp.port"), ("25".to_owned(), file.display().to_string()));
    assert_eq!(setting(&loaded, "smtp.tls"), ("required".to_owned(), "default".to_owned()));
    assert_eq!((loaded.config.port_offset, loaded.config.notification.smtp.port), (3, 25));
}

#[test]
fn a_refused_value_is_named_with_its_origin_and_its_way_out() {
    assert_eq!(problem(&inputs(&[("PORT", "abc")])), "PORT=abc (environment): a port is a number from 1 to 65535; correct or unset PORT");
    let dir = tempfile::tempdir().unwrap();
    let file = write(&dir, "payctl.toml", "[gateway]\nexpire_minutes = 0\n");
    assert_eq!(
        problem(&Inputs { file: Some(file.clone()), ..inputs(&[]) }),
        format!("gateway.expire_minutes=0 ({}): a time in minutes is a number from 1 to 10080; correct it there", file.display())
    );
    let mut flagged = inputs(&[]);
    flagged.flags.port_offset = Some("70000".into());
    assert_eq!(problem(&flagged), "--port-offset=70000 (flag): a port offset is a number from 0 to 25519; correct the flag");
}

#[test]
fn every_problem_is_reported_at_once() {
    assert_eq!(problems(&inputs(&[("PORT", "0"), ("SMTP_PORT", "x"), ("PAYCTL_BIND", "localhost")])).len(), 3);
}

#[test]
fn unknown_names_are_refused_with_the_one_that_was_probably_meant() {
    assert_eq!(
        problem(&inputs(&[("PAYCTL_DATADIR", "/x")])),
        "PAYCTL_DATADIR (environment) is no setting of payctl; did you mean PAYCTL_DATA_DIR?"
    );
    assert!(problem(&inputs(&[("PAYCTL_SMTP_HOST", "h")])).ends_with("did you mean SMTP_HOST?"));
    assert_eq!(problem(&inputs(&[("PAYCTL_XYZZY", "1")])), "PAYCTL_XYZZY (environment) is no setting of payctl; unset it");
    load(&inputs(&[("PAYCTL_STACK_DIR", "/x")])).expect("what scripts/stack is told is none of payctl's business");
    let dir = tempfile::tempdir().unwrap();
    for (text, meant) in [
        ("[smtp]\nprot = 25\n", "did you mean smtp.port?"),
        ("prot_offset = 1\n", "did you mean port_offset?"),
        ("STRIPE_API_KEY = \"sk\"\n", "did you mean stripe.api_key?"),
        ("[urls]\nchanel = \"http://x\"\n", "did you mean urls.channel?"),
        ("[quux]\na = 1\n", "remove it"),
        ("[smpt]\nport = 1\n", "did you mean [smtp]?"),
        ("[smtp.port]\na = 1\n", "correct it there"),
    ] {
        let file = write(&dir, "payctl.toml", text);
        let problem = problem(&Inputs { file: Some(file), ..inputs(&[]) });
        assert!(problem.ends_with(meant), "{problem}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there_and_one_that_is_not_may_be_missing() {
    assert!(load(&Inputs { file: Some("/nowhere/payctl.toml".into()), ..inputs(&[]) }).is_ok());
    assert!(problem(&inputs(&[("PAYCTL_CONFIG", "/nowhere/p.toml")])).contains("/nowhere/p.toml cannot be read"));
    let mut flagged = inputs(&[]);
    flagged.flags.config = Some("/nowhere/p.toml".into());
    assert!(problem(&flagged).ends_with("(--config)"));
}

#[test]
fn a_file_that_is_not_toml_is_refused_by_line_without_being_quoted() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(&dir, "payctl.toml", "port_offset = 1\n[stripe]\napi_key = sk_live_very_secret\n");
    let problem = problem(&Inputs { file: Some(file), ..inputs(&[]) });
    assert!(problem.contains("at line 3") && !problem.contains("secret"), "{problem}");
}

#[test]
fn paths_in_the_file_are_relative_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(&dir, "payctl.toml", "data_dir = \"data\"\n");
    let loaded = load(&Inputs { file: Some(file), ..inputs(&[]) }).unwrap();
    assert_eq!(loaded.config.data_dir, dir.path().join("data"));
    assert_eq!(load(&inputs(&[("PAYCTL_DATA_DIR", "data")])).unwrap().config.data_dir, Path::new("data"));
}

#[test]
fn a_secret_may_come_from_a_file_and_loses_one_line_break() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "token", &format!("{TOKEN}\n"));
    let loaded = load(&inputs(&[("PAYCTL_INTERNAL_TOKEN_FILE", path.to_str().unwrap())])).unwrap();
    assert_eq!(loaded.config.internal_token, Some(Secret::new(TOKEN)));
    assert_eq!(setting(&loaded, "internal_token"), ("[redacted]".to_owned(), "PAYCTL_INTERNAL_TOKEN_FILE (environment)".to_owned()));
    let two_lines = write(&dir, "two", &format!("{TOKEN}\n\n"));
    assert!(load(&inputs(&[("PAYCTL_INTERNAL_TOKEN_FILE", two_lines.to_str().unwrap())])).is_err());
    assert!(problem(&inputs(&[("SMTP_PASSWORD_FILE", "/nowhere/x")])).contains("cannot be read"));
    let both = [("PAYCTL_API_KEY", "k"), ("PAYCTL_API_KEY_FILE", "/nowhere/x")];
    assert!(problem(&inputs(&both)).contains("both set"));
}

#[test]
fn secrets_are_neither_shown_nor_repeated_in_a_refusal() {
    let loaded = load(&inputs(&[("STRIPE_API_KEY", "sk_live_1"), ("STRIPE_WEBHOOK_SECRET", "whsec_1,whsec_2")])).unwrap();
    assert!(!format!("{loaded:?}").contains("_1"));
    assert_eq!(loaded.config.stripe.webhook_secrets.len(), 2);
    let problem = problem(&inputs(&[("STRIPE_API_KEY", "sk_live_1 with a space")]));
    assert!(problem.starts_with("STRIPE_API_KEY (environment): ") && !problem.contains("sk_live"), "{problem}");
    assert!(!self::problem(&inputs(&[("DATABASE_URL", "postgres://u:pw@h/d")])).contains("pw"));
}

#[test]
fn production_names_every_missing_or_well_known_secret_with_its_way_out() {
    let found = problems(&production(&[("PAYCTL_API_KEY", "test-key"), ("PAYCTL_INTERNAL_TOKEN", "short")]));
    for name in ["PAYCTL_API_KEY", "PAYCTL_INTERNAL_TOKEN is too short", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_HOST"] {
        assert!(found.iter().any(|problem| problem.starts_with(name) && problem.contains("set")), "{name}: {found:?}");
    }
    assert_eq!(found.len(), 5);
}

#[test]
fn production_starts_with_every_secret_and_a_question_needs_none() {
    let env = [
        ("PAYCTL_INTERNAL_TOKEN", TOKEN),
        ("STRIPE_API_KEY", "sk_live_1"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_1"),
        ("SMTP_HOST", "mail.example.com"),
        ("PAYCTL_CHECKOUT_URL", "https://pay.example.com/"),
    ];
    let loaded = load(&production(&env)).unwrap();
    assert_eq!(loaded.config.gateway.checkout_url.as_deref(), Some("https://pay.example.com"));
    assert!(loaded.warnings.is_empty());
    assert!(load(&Inputs { purpose: Purpose::Console, ..production(&[]) }).is_ok());
}

#[test]
fn a_log_in_at_the_brokers_needs_both_halves_and_a_way_to_say_them() {
    let base = [("DB_HOST", "h"), ("KAFKA_BROKERS", "k1:9092")];
    let with = |more: &[(&str, &str)]| load(&inputs(&[&base[..], more].concat()));
    let user = ("PAYCTL_KAFKA_SASL_USERNAME", "payctl");
    let password = ("PAYCTL_KAFKA_SASL_PASSWORD", "pw");
    let security = ("PAYCTL_KAFKA_SECURITY", "SASL_SSL");
    assert!(with(&[user]).is_err() && with(&[user, password]).is_err() && with(&[security]).is_err());
    let kafka =
        with(&[user, password, security, ("PAYCTL_KAFKA_REPLICATION", "3"), ("PAYCTL_KAFKA_MIN_INSYNC", "2")]).unwrap().config.kafka;
    assert_eq!((kafka.security, kafka.replication, kafka.min_insync), (Security::SaslSsl, 3, 2));
    assert_eq!(kafka.sasl().map(|sasl| (sasl.mechanism, sasl.username)), Some(("SCRAM-SHA-512".to_owned(), "payctl".to_owned())));
    assert!(with(&[("PAYCTL_KAFKA_REPLICATION", "1"), ("PAYCTL_KAFKA_MIN_INSYNC", "2")]).is_err());
    assert_eq!(with(&[("PAYCTL_KAFKA_GROUP_PROTOCOL", "classic")]).unwrap().config.kafka.protocol, GroupProtocol::Classic);
}

#[test]
fn postgresql_and_kafka_are_set_together_or_not_at_all() {
    let (url, host, kafka) = (("DATABASE_URL", "postgres://u:pw@h/d"), ("DB_HOST", "h"), ("KAFKA_BROKERS", "k1:9092, k2:9092"));
    assert!(problem(&inputs(&[url])).starts_with("PostgreSQL goes with Kafka"));
    assert!(problem(&inputs(&[host])).starts_with("PostgreSQL goes with Kafka"));
    assert!(problem(&inputs(&[kafka])).starts_with("Kafka goes with PostgreSQL"));
    let loaded = load(&inputs(&[host, kafka, ("PAYCTL_TOPIC_PREFIX", "test.")])).unwrap();
    assert_eq!(loaded.config.kafka.brokers, ["k1:9092", "k2:9092"]);
    assert_eq!(loaded.config.kafka.topic_prefix, "test.");
    assert_eq!(loaded.config.database.server().unwrap().place(), "h:5432/payctl");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(load(&inputs(&[url, host, kafka])).unwrap().warnings, ["database.host has no effect while database.url is set"]);
}

#[test]
fn a_collector_is_named_by_its_base_url_and_a_share_is_in_percent() {
    for url in ["http://jaeger:4318", "http://jaeger:4318/", "http://jaeger:4318/v1/traces"] {
        let config = load(&inputs(&[("JAEGER_ENDPOINT", url), ("JAEGER_SAMPLING_RATE", "12.5")])).unwrap().config;
        assert_eq!(config.trace.endpoint.as_deref(), Some("http://jaeger:4318/v1/traces"));
        assert!((config.trace.sampling_rate - 12.5).abs() < f64::EPSILON);
    }
    for (name, value) in [
        ("JAEGER_ENDPOINT", "http://jaeger:14268/api/traces"),
        ("JAEGER_ENDPOINT", "jaeger:4318"),
        ("JAEGER_SAMPLING_RATE", "101"),
        ("JAEGER_SAMPLING_RATE", "-1"),
        ("JAEGER_SAMPLING_RATE", "NaN"),
    ] {
        assert!(load(&inputs(&[(name, value)])).is_err(), "{name}={value}");
    }
}

#[test]
fn what_changes_nothing_is_warned_of_once() {
    for (name, value) in [
        ("DB_PORT", "1"),
        ("PAYCTL_TOPIC_PREFIX", "x"),
        ("REDIS_HOST", "h"),
        ("JAEGER_SAMPLING_RATE", "1"),
        ("JWT_SECRET", "x"),
        ("SMTP_PORT", "25"),
        ("STRIPE_PUBLISHABLE_KEY", "pk"),
        ("RISK_SERVICE_URL", "http://x"),
    ] {
        assert_eq!(load(&inputs(&[(name, value)])).unwrap().warnings.len(), 1, "{name}");
    }
    assert!(load(&inputs(&[("DB_HOST", "")])).unwrap().warnings.is_empty());
}

#[test]
fn mail_goes_in_clear_text_to_loopback_only() {
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert!(load(&inputs(&[("SMTP_HOST", host), ("PAYCTL_SMTP_TLS", "none")])).is_ok(), "{host}");
    }
    let refused = problem(&inputs(&[("SMTP_HOST", "mail.example.com"), ("PAYCTL_SMTP_TLS", "none")]));
    assert!(refused.contains("PAYCTL_SMTP_TLS=required"), "{refused}");
}

#[test]
fn a_log_in_needs_both_name_and_password() {
    let host = ("SMTP_HOST", "mail.example.com");
    assert!(problem(&inputs(&[host, ("SMTP_USERNAME", "u")])).contains("without SMTP_PASSWORD"));
    assert!(problem(&inputs(&[host, ("SMTP_PASSWORD", "p")])).contains("without SMTP_USERNAME"));
}

#[test]
fn a_user_without_a_directory_is_told_to_name_one() {
    let homeless = Inputs { data_home: None, ..inputs(&[]) };
    assert!(problem(&homeless).ends_with("set PAYCTL_DATA_DIR, or give --data-dir"));
    assert!(load(&Inputs { data_home: None, ..inputs(&[("PAYCTL_DATA_DIR", "/x")]) }).is_ok());
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let loaded = load(&inputs(&[("PORT", ""), ("STRIPE_API_KEY", ""), ("NO_COLOR", ""), ("DATABASE_URL", "")])).unwrap();
    assert!(loaded.config.port.is_none() && loaded.config.stripe.api_key.is_none() && !loaded.config.no_color);
    assert!(load(&inputs(&[("NO_COLOR", "0")])).unwrap().config.no_color);
}

#[test]
fn values_of_the_wrong_form_are_refused() {
    for (name, value) in [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "+80"),
        ("PAYCTL_BIND", "127.0.0.1:80"),
        ("PAYCTL_PROFILE", "Production"),
        ("PAYCTL_CHECKOUT_URL", "pay.example.com"),
        ("PAYCTL_CHECKOUT_URL", "https://"),
        ("PAYCTL_CHECKOUT_URL", "https://u:p@pay.example.com"),
        ("ORDER_SERVICE_URL", "ftp://x"),
        ("SMTP_HOST", "mail:25"),
        ("SMTP_FROM", "nobody"),
        ("SMTP_FROM", "a@example.com\nBcc: b@example.com"),
        ("SMTP_PASSWORD", "a\nb"),
        ("PAYCTL_SMTP_TLS", "maybe"),
        ("KAFKA_ENABLE_ASYNC", "yes"),
        ("PAYCTL_MAIL_SINK", "void"),
        ("PAYCTL_LOG", "debgu"),
        ("PAYCTL_LOG", "payctl=loud"),
        ("PAYCTL_LOG_FORMAT", "xml"),
        ("STRIPE_WEBHOOK_SECRET", "a,,b"),
        ("PAYCTL_FEE_BPS", "10001"),
        ("KAFKA_BROKERS", "k"),
        ("KAFKA_BROKERS", "k:1,,l:1"),
        ("PAYCTL_TOPIC_PREFIX", "a b"),
        ("DB_SSL_MODE", "maybe"),
        ("PAYCTL_API_KEY", "a b"),
    ] {
        assert!(load(&inputs(&[(name, value)])).is_err(), "{name}={value:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStringExt as _;
    let mut inputs = inputs(&[]);
    inputs.env.insert("PORT".to_owned(), OsString::from_vec(vec![0xff]));
    assert!(problem(&inputs).contains("not UTF-8"));
}

proptest! {
    #[test]
    fn no_value_of_any_setting_panics_and_no_secret_is_ever_repeated(index in 0..SETTINGS.len(), value in "\\PC{1,40}") {
        let spec = &SETTINGS[index];
        let given = inputs(&[(spec.env, &value)]);
        match load(&given) {
            Ok(loaded) => prop_assert!(!spec.is_secret() || setting(&loaded, spec.key).0 == "[redacted]"),
            Err(error) => {
                prop_assert!(!error.to_string().contains('\n'));
                prop_assert!(!spec.is_secret() || value.len() < 8 || !error.to_string().contains(&value));
            }
        }
    }

    #[test]
    fn every_port_that_fits_is_taken(port in 1u16..) {
        prop_assert_eq!(load(&inputs(&[("PORT", &port.to_string())])).unwrap().config.port, Some(port));
    }

    #[test]
    fn a_file_never_panics(text in "\\PC{0,80}") {
        let dir = tempfile::tempdir().unwrap();
        let file = write(&dir, "payctl.toml", &text);
        let _ = load(&Inputs { file: Some(file), ..inputs(&[]) });
    }
}
