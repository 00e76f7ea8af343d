use payctl::domain::utc_date;
use payctl::ops::merchants;
use payctl::ops::metrics::{self, MetricsQuery};

use crate::commands::days::Days;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show what analytics has counted of a merchant, a row a day and currency, and how the days went
///
/// A day of which nothing was counted has - in each column, and · in the trend. What the gateway has taken and analytics has not
/// counted yet is said below.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl merchants metrics 'Development merchant'
  payctl merchants metrics 2e42829e-b6aa-4e63-964d-a45a49af106c --range 30d -o json")]
pub(crate) struct MetricsArgs {
    /// Its id, or its name whatever the case
    #[arg(value_name = "ID|NAME")]
    merchant: String,
    #[command(flatten)]
    days: Days,
}

pub(super) async fn run(console: &mut Console, args: MetricsArgs) -> Result<Exit, Failure> {
    let (start, end) = args.days.between(utc_date(console.ambient.now()), "payctl merchants metrics --help")?;
    let reader = console.reader().await?;
    let merchant = merchants::resolve(&reader, &args.merchant).await.map_err(|error| console.unread(error))?;
    let wanted = MetricsQuery { merchant, channel: None, start, end };
    let found = metrics::metrics(&reader, wanted).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(Exit::Ok)
}
