use percent_encoding::percent_decode_str;
use url::Url;

use super::{DatabaseServer, SslMode, value};

impl DatabaseServer {
    /// Parses `postgres://user:password@host:port/name?sslmode=…&sslrootcert=…`; the error says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        url(text)
    }
}

/// The text of `DATABASE_URL`.
pub(super) fn url(text: &str) -> Result<DatabaseServer, String> {
    let expected = || "postgres://user:password@host:port/name is expected".to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(expected());
    }
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| expected());
    let host = decoded(url.host_str().unwrap_or_default())?;
    let host = value::host(host.trim_matches(['[', ']']))?;
    let name =
        value::line(&decoded(url.path().trim_start_matches('/'))?).map_err(|_| "a database is expected behind the host".to_owned())?;
    let user = value::line(&decoded(url.username())?).map_err(|_| "a user is expected before the host".to_owned())?;
    let password = url.password().map(|password| value::password(&decoded(password)?)).transpose()?;
    let mut server =
        DatabaseServer { host, port: url.port().unwrap_or(5432), user, password, name, ssl_mode: SslMode::Prefer, ssl_root_cert: None };
    for (key, text) in url.query_pairs() {
        match &*key {
            "sslmode" => server.ssl_mode = ssl_mode(&text)?,
            "sslrootcert" => server.ssl_root_cert = Some(value::line(&text)?.into()),
            _ => return Err("behind the question mark only sslmode and sslrootcert are known".to_owned()),
        }
    }
    Ok(server)
}

pub(super) fn ssl_mode(text: &str) -> Result<SslMode, String> {
    match text {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        "require" => Ok(SslMode::Require),
        "verify-full" => Ok(SslMode::VerifyFull),
        _ => Err("an SSL mode is disable, prefer, require or verify-full".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DatabaseConfig, Secret};

    #[test]
    fn a_url_names_every_part_of_the_server() {
        let server = url("postgres://pay%40ctl:p%3Aw@db.example.com:5433/pay%20ments?sslmode=verify-full&sslrootcert=/etc/ca.pem").unwrap();
        assert_eq!((server.host.as_str(), server.port, server.user.as_str()), ("db.example.com", 5433, "pay@ctl"));
        assert_eq!((server.name.as_str(), server.password), ("pay ments", Some(Secret::new("p:w"))));
        assert_eq!((server.ssl_mode, server.ssl_root_cert), (SslMode::VerifyFull, Some("/etc/ca.pem".into())));
        assert_eq!(url("postgresql://u@[::1]/d").unwrap().place(), "::1:5432/d");
    }

    #[test]
    fn a_url_without_a_host_a_user_or_a_name_is_refused() {
        for text in [
            "postgres://u@h",
            "postgres://h/d",
            "postgres:///d",
            "mysql://u@h/d",
            "u@h/d",
            "postgres://u@h/d?sslmode=maybe",
            "postgres://u@h/d?x=1",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_url_wins_over_the_parts() {
        let parts = DatabaseConfig { host: Some("parts".to_owned()), ..DatabaseConfig::default() };
        assert_eq!(parts.server().unwrap().place(), "parts:5432/payctl");
        let both = DatabaseConfig { url: Some(url("postgres://u@whole/d").unwrap()), ..parts };
        assert_eq!(both.server().unwrap().place(), "whole:5432/d");
        assert_eq!(DatabaseConfig::default().server(), None);
    }
}
