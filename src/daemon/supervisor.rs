use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{Ambient, Config};
use crate::http::{ApiKeys, Edge, Meter, Router, finish, method_not_allowed, not_found};
use crate::log::EventLog;
use crate::services::{Running, Service, ServiceContext, prepare};
use crate::store::{Store, StoreError};
use crate::telemetry::{self, Sampler};

use super::consumer::{Direct, Group};
use super::export::Exporter;
use super::health::{self, Health};
use super::pipeline::{self, Pipeline};
use super::relay::RelayStatus;
use super::{Shutdown, StartError, desk, internal, observe, secrets, server};

/// What everything gets to finish its work when the platform stops.
const DRAIN: Duration = Duration::from_secs(15);

/// A running platform: some or all services in this process.
pub struct Platform {
    /// Where each service listens.
    pub addresses: Vec<(Service, SocketAddr)>,
    store: Store,
    log: EventLog,
    tasks: Tasks,
    shutdown: Shutdown,
}

/// Tasks in the order in which they started, each with its own stop; they are stopped in reverse.
#[derive(Default)]
struct Tasks(Vec<(CancellationToken, JoinSet<()>)>);

/// Opens the database, binds every port, prepares what the profile asks for, and starts the services.
pub async fn start(config: Arc<Config>, services: &[Service], ambient: &Ambient, shutdown: Shutdown) -> Result<Platform, StartError> {
    // The directory first: a second platform on the same data should hear of that, not of the ports it also shares.
    let store = open(&config, ambient).await?;
    let listeners = bind(&config, services).await?;
    let secrets = secrets::load(&config, ambient)?;
    let context = ServiceContext {
        store: store.clone(),
        ambient: ambient.clone(),
        config: Arc::clone(&config),
        internal_token: secrets.internal_token,
        webhook_secrets: secrets.webhook_secrets,
    };
    prepare(&context).await.map_err(|error| StartError::Refused(error.to_string()))?;
    let (log, pipeline) = pipeline::open(&config, &store, ambient, &context.internal_token)?;
    let mut tasks = Tasks::default();
    tasks.watch(&config);
    let outbox = tasks.carry(pipeline);
    let mut addresses = Vec::new();
    for (service, listener) in listeners {
        addresses.push((service, listener.local_addr().map_err(|error| port_error(service, 0, &error))?));
        tasks.start(service, listener, &context, (&log, &outbox));
    }
    Ok(Platform { addresses, store, log, tasks, shutdown })
}

async fn bind(config: &Config, services: &[Service]) -> Result<Vec<(Service, TcpListener)>, StartError> {
    let mut listeners = Vec::new();
    for service in services {
        let port = config.port.unwrap_or_else(|| service.port().saturating_add(config.port_offset));
        let listener = TcpListener::bind((config.bind, port)).await.map_err(|error| port_error(*service, port, &error))?;
        listeners.push((*service, listener));
    }
    Ok(listeners)
}

fn port_error(service: Service, port: u16, error: &std::io::Error) -> StartError {
    StartError::Port { service, port, reason: error.to_string() }
}

async fn open(config: &Arc<Config>, ambient: &Ambient) -> Result<Store, StartError> {
    if let Some(server) = config.database.server() {
        return Ok(Store::connect(&server, &Service::migrations(), ambient).await?);
    }
    let (config, ambient) = (Arc::clone(config), ambient.clone());
    let opening = tokio::task::spawn_blocking(move || Store::open(&config.data_dir, &Service::migrations(), &ambient));
    Ok(opening.await.map_err(|error| StoreError::Unavailable(error.to_string()))??)
}

impl Tasks {
    /// Metrics and traces come first, so that they stop last and miss nothing of the end.
    fn watch(&mut self, config: &Config) {
        let stop = CancellationToken::new();
        let mut work = JoinSet::new();
        work.spawn(observe::upkeep(stop.clone()));
        if let Some(endpoint) = &config.trace.endpoint
            && let Some(spans) = telemetry::install(Sampler::new(config.trace.sampling_rate))
        {
            work.spawn(Exporter::new(endpoint, spans).run(stop.clone()));
        }
        self.0.push((stop, work));
    }

    /// Before the services, so that it stops after them and carries their last commits.
    fn carry(&mut self, pipeline: Option<Pipeline>) -> RelayStatus {
        let Some(pipeline) = pipeline else { return RelayStatus::default() };
        let (status, stop) = (pipeline.relay.status(), CancellationToken::new());
        let mut work = JoinSet::new();
        work.spawn(pipeline.run(stop.clone()));
        self.0.push((stop, work));
        status
    }

