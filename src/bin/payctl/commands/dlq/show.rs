use clap::Args;
use payctl::ops::dlq::{self, Selector};

use super::select::selector;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one dead letter, or a cause with the oldest of its letters, and what a replay would do
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq show c-41a0ff
  payctl dlq show dlq:accounting/payment.events/3/881 -o json")]
pub(crate) struct ShowArgs {
    /// A cause (c-…) or a dead letter (dlq:…)
    #[arg(value_name = "ID|CAUSE", value_parser = selector)]
    selector: Selector,
}

pub(super) async fn run(console: &mut Console, args: ShowArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let shown = dlq::show(&reader, &args.selector).await.map_err(|error| console.unread(error))?;
    console.out.report(&shown)?;
    Ok(Exit::Ok)
}
