use payctl::ops::verify::{self, INVARIANTS, Invariant};

use super::verify_acked::{self, AckedArgs};
use super::verify_topic::{self, TopicArgs};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Check the invariants of the platform on one snapshot, live or not
///
/// Exit 3 where one is broken, 5 where one could not be checked. Parked and held events are shown with their money and are
/// no violation. Each check is a file of src/ops/verify/invariants; those in SQL can be run by hand with sqlite3.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:
  payctl verify
  payctl verify --id I19 --id I22 -o json
  payctl verify acked --journal run.ndjson",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct VerifyArgs {
    #[command(subcommand)]
    command: Option<VerifyCommand>,
    /// Only this invariant, such as I7; may be repeated
    #[arg(long, value_name = "ID", value_parser = invariant)]
    id: Vec<&'static Invariant>,
    /// All of them, as without --id
    #[arg(long, conflicts_with = "id")]
    all: bool,
}

#[derive(Debug, clap::Subcommand)]
enum VerifyCommand {
    Acked(AckedArgs),
    Topic(TopicArgs),
}

fn invariant(text: &str) -> Result<&'static Invariant, String> {
    let known = || INVARIANTS.iter().map(|invariant| invariant.id).collect::<Vec<_>>().join(", ");
    Invariant::parse(text).ok_or_else(|| format!("the invariants are {}", known()))
}

pub(crate) async fn run(console: &mut Console, args: VerifyArgs) -> Result<Exit, Failure> {
    match args.command {
        Some(VerifyCommand::Acked(args)) => return verify_acked::run(console, &args).await,
        Some(VerifyCommand::Topic(args)) => return verify_topic::run(console, args).await,
        None => {}
    }
    let mut wanted = args.id;
    if args.all || wanted.is_empty() {
        wanted = INVARIANTS.iter().collect();
    }
    let reader = console.reader().await?;
    let found = verify::verify(&reader, &wanted).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.is_broken() {
        Exit::Finding
    } else if found.is_partial() {
        Exit::Partial
    } else {
        Exit::Ok
    })
}
