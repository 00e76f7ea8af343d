use payctl::config::{Profile, SEEDED_MERCHANT};
use payctl::domain::{MerchantId, utc_date};
use payctl::ops::metrics::{self, MetricsQuery};

use super::days::Days;
use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show what analytics has counted: a merchant's payments and orders, and a channel's transactions
///
/// The same as `merchants metrics`, with a channel beside it where one is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl metrics --range 7d
  payctl metrics --from 2026-01-01 --to 2026-01-31 --channel stripe")]
pub(crate) struct MetricsArgs {
    /// Whose; in development the seeded merchant
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Also this channel, of all merchants together
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    #[command(flatten)]
    days: Days,
}

pub(crate) async fn run(console: &mut Console, args: MetricsArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let seeded = SEEDED_MERCHANT.parse().ok().filter(|_| config.profile == Profile::Development);
    let merchant = args.merchant.or(seeded);
    let merchant =
        merchant.ok_or_else(|| Failure::usage("--merchant is needed outside the development profile", "payctl metrics --help"))?;
    let (start, end) = args.days.between(utc_date(console.ambient.now()), "payctl metrics --help")?;
    let reader = console.reader().await?;
    let wanted = MetricsQuery { merchant, channel: args.channel, start, end };
    let found = metrics::metrics(&reader, wanted).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(Exit::Ok)
}
