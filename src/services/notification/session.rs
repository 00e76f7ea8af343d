use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use crate::config::{Secret, SmtpConfig, SmtpTls};

use super::reply::describe;

/// The server closes the session with this code.
const CLOSING: u16 = 421;

/// A mail server and how to get a session with it.
pub(super) struct Server {
    host: String,
    port: u16,
    credentials: Option<Credentials>,
    /// `None` towards loopback in clear; an error says why the configured authority cannot be used.
    tls: Result<Option<TlsParameters>, String>,
}

impl Server {
    pub(super) fn new(host: &str, smtp: &SmtpConfig) -> Self {
        let password = smtp.password.as_ref().map(Secret::expose).unwrap_or_default();
        let credentials = smtp.username.as_ref().map(|username| Credentials::new(username.clone(), password.to_owned()));
        Self { host: host.to_owned(), port: smtp.port, credentials, tls: tls(host, smtp) }
    }

    /// Why no session can be had as things are configured.
    pub(super) fn misconfigured(&self) -> Option<&str> {
        self.tls.as_ref().err().map(String::as_str)
    }

    /// Connects, encrypts and logs in. The error says at which of these it failed.
    pub(super) async fn open(&self, patience: Duration) -> Result<Session, String> {
        let at = |step: &'static str| move |error: Error| format!("{step}: {}", describe(&error, ""));
        let tls = self.tls.as_ref().map_err(Clone::clone)?;
        let hello = ClientId::default();
        let mut connection = AsyncSmtpConnection::connect_tokio1((self.host.as_str(), self.port), Some(patience), &hello, None, None)
            .await
            .map_err(at("the mail server cannot be reached"))?;
        if let Some(tls) = tls {
            connection.starttls(tls.clone(), &hello).await.map_err(at("STARTTLS failed"))?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(at("the mail server refuses the login"))?;
        }
        Ok(Session { connection })
    }
}

fn tls(host: &str, smtp: &SmtpConfig) -> Result<Option<TlsParameters>, String> {
    if smtp.tls == SmtpTls::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &smtp.ca_file {
        let pem = std::fs::read(path).map_err(|error| format!("{} cannot be read: {}", path.display(), error.kind()))?;
        let authority = Certificate::from_pem(&pem).map_err(|_| format!("{} holds no certificate in PEM form", path.display()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build_rustls().map(Some).map_err(|error| format!("TLS cannot be set up: {}", describe(&error, "")))
}

/// One open conversation. Dropped half-way, it is simply cut: a session that was left waiting for an answer would take
/// the answer to one mail for the answer to the next.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
}

/// A mail that the server did not take.
pub(super) struct Refusal {
    pub(super) permanent: bool,
    pub(super) reason: String,
    /// Whether the conversation can go on with another mail.
    pub(super) in_step: bool,
}

impl Session {
    /// Gives one mail to the server; `Ok` when it has taken responsibility.
    pub(super) async fn hand_over(&mut self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), Refusal> {
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(to).is_ascii() {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let reason = "the mail server takes no addresses beyond ASCII".to_owned();
                return Err(Refusal { permanent: true, reason, in_step: true });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let refused = |stage: &'static str| move |error: Error| refusal(stage, &error, to);
        self.connection.command(Mail::new(Some(from.clone()), parameters)).await.map_err(refused("MAIL FROM"))?;
        self.connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused("RCPT TO"))?;
        self.connection.command(Data).await.map_err(refused("DATA"))?;
        self.connection.message(mail).await.map_err(refused("the end of the mail"))?;
        Ok(())
    }

    /// Whether the server still listens.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.connection.command(Noop).await.is_ok()
    }

    /// Forgets a mail that was refused half-way; `false` when the session is of no more use.
    pub(super) async fn reset(&mut self) -> bool {
        self.connection.command(Rset).await.is_ok()
    }

    /// Takes leave.
    pub(super) async fn quit(mut self) {
        // A server that is gone already needs no goodbye.
        let _ = self.connection.quit().await;
    }
}

fn refusal(stage: &str, error: &Error, to: &Address) -> Refusal {
    let in_step = error.status().is_some_and(|code| u16::from(code) != CLOSING);
    Refusal { permanent: error.is_permanent(), reason: format!("{} at {stage}", describe(error, to.as_ref())), in_step }
}
