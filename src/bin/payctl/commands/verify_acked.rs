use std::path::PathBuf;

use payctl::ops::load;

use super::load::refused;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Check that everything a journal acknowledges is there, once and unchanged, and that the money is the same everywhere
///
/// Each payment acknowledged as created exists with its amount, currency and merchant and has one payment.created event; each
/// acknowledged as paid is booked once with its amount; sums are compared by currency. Works on the database alone, whether a
/// platform runs or not. Exit 3 where something is lost, corrupt, doubled or unbooked, 5 where something is still on its way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl verify acked --journal run.ndjson
  payctl verify acked --journal run.ndjson -o json")]
pub(crate) struct AckedArgs {
    /// The history that `payctl load run` wrote
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    journal: PathBuf,
}

pub(super) async fn run(console: &mut Console, args: &AckedArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let found = load::acked(&reader, &args.journal).await.map_err(|error| refused(console, error))?;
    console.out.report(&found)?;
    Ok(if found.is_broken() {
        Exit::Finding
    } else if found.is_partial() {
        Exit::Partial
    } else {
        Exit::Ok
    })
}
