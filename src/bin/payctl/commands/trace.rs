use std::time::Duration;

use payctl::ops::{OpsError, trace};

use super::value;
use crate::console::{Console, Sources};
use crate::error::Failure;
use crate::exit::Exit;

/// Show one payment across gateway, log, groups, books and mail, with what is missing
///
/// The timeline ends with a verdict: settled, in-progress (on its way, nothing late), stuck (late, parked or failed, and where)
/// or inconsistent (two facts contradict each other). Exit 3 for the last two.
///
/// FROM says where each fact comes from. Where the database does not answer, the topics are searched for --scan-for at most and
/// tell what they can; where the brokers do not, the database tells it alone. Either way the exit code is 5, unless it is 3.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl trace PY20260102030405A1B2C3D4E5
  payctl trace ORD20251024001 -o json
  payctl trace 2e42829e-b6aa-4e63-964d-a45a49af106c/ORD20251024001")]
pub(crate) struct TraceArgs {
    /// A payment number, an order number (or MERCHANT/ORDER), an idempotency key, a trace id, an event id, an intent or a
    /// transaction number
    #[arg(value_name = "ID")]
    id: String,
    /// How long the topics may be searched where the database does not answer
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = value::span)]
    scan_for: Duration,
}

pub(crate) async fn run(console: &mut Console, args: TraceArgs) -> Result<Exit, Failure> {
    let told = match console.sources().await? {
        Sources::Both(reader) => match trace::trace(&reader, &args.id).await {
            // It went away between the first question and the last.
            Err(OpsError::Store(error)) if error.is_infrastructure() && !reader.log.has_gaps() => {
                trace::from_log(&reader.log, &console.ambient, &args.id, &error.to_string(), args.scan_for).await
            }
            told => told,
        },
        Sources::Log(log, why) => trace::from_log(&log, &console.ambient, &args.id, &why, args.scan_for).await,
    };
    let found = told.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.verdict.state.is_finding() {
        Exit::Finding
    } else if found.is_partial() {
        Exit::Partial
    } else {
        Exit::Ok
    })
}
