use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use payctl::config::Profile;
use payctl::services::Service;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

use super::platform;

/// Starts the named services in this process and runs until Ctrl-C.
///
/// On SQLite one process holds the data. On PostgreSQL and Kafka there may be many: several of one service share its partitions,
/// and each process also publishes from the outbox, which `serve relay` does alone.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct ServeArgs {
    /// The services to run
    #[arg(required = true, value_name = "SERVICE", value_parser = services(), hide_possible_values = true)]
    services: Vec<Wanted>,
}

/// What a process may be asked to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Service(Service),
    /// Nothing but what every process does: publishing from the outbox.
    Relay,
}

/// As it is typed.
const RELAY: &str = "relay";

pub(crate) async fn run(console: &mut Console, args: &ServeArgs) -> Result<Exit, Failure> {
    let config = Arc::new(console.platform(Profile::Production)?);
    // The registry's order, whatever order they were named in, each once.
    let wanted: Vec<Service> = Service::ALL.iter().copied().filter(|service| args.services.contains(&Wanted::Service(*service))).collect();
    if args.services.contains(&Wanted::Relay) && config.kafka.brokers.is_empty() {
        let message = "there is nothing to relay: on SQLite committing is publishing; set DATABASE_URL and KAFKA_BROKERS";
        return Err(Failure::usage(message, console.again("config show")));
    }
    let names: Vec<&str> = if wanted.is_empty() { vec![RELAY] } else { wanted.iter().map(|service| service.name()).collect() };
    let words = format!("serve {}", names.join(" "));
    let running = platform::start(console, &config, &wanted, &words).await?;
    platform::run(console, &config, running, &words).await
}

/// The registry's names, so that help and completions follow it.
fn services() -> impl clap::builder::TypedValueParser<Value = Wanted> {
    let names = Service::ALL.iter().map(|service| service.name()).chain([RELAY]);
    PossibleValuesParser::new(names.map(PossibleValue::new)).try_map(|name| match Service::parse(&name) {
        Some(service) => Ok(Wanted::Service(service)),
        None if name == RELAY => Ok(Wanted::Relay),
        None => Err("no such service"),
    })
}

fn after_help() -> String {
    let services: Vec<String> = Service::ALL.iter().map(|service| format!("  {:<13} {}", service.name(), service.about())).collect();
    let services = services.into_iter().chain([format!("  {RELAY:<13} publishes from the outbox, alone")]).collect::<Vec<_>>();
    format!("Services:\n{}\n\nExample: payctl serve gateway channel", services.join("\n"))
}
