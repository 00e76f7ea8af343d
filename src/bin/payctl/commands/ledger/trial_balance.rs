use payctl::ops::ledger;

use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show every account with its debits and credits, and whether the two sides are equal in each currency
///
/// Exit 3 where they are not. Without a time the figures are the accounts' own; with one they are sums of the transfers that were
/// booked at that time or before. Everything comes from the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl ledger trial-balance
  payctl ledger trial-balance --as-of 2026-01-01T00:00:00Z -o json")]
pub(crate) struct TrialBalanceArgs {
    /// As the books stood at this time: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    as_of: Option<Moment>,
}

pub(super) async fn run(console: &mut Console, args: &TrialBalanceArgs) -> Result<Exit, Failure> {
    let as_of = args.as_of.map(|moment| moment.before(console.ambient.now()));
    let reader = console.reader().await?;
    let books = ledger::trial_balance(&reader, as_of).await.map_err(|error| console.unread(error))?;
    console.out.report(&books)?;
    Ok(if books.balanced { Exit::Ok } else { Exit::Finding })
}
