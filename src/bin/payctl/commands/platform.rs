use std::sync::Arc;
use std::time::{Duration, Instant};

use payctl::config::{Config, fail_point};
use payctl::daemon::{self, Platform, Shutdown, StartError};
use payctl::fault;
use payctl::services::Service;
use payctl::store::StoreError;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;
use crate::telemetry;

/// How far a suggested platform moves away from one that is in the way.
const OFFSET_STEP: u16 = 100;

/// Starts services in this process and says where they answer; `words` are what to type for the same again.
pub(crate) async fn start(console: &Console, config: &Arc<Config>, services: &[Service], words: &str) -> Result<Platform, Failure> {
    if let (Some(port), true) = (config.port, services.len() > 1) {
        let message = format!("PORT={port} is one port, but {} services are to run; unset it to give each its own", services.len());
        return Err(Failure::usage(message, "payctl serve --help"));
    }
    if let Some(text) = fail_point(config.profile) {
        fault::arm(&text).map_err(|reason| Failure::usage(format!("PAYCTL_FAIL: {reason}"), words.to_owned()))?;
    }
    let started = Instant::now();
    let shutdown = Shutdown::default();
    shutdown.on_signals().map_err(|error| Failure::failed(format!("signals cannot be waited for: {error}"), console.again(words)))?;
    let platform = daemon::start(Arc::clone(config), services, &console.ambient, shutdown)
        .await
        .map_err(|error| refused(console, config, &error, words))?;
    announce(console, config, &platform, started.elapsed());
    Ok(platform)
}

/// A person is told, a collector gets log lines.
fn announce(console: &Console, config: &Config, platform: &Platform, took: Duration) {
    let (profile, directory) = (config.profile.as_str(), config.data_dir.display());
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if !telemetry::is_for_eyes(&config.log) {
        for (service, address) in &platform.addresses {
            tracing::info!(service = service.name(), %address, "listening");
        }
        tracing::info!(profile, data_dir = %directory, took_ms, "ready");
        return;
    }
    console.out.note(&format!("ready after {took_ms} ms ({profile}, data in {directory})"));
    for (service, address) in &platform.addresses {
        console.out.note(&format!("  {:<13} http://{address}  {}", service.name(), service.about()));
    }
}

/// Runs until a signal ends it.
pub(crate) async fn run(console: &Console, config: &Config, platform: Platform, words: &str) -> Result<Exit, Failure> {
    platform.run().await.map_err(|error| refused(console, config, &error, words))?;
    Ok(Exit::Ok)
}

/// Each reason for not starting, or not going on, with its way out.
fn refused(console: &Console, config: &Config, error: &StartError, words: &str) -> Failure {
    let message = error.to_string();
    let free_offset = config.port_offset.saturating_add(OFFSET_STEP);
    let elsewhere = || format!("payctl --data-dir DIR --port-offset {free_offset} {words}");
    let other_directory = || console.again_with("--data-dir", "DIR", words);
    match error {
        StartError::Port { .. } => Failure::unreachable(
            format!("{message}; stop what uses it or move every port"),
            console.again_with("--port-offset", &free_offset.to_string(), words),
        ),
        StartError::Refused(_) => Failure::usage(message, console.again("config show")),
        StartError::Store(StoreError::Held(_)) => {
            Failure::unreachable(format!("{message}; stop that one or use another directory"), elsewhere())
        }
        StartError::Store(StoreError::Corrupt { .. }) => {
            Failure::unreachable(format!("{message}; restore a backup or use another directory"), other_directory())
        }
        StartError::Store(StoreError::Newer { .. }) => {
            Failure::unreachable(format!("{message}; run that version or use another directory"), other_directory())
        }
        StartError::Store(StoreError::Unwritable { .. }) => {
            Failure::unreachable(format!("{message}; make it writable or use another directory"), other_directory())
        }
        StartError::Store(_) => Failure::failed(message, console.again("verify")),
    }
}