    fn start(&mut self, service: Service, listener: TcpListener, context: &ServiceContext, (log, outbox): (&EventLog, &RelayStatus)) {
        let Running { routes, consumer, workers, dependencies } = service.build(context);
        let (stop, stop_server) = (CancellationToken::new(), CancellationToken::new());
        let direct = consumer.as_ref().and_then(|consumer| Direct::new(service, Arc::clone(consumer), &context.store));
        let group = consumer.and_then(|consumer| Group::new(service, consumer, (&context.store, log, &context.ambient), stop.clone()));
        let health = Health {
            service: service.name(),
            store: context.store.clone(),
            group: group.as_ref().map(Group::status),
            log: log.clone(),
            outbox: outbox.clone(),
            dependencies,
            stopping: stop_server.clone(),
            metrics: observe::recorder(),
        };
        let mut work = JoinSet::new();
        for worker in workers {
            work.spawn((worker.run)(stop.clone()));
        }
        if let Some(group) = group {
            work.spawn(group.run());
        }
        self.0.push((stop, work));
        // Started after the workers, so stopped before them: open requests still find whoever answers them.
        let mut server = JoinSet::new();
        let routes = direct.map_or_else(Router::new, |direct| internal::routes(service, direct, &context.ambient)).merge(routes);
        let routes = if context.config.database.server().is_none() { routes.merge(desk::routes(context)) } else { routes };
        let routes = edge(service, routes.merge(health::routes(health)), context);
        server.spawn(server::serve(listener, routes, stop_server.clone()));
        self.0.push((stop_server, server));
    }

    /// Stops in the reverse of the order in which they started: who takes requests first stops last.
    async fn drain(&mut self) {
        for (stop, set) in self.0.iter_mut().rev() {
            stop.cancel();
            while set.join_next().await.is_some() {}
        }
    }

    /// Resolves when a task ends that should run for ever.
    async fn ended(&mut self) {
        let mut all: futures_util::stream::FuturesUnordered<_> = self.0.iter_mut().map(|(_, set)| set.join_next()).collect();
        while let Some(ended) = futures_util::StreamExt::next(&mut all).await {
            if matches!(ended, Some(Err(_))) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

fn edge(service: Service, routes: Router, context: &ServiceContext) -> Router {
    let edge = Edge {
        service: service.name(),
        api_keys: ApiKeys::new(context.store.clone()),
        internal_token: context.internal_token.clone(),
        profile: context.config.profile,
        ambient: context.ambient.clone(),
        meter: Meter::new(service.name()),
    };
    routes.fallback(not_found).method_not_allowed_fallback(method_not_allowed).layer(from_fn_with_state(Arc::new(edge), finish))
}

impl Platform {
    /// The database that the platform runs on.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The log that the platform reads.
    pub const fn log(&self) -> &EventLog {
        &self.log
    }

    /// Runs until it is told to stop or cannot go on; then drains, within a limit, and closes the database.
    pub async fn run(mut self) -> Result<(), StartError> {
        let fault = tokio::select! {
            () = self.shutdown.drain.cancelled() => None,
            error = self.store.broken() => Some(error),
            () = self.tasks.ended() => Some(StoreError::Panicked("a task of a service".to_owned())),
        };
        tokio::select! {
            () = self.tasks.drain() => {}
            () = self.shutdown.force.cancelled() => {}
            () = tokio::time::sleep(DRAIN) => tracing::warn!("some work was cut off because it did not finish in time"),
        }
        drop(self.tasks);
        let store = self.store.clone();
        // Nothing is left to be told if closing fails: every acknowledged write was committed before.
        let _ = tokio::task::spawn_blocking(move || store.close()).await;
        fault.map_or(Ok(()), |error| Err(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn tasks_stop_in_the_reverse_of_the_order_in_which_they_started() {
        let stopped = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Tasks::default();
        for name in ["workers", "server", "last"] {
            let (stop, stopped) = (CancellationToken::new(), Arc::clone(&stopped));
            let mut set = JoinSet::new();
            let told = stop.clone();
            set.spawn(async move {
                told.cancelled().await;
                // Whoever were stopped too early would be in the list before this one.
                tokio::task::yield_now().await;
                stopped.lock().unwrap().push(name);
            });
            tasks.0.push((stop, set));
        }
        tasks.drain().await;
        assert_eq!(*stopped.lock().unwrap(), ["last", "server", "workers"]);
    }

    #[tokio::test]
    async fn a_task_that_panics_is_noticed_and_one_that_ends_is_not() {
        let mut tasks = Tasks::default();
        let mut quiet = JoinSet::new();
        quiet.spawn(async {});
        tasks.0.push((CancellationToken::new(), quiet));
        assert!(tokio::time::timeout(Duration::from_millis(50), tasks.ended()).await.is_err());
        let mut loud = JoinSet::new();
        loud.spawn(async { panic!("planted") });
        tasks.0.push((CancellationToken::new(), loud));
        tasks.ended().await;
    }
}
