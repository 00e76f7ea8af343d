use clap::Args;
use payctl::ops::dlq;

use super::replay;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show a replay's plan and what has become of it by now
///
/// Exits with 5 while something of it was not sent or is not verified.
#[derive(Debug, Args)]
#[command(after_help = "Example: payctl dlq status rp-07120c")]
pub(crate) struct StatusArgs {
    /// Which plan
    #[arg(value_name = "PLAN")]
    plan: String,
}

pub(super) async fn run(console: &mut Console, args: StatusArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let report = dlq::load(&reader, &args.plan).await.map_err(|error| console.unread(error))?;
    console.out.report(&report)?;
    Ok(replay::exit(&report))
}
