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
    ///
    /// Groups of others on the same brokers stand below those of the platform; where the brokers do not tell of their members,
    /// these are unknown. Where the brokers do not answer at all, what the database knows is shown, and the exit code is 5.
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
            if found.log_fault.is_some() {
                return Ok(Exit::Partial);
            }
        }
        GroupsCommand::Describe { group } => {
            let reader = console.reader().await?;
            let found = groups::describe(&reader, group).await.map_err(|error| console.unread(error))?;
            console.out.report(&found)?;
            if found.log_fault.is_some() {
                return Ok(Exit::Partial);
            }
        }
        GroupsCommand::ResetOffsets(args) => return reset::run(console, args).await,
    }
    Ok(Exit::Ok)
}
