//! `payctl topics …`: what lies on the log, read without joining any group, and put there on purpose.

mod describe;
mod init;
mod produce;
mod tail;

use clap::Subcommand;
use payctl::ops::topics;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum TopicsCommand {
    /// List the topics with their partitions, retention and records
    #[command(after_help = "Example: payctl topics list -o json")]
    List,
    Describe(describe::DescribeArgs),
    Init(init::InitArgs),
    Tail(tail::TailArgs),
    Produce(produce::ProduceArgs),
}

pub(crate) async fn run(console: &mut Console, command: TopicsCommand) -> Result<Exit, Failure> {
    match command {
        TopicsCommand::List => {
            let reader = console.reader().await?;
            let list = topics::list(&reader).await.map_err(|error| console.unread(error))?;
            console.out.report(&list)?;
            Ok(Exit::Ok)
        }
        TopicsCommand::Describe(args) => describe::run(console, args).await,
        TopicsCommand::Init(args) => init::run(console, args).await,
        TopicsCommand::Tail(args) => tail::run(console, args).await,
        TopicsCommand::Produce(args) => produce::run(console, args).await,
    }
}
