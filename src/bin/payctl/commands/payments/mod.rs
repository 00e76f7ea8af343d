//! `payctl payments …`: what a merchant asks of the gateway, and what its payer does on the checkout page.

mod cancel;
mod create;
mod get;
mod list;
mod pay;
pub(crate) mod view;

use clap::Subcommand;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum PaymentsCommand {
    Create(create::CreateArgs),
    Get(get::GetArgs),
    List(list::ListArgs),
    Cancel(cancel::CancelArgs),
    Pay(pay::PayArgs),
}

pub(crate) async fn run(console: &mut Console, command: PaymentsCommand) -> Result<Exit, Failure> {
    match command {
        PaymentsCommand::Create(args) => create::run(console, args).await,
        PaymentsCommand::Get(args) => get::run(console, args).await,
        PaymentsCommand::List(args) => list::run(console, args).await,
        PaymentsCommand::Cancel(args) => cancel::run(console, args).await,
        PaymentsCommand::Pay(args) => pay::run(console, args).await,
    }
}
