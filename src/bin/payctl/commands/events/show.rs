use payctl::ops::events;
use uuid::Uuid;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one event: what it says, where it lies on the log, and which groups have applied it
///
/// The log is asked whether it has the same bytes; where it does not answer the exit code is 5. Exit 3 where the bytes are not
/// as they were made, where the log has others, or where a group is past it without having applied it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: payctl events show 0198c2d1-7c5e-7000-8000-3f2a5b6c7d8e")]
pub(crate) struct ShowArgs {
    /// The event's id, as lists and traces show it
    #[arg(value_name = "EVENT-ID")]
    event_id: Uuid,
}

pub(super) async fn run(console: &mut Console, args: &ShowArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let shown = events::show(&reader, args.event_id).await.map_err(|error| console.unread(error))?;
    console.out.report(&shown)?;
    Ok(if shown.is_finding() {
        Exit::Finding
    } else if shown.is_partial() {
        Exit::Partial
    } else {
        Exit::Ok
    })
}
