use clap::Args;
use payctl::ops::dlq::{self, Disposal, LetterState};

use super::select::{ByArgs, SelectArgs, WhyArgs};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Give dead letters up: their effect never comes, and what is held behind them goes on without it
///
/// Shows what it would mean; --execute does it, with who, why and a record in audit.logs. Nothing is deleted: `payctl dlq
/// restore` takes it back for 30 days, unless a later event of the same aggregate has taken effect meanwhile.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq discard dlq:accounting/payment.events/3/881 --reason 'booked by hand, ticket 4711'
  payctl dlq discard c-41a0ff --reason 'test payments' --execute")]
pub(crate) struct DiscardArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Why; kept with what is done
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
    #[command(flatten)]
    by: ByArgs,
    /// Do it, instead of showing what it would mean
    #[arg(long)]
    execute: bool,
}

impl DiscardArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

/// Take a discard back, so that the dead letters can be replayed
///
/// Shows what it would restore; --execute does it, with a record in audit.logs.
#[derive(Debug, Args)]
#[command(after_help = "Example: payctl dlq restore dlq:accounting/payment.events/3/881 --execute")]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    why: WhyArgs,
    /// Do it, instead of showing what it would restore
    #[arg(long)]
    execute: bool,
}

impl RestoreArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

pub(super) async fn discard(console: &mut Console, args: DiscardArgs) -> Result<Exit, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("a discard needs a reason that somebody can read later", "payctl dlq discard --help"));
    }
    run(console, (args.select, Disposal::Discard), (&args.by.by, &args.reason), args.execute).await
}

pub(super) async fn restore(console: &mut Console, args: RestoreArgs) -> Result<Exit, Failure> {
    run(console, (args.select, Disposal::Restore), (&args.why.by.by, &args.why.reason), args.execute).await
}

async fn run(
    console: &mut Console,
    (select, disposal): (SelectArgs, Disposal),
    (by, reason): (&str, &str),
    execute: bool,
) -> Result<Exit, Failure> {
    let query = select.query(LetterState::All, console.ambient.now());
    if !execute {
        // What is only shown needs no way to change anything.
        let reader = console.reader().await?;
        let meant = dlq::disposable(&reader, &query, disposal).await.map_err(|error| console.unread(error))?;
        console.out.report(&meant)?;
        console.out.note("nothing was changed; add --execute to do it");
        return Ok(Exit::Ok);
    }
    let (reader, desk) = console.desk().await?;
    let meant = dlq::disposable(&reader, &query, disposal).await.map_err(|error| console.unread(error))?;
    let done = dlq::dispose(&desk, meant, by, reason).await.map_err(|error| console.unread(error))?;
    console.out.report(&done)?;
    Ok(if done.refused.is_empty() { Exit::Ok } else { Exit::Partial })
}
