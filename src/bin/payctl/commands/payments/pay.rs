use payctl::ops::{Choice, Client, ClientError};

use super::view::PaymentView;
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Do what the payer does on the checkout page (development only)
#[derive(Debug, clap::Args)]
#[command(after_help = "Opens the page, presses a button and waits until the payment has its last status.

Examples:
  payctl payments pay PY20260102030405ABCDEFGHJK
  payctl payments pay PY20260102030405ABCDEFGHJK --decline")]
pub(crate) struct PayArgs {
    /// The number that `payments create` printed
    #[arg(value_parser = value::payment_no)]
    payment_no: String,
    /// Press Decline: the card is refused
    #[arg(long, conflicts_with = "cancel")]
    decline: bool,
    /// Press Cancel: the payer changes their mind
    #[arg(long)]
    cancel: bool,
}

pub(super) async fn run(console: &mut Console, args: PayArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let choice = match (args.decline, args.cancel) {
        (true, _) => Choice::Decline,
        (_, true) => Choice::Cancel,
        _ => Choice::Pay,
    };
    let refused = |error: ClientError| console.refused(&error, "payments", Some(&args.payment_no));
    let client = Client::new(&config).map_err(refused)?;
    let payment = PaymentView::new(client.choose(&args.payment_no, choice).await.map_err(refused)?);
    console.out.report(&payment)?;
    let trace = console.again(&format!("trace {}", args.payment_no));
    if payment.status() != choice.leads_to().as_str() {
        return Err(Failure::failed(
            format!("payment {} became {} instead of {}", args.payment_no, payment.status(), choice.leads_to()),
            trace,
        ));
    }
    console.out.note(&format!("see where it went: {trace}"));
    Ok(Exit::Ok)
}
