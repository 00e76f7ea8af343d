//! `payctl dlq …`: what is parked and why, and what is to become of it.

mod dispose;
mod list;
mod replay;
mod select;
mod show;
mod status;
mod transfer;

use clap::Subcommand;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Replay(replay::ReplayArgs),
    Status(status::StatusArgs),
    Discard(dispose::DiscardArgs),
    Restore(dispose::RestoreArgs),
    Export(transfer::ExportArgs),
    Import(transfer::ImportArgs),
}

pub(crate) async fn run(console: &mut Console, command: DlqCommand) -> Result<Exit, Failure> {
    match command {
        DlqCommand::List(args) => list::run(console, args).await,
        DlqCommand::Show(args) => show::run(console, args).await,
        DlqCommand::Replay(args) => replay::run(console, args).await,
        DlqCommand::Status(args) => status::run(console, args).await,
        DlqCommand::Discard(args) => dispose::discard(console, args).await,
        DlqCommand::Restore(args) => dispose::restore(console, args).await,
        DlqCommand::Export(args) => transfer::export(console, args).await,
        DlqCommand::Import(args) => transfer::import(console, args).await,
    }
}
