use payctl::ops::verify::{self, MOST_ANSWERS};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Compare kept answers with what the gateway's own code answers, byte by byte (I3)
///
/// A repeated request gets the answer that is kept under its idempotency key. Each create that is looked at is answered anew from
/// its payment as it was when new; refusals are checked for being such as may be kept. Requests are kept as digests only, so none is
/// sent again and no platform need run: `load run` repeats its own. Exit 3 where an answer differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl verify replay
  payctl verify replay --sample 10000 -o json")]
pub(crate) struct ReplayArgs {
    /// How many answers, spread over all that are kept
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_ANSWERS)))]
    sample: u32,
}

pub(super) async fn run(console: &mut Console, args: &ReplayArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let found = verify::verify_answers(&reader, args.sample).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.is_broken() { Exit::Finding } else { Exit::Ok })
}
