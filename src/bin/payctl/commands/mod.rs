//! One file a noun: its arguments, and what is done with them.

pub(crate) mod bundle;
pub(crate) mod completions;
pub(crate) mod config;
mod days;
mod demo;
pub(crate) mod dlq;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod lag;
pub(crate) mod ledger;
pub(crate) mod load;
pub(crate) mod man;
pub(crate) mod merchants;
pub(crate) mod metrics;
pub(crate) mod orders;
pub(crate) mod payments;
mod platform;
pub(crate) mod selftest;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod topics;
pub(crate) mod trace;
mod unmask;
pub(crate) mod up;
mod value;
pub(crate) mod verify;
mod verify_acked;
mod verify_canary;
mod verify_consumption;
mod verify_replay;
mod verify_topic;

use crate::cli::{self, Command};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Does what the command line asks for.
pub(crate) async fn run(command: Command, console: &mut Console) -> Result<Exit, Failure> {
    match command {
        Command::Up(args) => up::run(console, &args).await,
        Command::Serve(args) => serve::run(console, &args).await,
        Command::Payments(command) => payments::run(console, command).await,
        Command::Merchants(command) => merchants::run(console, command).await,
        Command::Orders(command) => orders::run(console, command).await,
        Command::Topics(command) => topics::run(console, command).await,
        Command::Events(command) => events::run(console, command).await,
        Command::Groups(command) => groups::run(console, command).await,
        Command::Dlq(command) => dlq::run(console, command).await,
        Command::Selftest(command) => selftest::run(console, command).await,
        Command::Lag(args) => lag::run(console, args).await,
        Command::Bundle(args) => bundle::run(console, args).await,
        Command::Status(args) => status::run(console, args).await,
        Command::Trace(args) => trace::run(console, args).await,
        Command::Metrics(args) => metrics::run(console, args).await,
        Command::Ledger(command) => ledger::run(console, command).await,
        Command::Load(command) => load::run(console, command).await,
        Command::Verify(args) => verify::run(console, args).await,
        Command::Config(command) => config::run(console, &command),
        Command::Completions(args) => completions::run(console, &args),
        Command::Man(args) => man::run(console, &args, cli::command()),
    }
}
