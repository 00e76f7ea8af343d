use clap::ValueEnum;
use payctl::ops::ledger;
use payctl::services::accounting::{ExportError, ExportFormat};
use tokio::sync::mpsc;

use crate::console::Console;
use crate::error::Failure;

/// Pieces of text that wait to be printed.
const WAITING_PIECES: usize = 4;

/// Print the whole books as a plain-text ledger with balance assertions, for a checker that is not ours
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl ledger export --format hledger | hledger -f - check
  payctl ledger export --format beancount > books.beancount")]
pub(crate) struct ExportArgs {
    /// Which program is to read it
    #[arg(long, value_enum)]
    format: ProgramFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProgramFormat {
    Hledger,
    Beancount,
}

pub(super) async fn run(console: &mut Console, args: &ExportArgs) -> Result<(), Failure> {
    let reader = console.reader().await?;
    let format = match args.format {
        ProgramFormat::Hledger => ExportFormat::Hledger,
        ProgramFormat::Beancount => ExportFormat::Beancount,
    };
    let (pieces, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING_PIECES);
    let out = &console.out;
    let print = async move {
        while let Some(piece) = waiting.recv().await {
            out.bytes(&piece)?;
        }
        Ok::<(), Failure>(())
    };
    let (exported, printed) = tokio::join!(ledger::export(&reader, format, pieces), print);
    // Who stopped reading is the reason for both.
    printed?;
    let summary = exported.map_err(|error| match error {
        ExportError::Store(error) => console.unread(error),
        error => Failure::failed(error.to_string(), console.again("verify")),
    })?;
    out.note(&format!("{} transactions, {} balances asserted", summary.transactions, summary.balances));
    Ok(())
}
