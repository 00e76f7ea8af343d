use payctl::ops::verify;
use payctl::services::Service;

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Account for every event that each group was given: applied, parked, given up, ignored, or skipped
///
/// By group and partition, on one snapshot: delivered = applied + parked + discarded + ignored + skipped. Ignored are types
/// that this version does not know. Exit 3 where an event was skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl verify consumption
  payctl verify consumption --group accounting -o json")]
pub(crate) struct ConsumptionArgs {
    /// Only this group
    #[arg(long, value_name = "GROUP", value_parser = value::group())]
    group: Option<Service>,
}

pub(super) async fn run(console: &mut Console, args: &ConsumptionArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let found = verify::consumption(&reader, args.group).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.is_broken() { Exit::Finding } else { Exit::Ok })
}
