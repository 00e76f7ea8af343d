use payctl::ops::{Client, ClientError};

use super::view::PaymentView;
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Cancel a payment that nobody has paid; the channel's intent is closed first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: payctl payments cancel PY20260102030405ABCDEFGHJK")]
pub(crate) struct CancelArgs {
    /// The number that `payments create` printed
    #[arg(value_parser = value::payment_no)]
    payment_no: String,
}

pub(super) async fn run(console: &mut Console, args: CancelArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let refused = |error: ClientError| console.refused(&error, "payments", Some(&args.payment_no));
    let client = Client::new(&config).map_err(refused)?;
    let cancelled = client.cancel_payment(&args.payment_no).await.map_err(refused)?;
    console.out.report(&PaymentView::new(cancelled))?;
    Ok(Exit::Ok)
}
