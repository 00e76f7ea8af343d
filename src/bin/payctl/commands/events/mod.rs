//! `payctl events …`: the permanent event store, which has every event whatever becomes of the log.

mod list;
mod replay;
mod republish;
mod show;

use clap::Subcommand;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Replay(replay::ReplayArgs),
    Republish(republish::RepublishArgs),
}

pub(crate) async fn run(console: &mut Console, command: EventsCommand) -> Result<Exit, Failure> {
    match command {
        EventsCommand::List(args) => list::run(console, args).await,
        EventsCommand::Show(args) => show::run(console, &args).await,
        EventsCommand::Replay(args) => replay::run(console, &args).await,
        EventsCommand::Republish(args) => republish::run(console, args).await,
    }
}
