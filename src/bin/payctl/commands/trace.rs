use payctl::ops::trace;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one payment across gateway, log, groups, books and mail, with what is missing
///
/// The timeline ends with a verdict: settled, in-progress (on its way, nothing late), stuck (late, parked or failed, and where)
/// or inconsistent (two facts contradict each other). Exit 3 for the last two.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl trace PY20260102030405A1B2C3D4E5
  payctl trace ORD20251024001 -o json")]
pub(crate) struct TraceArgs {
    /// A payment number, order number, idempotency key, trace id, intent or event id
    #[arg(value_name = "ID")]
    id: String,
}

pub(crate) async fn run(console: &mut Console, args: TraceArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let found = trace::trace(&reader, &args.id).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.verdict.state.is_finding() { Exit::Finding } else { Exit::Ok })
}
