//! `payctl groups …`: the consumer groups, their members and where they stand.

mod reset;

use clap::Subcommand;
use payctl::ops::groups;
use payctl::services::Service;

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum GroupsCommand {
    /// List the groups with their members, what these do, and how far they are behind
    #[command(after_help = "Example: payctl groups list -o json")]
    List,
    /// Show one group: its members, and where it stands in each partition
    #[command(after_help = "Example: payctl groups describe accounting")]
    Describe {
        /// Which group
        #[arg(value_name = "GROUP", value_parser = value::group())]
        group: Service,
    },
    ResetOffsets(reset::ResetArgs),
}

pub(crate) async fn run(console: &mut Console, command: GroupsCommand) -> Result<Exit, Failure> {
    match command {
        GroupsCommand::List => {
            let reader = console.reader().await?;
            let found = groups::list(&reader).await.map_err(|error| console.unread(error))?;
            console.out.report(&found)?;
        }
        GroupsCommand::Describe { group } => {
            let reader = console.reader().await?;
            let found = groups::describe(&reader, group).await.map_err(|error| console.unread(error))?;
            console.out.report(&found)?;
        }
        GroupsCommand::ResetOffsets(args) => return reset::run(console, args).await,
    }
    Ok(Exit::Ok)
}
