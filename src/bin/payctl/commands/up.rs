use std::sync::Arc;

use clap::Args;
use payctl::config::Profile;
use payctl::ops::Reader;
use payctl::services::Service;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

use super::{demo, platform};

/// Starts every service on one SQLite file and runs until Ctrl-C; nothing has to be installed or configured.
#[derive(Debug, Args)]
#[command(after_help = "Example: payctl up --demo")]
pub(crate) struct UpArgs {
    /// Take one payment all the way, show it, and stay up
    #[arg(long)]
    demo: bool,
}

pub(crate) async fn run(console: &mut Console, args: &UpArgs) -> Result<Exit, Failure> {
    let config = Arc::new(console.platform(Profile::Development)?);
    let words = if args.demo { "up --demo" } else { "up" };
    let running = platform::start(console, &config, Service::ALL, words).await?;
    if !args.demo {
        return platform::run(console, &config, running, words).await;
    }
    let reader = Reader::new(running.store().clone(), running.log().clone(), console.ambient.clone());
    let showing = async {
        match demo::show(console, &config, &reader).await {
            // The platform stays up whatever became of the show; its failure is told like any other.
            Err(Failure::Shown(shown)) => console.out.failure(&shown),
            Err(Failure::ClosedPipe) | Ok(()) => {}
        }
    };
    tokio::join!(platform::run(console, &config, running, words), showing).0
}
