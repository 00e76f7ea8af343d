use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::config::SslMode as DriverSslMode;
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{DatabaseServer, SslMode};
use crate::store::StoreError;

use super::error::chain;
use super::tls;

/// For the socket, TLS and the log-in together.
const CONNECT: Duration = Duration::from_secs(10);
/// After so long without an answer to what was sent, the network counts as gone.
const UNANSWERED: Duration = Duration::from_secs(20);
const IDLE_PROBE: Duration = Duration::from_secs(15);

/// What every connection is set to. Statements are short: compiling one would take longer than running it, and costs are no
/// measure of that where plans are ruled out by making them look dear.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET jit = off; SET synchronous_commit = 'on'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET search_path = public";

/// What is read back and compared: a pooler or a default of the role may have had its own mind.
const ASSERTED: &[(&str, &str)] = &[("synchronous_commit", "on"), ("TimeZone", "UTC"), ("client_encoding", "UTF8"), ("fsync", "on")];

/// Makes connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    place: String,
    settings: &'static str,
}

impl Connector {
    /// For `server`; `settings` are statements that each connection runs at first, besides those of all.
    pub(super) fn new(server: &DatabaseServer, settings: &'static str) -> Result<Self, StoreError> {
        let mut config = Config::new();
        config
            .host(&server.host)
            .port(server.port)
            .user(&server.user)
            .dbname(&server.name)
            .application_name("payctl")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNANSWERED)
            .keepalives_idle(IDLE_PROBE)
            .ssl_mode(match server.ssl_mode {
                SslMode::Disable => DriverSslMode::Disable,
                SslMode::Prefer => DriverSslMode::Prefer,
                SslMode::Require | SslMode::VerifyFull => DriverSslMode::Require,
            });
        if let Some(password) = &server.password {
            config.password(password.expose());
        }
        Ok(Self { config, tls: tls::connector(server)?, place: server.place(), settings })
    }

    /// Where it connects to, for messages.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Connects, and sees to it that the connection is what it must be. The driver runs on the present runtime.
    pub(super) async fn connect(&self) -> Result<Client, StoreError> {
        let opening = tokio::time::timeout(CONNECT, self.open());
        let opened = opening.await.unwrap_or_else(|_| Err(format!("no connection within {} s", CONNECT.as_secs())));
        opened.map_err(|reason| StoreError::Unavailable(format!("{}: {reason}", self.place)))
    }

    async fn open(&self) -> Result<Client, String> {
        let (client, driver) = self.config.connect(self.tls.clone()).await.map_err(|error| chain(&error))?;
        // Its error is also that of whatever waits for an answer.
        drop(Handle::current().spawn(driver));
        client.batch_execute(SETTINGS).await.map_err(|error| chain(&error))?;
        client.batch_execute(self.settings).await.map_err(|error| chain(&error))?;
        for (name, wanted) in ASSERTED {
            let found = show(&client, name).await?;
            if found != *wanted {
                return Err(format!("{name} is {found} instead of {wanted}"));
            }
        }
        Ok(client)
    }
}

async fn show(client: &Client, name: &str) -> Result<String, String> {
    let answer = client.simple_query(&format!("SHOW {name}")).await.map_err(|error| chain(&error))?;
    let value = answer.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { row.get(0) } else { None });
    Ok(value.unwrap_or_default().to_owned())
}
