use payctl::ops::merchants;

use crate::commands::unmask::Unmask;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one merchant: today, balances, last payments, open dead letters and API keys, whether a platform runs or not
///
/// Balances are those of the books: pending is not settled yet, available may be withdrawn, held is on its way to the bank; - is an
/// account on which nothing was ever booked. Of keys there is only the name: the keys themselves are nowhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl merchants show 2e42829e-b6aa-4e63-964d-a45a49af106c
  payctl merchants show 'Development merchant' -n 20")]
pub(crate) struct ShowArgs {
    /// Its id, or its name whatever the case
    #[arg(value_name = "ID|NAME")]
    merchant: String,
    /// At most so many payments, and so many dead letters
    #[arg(short = 'n', long = "last", value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..=1000))]
    last: i64,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
}

pub(super) async fn run(console: &mut Console, args: ShowArgs) -> Result<Exit, Failure> {
    let masking = args.unmask.masking(console, "merchants show", &args.merchant).await?;
    let reader = console.reader().await?;
    let found = merchants::show(&reader, &args.merchant, args.last, masking).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(Exit::Ok)
}
