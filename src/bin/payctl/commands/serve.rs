use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use payctl::config::Profile;
use payctl::services::Service;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

use super::platform;

/// Starts the named services on one SQLite file and runs until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct ServeArgs {
    /// The services to run
    #[arg(required = true, value_name = "SERVICE", value_parser = services(), hide_possible_values = true)]
    services: Vec<Service>,
}

pub(crate) async fn run(console: &mut Console, args: &ServeArgs) -> Result<Exit, Failure> {
    let config = Arc::new(console.platform(Profile::Production)?);
    // The registry's order, whatever order they were named in, each once.
    let wanted: Vec<Service> = Service::ALL.iter().copied().filter(|service| args.services.contains(service)).collect();
    let names: Vec<&str> = wanted.iter().map(|service| service.name()).collect();
    let words = format!("serve {}", names.join(" "));
    let running = platform::start(console, &config, &wanted, &words).await?;
    platform::run(console, &config, running, &words).await
}

/// The registry's names, so that help and completions follow it.
fn services() -> impl clap::builder::TypedValueParser<Value = Service> {
    PossibleValuesParser::new(Service::ALL.iter().map(|service| PossibleValue::new(service.name())))
        .try_map(|name| Service::parse(&name).ok_or("no such service"))
}

fn after_help() -> String {
    let services: Vec<String> = Service::ALL.iter().map(|service| format!("  {:<13} {}", service.name(), service.about())).collect();
    format!("Services:\n{}\n\nExample: payctl serve gateway channel", services.join("\n"))
}
