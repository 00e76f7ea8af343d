use payctl::ops::replay;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Rebuild payments, orders, books and metrics from the stored events alone, and compare
///
/// Reads one snapshot and writes nothing: no table, no mail, no webhook. What a group has not applied yet, has parked or was told
/// to discard is expected neither in the books nor in the metrics. Exit 3 where the live tables differ, each difference with what
/// the events say and what was found.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl events replay --into shadow --diff
  payctl events replay --into shadow --diff -o json")]
pub(crate) struct ReplayArgs {
    /// Where the events go: shadow, which is kept in memory and ends with the command
    #[arg(long, value_name = "WHERE", value_parser = ["shadow"], required = true, hide_possible_values = true)]
    into: String,
    /// Compare with the live tables
    #[arg(long, required = true)]
    diff: bool,
}

pub(super) async fn run(console: &mut Console, _args: &ReplayArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let replay = replay::replay(&reader).await.map_err(|error| console.unread(error))?;
    console.out.report(&replay)?;
    Ok(if replay.is_different() { Exit::Finding } else { Exit::Ok })
}
