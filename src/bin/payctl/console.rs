use payctl::config::{self, Ambient, Config, Inputs, Loaded, Profile, Purpose};
use payctl::daemon::internal_token;
use payctl::log::{EventLog, KafkaConfig};
use payctl::ops::dlq::Desk;
use payctl::ops::{ClientError, OpsError, Reader};
use payctl::services::Service;
use payctl::store::{Store, StoreError};

use crate::error::Failure;
use crate::global::GlobalArgs;
use crate::nature::Nature;
use crate::output::Output;
use crate::telemetry;

/// What a question can be asked of.
pub(crate) enum Sources {
    /// Database and log.
    Both(Reader),
    /// The brokers alone, and why the database does not answer.
    Log(EventLog, String),
}

/// What every command works with.
pub(crate) struct Console {
    /// The printer.
    pub(crate) out: Output,
    /// Clock and randomness.
    pub(crate) ambient: Ambient,
    global: GlobalArgs,
    nature: Nature,
    logs: bool,
}

impl Console {
    pub(crate) fn new(global: GlobalArgs, nature: Nature) -> Self {
        let early = Inputs::from_process(global.flags(), Profile::Development, Purpose::Console);
        let out = global.output(early.no_color(), None);
        Self { out, ambient: Ambient::system(), global, nature, logs: true }
    }

    /// One that only looks something up, and logs nothing.
    pub(crate) fn silent(global: GlobalArgs, nature: Nature) -> Self {
        Self { logs: false, ..Self::new(global, nature) }
    }

