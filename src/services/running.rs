use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::config::{Ambient, Config, Secret};
use crate::http::Router;
use crate::store::Store;

use super::{Consumer, Service};

/// What every service is built with.
#[derive(Clone)]
pub struct ServiceContext {
    /// The platform's database.
    pub store: Store,
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The whole configuration; a service reads its own section.
    pub config: Arc<Config>,
    /// What services show each other.
    pub internal_token: Secret,
    /// The secrets that may have signed a channel's webhook; the sandbox signs with the first.
    pub webhook_secrets: Arc<Vec<Secret>>,
}

impl ServiceContext {
    /// The base URL at which `service` answers, without a slash at the end.
    pub fn url(&self, service: Service) -> String {
        service.url(&self.config)
    }
}

/// A task of a service that runs until it is told to stop.
pub struct Worker {
    /// What it does, for logs and health.
    pub name: &'static str,
    /// Runs it; it ends soon after the token is cancelled, and its work survives being cut off.
    pub run: Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>,
}

impl Worker {
    /// A worker from an async closure.
    pub fn new<F, R>(name: &'static str, run: F) -> Self
    where
        F: FnOnce(CancellationToken) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |stop| Box::pin(run(stop))) }
    }
}

/// How one of a service's dependencies is.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// `smtp`, `stripe`.
    pub name: &'static str,
    /// `None` while it works, else what is wrong.
    pub fault: Option<String>,
    /// Whether the service can do its work without it: then it is degraded, not unready.
    pub optional: bool,
}

/// A built service, ready to be run by the daemon.
pub struct Running {
    /// Its routes, without health and metrics, which the daemon adds.
    pub routes: Router,
    /// What it does with its group's events.
    pub consumer: Option<Arc<dyn Consumer>>,
    /// Its own tasks.
    pub workers: Vec<Worker>,
    /// Asks how its own dependencies are.
    pub dependencies: Box<dyn Fn() -> Vec<Dependency> + Send + Sync>,
}

impl Running {
    /// A service with routes only.
    pub fn new(routes: Router) -> Self {
        Self { routes, consumer: None, workers: Vec::new(), dependencies: Box::new(Vec::new) }
    }
}
