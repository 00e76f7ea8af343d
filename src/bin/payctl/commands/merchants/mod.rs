//! `payctl merchants …`: how each merchant stands with the gateway, analytics, the books and the dead letters.

mod list;
mod metrics;
mod show;

use clap::Subcommand;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum MerchantsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Metrics(metrics::MetricsArgs),
}

pub(crate) async fn run(console: &mut Console, command: MerchantsCommand) -> Result<Exit, Failure> {
    match command {
        MerchantsCommand::List(args) => list::run(console, &args).await,
        MerchantsCommand::Show(args) => show::run(console, args).await,
        MerchantsCommand::Metrics(args) => metrics::run(console, args).await,
    }
}
