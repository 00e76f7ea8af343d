use std::path::PathBuf;

use super::Secret;

/// The database server, named whole or in parts.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Wins over the parts (`DATABASE_URL`).
    pub url: Option<DatabaseServer>,
    /// Without it and without a URL everything is in one SQLite file.
    pub host: Option<String>,
    /// Usually 5432.
    pub port: u16,
    /// For the log-in.
    pub user: String,
    /// For the log-in.
    pub password: Option<Secret>,
    /// The database's name.
    pub name: String,
    /// How the connection is secured.
    pub ssl_mode: SslMode,
}

/// Where a PostgreSQL database is and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseServer {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// For the log-in.
    pub user: String,
    /// For the log-in.
    pub password: Option<Secret>,
    /// The database's name.
    pub name: String,
    /// How the connection is secured.
    pub ssl_mode: SslMode,
    /// A PEM file with the authority of the server's certificate; without it the public ones are trusted.
    pub ssl_root_cert: Option<PathBuf>,
}

/// How the connection to the database is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// In clear text.
    Disable,
    /// Encrypted where the server offers it.
    Prefer,
    /// Encrypted, whoever answers; with `sslrootcert` by a certificate of that authority.
    Require,
    /// Encrypted, with chain and host name checked.
    VerifyFull,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: None,
            host: None,
            port: 5432,
            user: "payctl".to_owned(),
            password: None,
            name: "payctl".to_owned(),
            ssl_mode: SslMode::Prefer,
        }
    }
}

impl DatabaseConfig {
    /// The server that is used; `None` for SQLite.
    pub fn server(&self) -> Option<DatabaseServer> {
        let from_parts = |host: &String| DatabaseServer {
            host: host.clone(),
            port: self.port,
            user: self.user.clone(),
            password: self.password.clone(),
            name: self.name.clone(),
            ssl_mode: self.ssl_mode,
            ssl_root_cert: None,
        };
        self.url.clone().or_else(|| self.host.as_ref().map(from_parts))
    }
}

impl DatabaseServer {
    /// `host:port/name`, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.name)
    }
}
