use payctl::ops::merchants;

use crate::commands::value::Page;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// List merchants by name, with how each stands today, whether a platform runs or not
///
/// TODAY and PAID-TODAY are what analytics has counted of the payments made since midnight UTC; OPEN and OLDEST are payments that
/// have not ended; LETTERS and PARKED are open dead letters and the money of their payments. Money is never added across currencies.
/// Everything comes from the database; the last lines say from where exactly and how far it is behind.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl merchants list
  payctl merchants list -o json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    page: Page,
}

pub(super) async fn run(console: &mut Console, args: &ListArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let list = merchants::list(&reader, args.page.page, args.page.page_size).await.map_err(|error| console.unread(error))?;
    console.out.report(&list)?;
    Ok(Exit::Ok)
}