    /// Refuses what the command cannot print before it asks or does anything.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.nature.unprintable(&self.out).map_or(Ok(()), Err)
    }

    /// The configuration of a command that asks a platform or changes something on it; starts logging.
    pub(crate) fn config(&mut self) -> Result<Config, Failure> {
        Ok(self.load(Profile::Development, Purpose::Console)?.config)
    }

    /// The configuration of a process that runs services, with what it warns of logged.
    pub(crate) fn platform(&mut self, default_profile: Profile) -> Result<Config, Failure> {
        let loaded = self.load(default_profile, Purpose::Platform)?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        Ok(loaded.config)
    }

    /// The configuration with where it came from; starts logging. Every way to a platform begins here, and ends here for what
    /// would change one that is only to be read.
    pub(crate) fn load(&mut self, default_profile: Profile, purpose: Purpose) -> Result<Loaded, Failure> {
        let mut loaded = config::load(&Inputs::from_process(self.global.flags(), default_profile, purpose))?;
        let config = &mut loaded.config;
        if config.read_only
            && let Some(refused) = self.nature.refused_read_only(self.again("config show"))
        {
            return Err(refused);
        }
        if purpose == Purpose::Console {
            config.kafka.patience = Some(config.timeout);
        }
        self.out = self.global.output(config.no_color, Some(&config.pager));
        if self.logs {
            telemetry::start(&config.log, config.no_color);
        }
        Ok(loaded)
    }

    /// A connection to the database, waited for as long as is allowed.
    async fn connected<T>(&self, config: &Config, connecting: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let place = config.database.server().map_or_else(String::new, |server| server.place());
        let late = || Err(StoreError::Unavailable(format!("{place}: no connection within {:?} (--timeout)", config.timeout)));
        tokio::time::timeout(config.timeout, connecting).await.unwrap_or_else(|_| late())
    }

    /// The platform's database and log, open for reading only, whether a platform runs on them or not.
    pub(crate) async fn reader(&mut self) -> Result<Reader, Failure> {
        let config = self.config()?;
        let migrations = Service::migrations();
        let opened = match config.database.server() {
            Some(server) => self.connected(&config, Store::connect_read_only(&server, &migrations, &self.ambient)).await,
            None => Store::open_read_only(&config.data_dir, &migrations, &self.ambient),
        };
        let store = opened.map_err(|error| self.unread(error))?;
        let log = EventLog::open(&config.kafka, &store).map_err(|error| self.unread(error))?;
        Ok(Reader::new(store, log, self.ambient.clone()))
    }

    /// The platform's log without its database; none where the log is a table of it.
    pub(crate) fn log_alone(&mut self) -> Result<Option<EventLog>, Failure> {
        let config = self.config()?;
        if config.database.server().is_none() {
            return Ok(None);
        }
        EventLog::kafka(&KafkaConfig::from(&config.kafka)).map(Some).map_err(|error| self.unread(error))
    }

    /// What of database and log answers: both as [`Self::reader`] opens them, or the brokers alone with the reason.
    pub(crate) async fn sources(&mut self) -> Result<Sources, Failure> {
        let config = self.config()?;
        let Some(server) = config.database.server() else { return Ok(Sources::Both(self.reader().await?)) };
        match self.connected(&config, Store::connect_read_only(&server, &Service::migrations(), &self.ambient)).await {
            Ok(store) => {
                let log = EventLog::open(&config.kafka, &store).map_err(|error| self.unread(error))?;
                Ok(Sources::Both(Reader::new(store, log, self.ambient.clone())))
            }
            Err(error) if error.is_infrastructure() && !config.kafka.brokers.is_empty() => {
                let log = EventLog::kafka(&KafkaConfig::from(&config.kafka)).map_err(|error| self.unread(error))?;
                Ok(Sources::Log(log, error.to_string()))
            }
            Err(error) => Err(self.unread(error)),
        }
    }

    /// The platform's database, open for changing it, and its log; only where the log is Kafka. `why` says why nothing of the
    /// kind is needed on SQLite.
    pub(crate) async fn operator(&mut self, why: &str) -> Result<Reader, Failure> {
        let config = self.config()?;
        let Some(server) = config.database.server() else {
            return Err(Failure::usage(format!("the log is a table of the SQLite file: {why}"), self.again("topics list")));
        };
        let store = self.connected(&config, Store::connect(&server, &Service::migrations(), &self.ambient)).await;
        let store = store.map_err(|error| self.unread(error))?;
        let log = EventLog::open(&config.kafka, &store).map_err(|error| self.unread(error))?;
        Ok(Reader::new(store, log, self.ambient.clone()))
    }

    /// The platform's database and log, and the desk at which its dead letters are changed: on a server that is the database,
    /// and on a file whoever holds it, which is a running platform or, for a moment, this process.
    pub(crate) async fn desk(&mut self) -> Result<(Reader, Desk), Failure> {
        let config = self.config()?;
        let Some(server) = config.database.server() else {
            let reader = self.reader().await?;
            let desk = Desk::of_file(&config, internal_token(&config), &self.ambient);
            return Ok((reader, desk.map_err(|error| self.refused(&error, "dlq", None))?));
        };
        let store = self.connected(&config, Store::connect(&server, &Service::migrations(), &self.ambient)).await;
        let store = store.map_err(|error| self.unread(error))?;
        let log = EventLog::open(&config.kafka, &store).map_err(|error| self.unread(error))?;
        let desk = Desk::of_server(store.clone(), self.ambient.clone());
        Ok((Reader::new(store, log, self.ambient.clone()), desk))
    }

    /// The same pair, open for reading only.
    pub(crate) async fn inspector(&mut self, why: &str) -> Result<Reader, Failure> {
        let config = self.config()?;
        if config.database.server().is_none() {
            return Err(Failure::usage(format!("the log is a table of the SQLite file: {why}"), self.again("topics list")));
        }
        self.reader().await
    }

    /// Why a question to the database or the log has no answer.
    pub(crate) fn unread(&self, error: impl Into<OpsError>) -> Failure {
        let error = error.into();
        let message = error.to_string();
        match error {
            OpsError::Store(StoreError::Missing(_)) => Failure::unreachable(message, self.again("up")),
            OpsError::Store(StoreError::Corrupt { .. } | StoreError::Newer { .. }) | OpsError::Log(_) => {
                Failure::unreachable(message, self.again("config show"))
            }
            OpsError::Store(error) if error.is_infrastructure() => Failure::unreachable(message, self.again("config show")),
            OpsError::Store(_) => Failure::failed(message, self.again("verify")),
            OpsError::NotFound { what, .. } => {
                let noun = match what {
                    "order" => "orders",
                    "event" => "events",
                    "merchant" => "merchants",
                    "dead letter" | "plan" => "dlq",
                    _ => "payments",
                };
                Failure::failed(message, self.again(&format!("{noun} list")))
            }
            OpsError::Unreachable(_) => Failure::unreachable(message, self.again("status")),
            OpsError::Refused(_) => Failure::failed(message, self.again("status")),
            OpsError::Usage(_) => Failure::usage(message, "payctl --help"),
        }
    }

    /// `words` as a command for the same platform.
    pub(crate) fn again(&self, words: &str) -> String {
        format!("payctl {}{words}", self.global.typed())
    }

    /// `words` as a command for the same platform, but with `flag` at `value`.
    pub(crate) fn again_with(&self, flag: &str, value: &str, words: &str) -> String {
        format!("payctl {}{flag} {value} {words}", self.global.typed_without(flag))
    }

    /// What a platform's refusal means for the person at the console, who asked about `noun` and, where there is one, `id`.
    pub(crate) fn refused(&self, error: &ClientError, noun: &str, id: Option<&str>) -> Failure {
        let said = error.to_string();
        let message = match (error, id) {
            (ClientError::Refused { .. }, Some(id)) if !said.contains(id) => format!("{id}: {said}"),
            _ => said,
        };
        let list = self.again(&format!("{} list", noun.split(' ').next().unwrap_or(noun)));
        let get = id.map_or_else(|| list.clone(), |id| self.again(&format!("{noun} get {id}")));
        let trace = id.map_or_else(|| list.clone(), |id| self.again(&format!("trace {id}")));
        match error {
            ClientError::Unreachable { .. } => Failure::unreachable(message, self.again("up")),
            ClientError::NoAnswer { .. } => Failure::unreachable(message, get),
            ClientError::Foreign { .. } | ClientError::Broken(_) => Failure::unreachable(message, self.again("config show")),
            ClientError::NoKey => Failure::usage(message, self.again("config show")),
            ClientError::NotDevelopment => Failure::usage(message, get),
            ClientError::Final { .. } | ClientError::Unsettled { .. } => Failure::failed(message, trace),
            ClientError::Refused { status, .. } => match status {
                400 | 413 | 415 | 431 => Failure::usage(message, format!("payctl {noun} --help")),
                401 | 403 => Failure::unreachable(message, self.again("config show")),
                404 => Failure::failed(message, list),
                409 | 422 => Failure::failed(message, get),
                429 | 503 => Failure::failed(message, "the same again"),
                _ => Failure::failed(message, self.again("verify")),
            },
        }
    }
}
