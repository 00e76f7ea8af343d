use payctl::ops::payments;

use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one payment, whether a platform runs or not
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: payctl payments get PY20260102030405ABCDEFGHJK")]
pub(crate) struct GetArgs {
    /// The number that `payments create` printed
    #[arg(value_parser = value::payment_no)]
    payment_no: String,
}

pub(super) async fn run(console: &mut Console, args: GetArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let payment = payments::get(&reader, &args.payment_no).await.map_err(|error| console.unread(error))?;
    console.out.report(&payment)?;
    Ok(Exit::Ok)
}
