use std::pin::pin;
use std::time::Duration;

use payctl::domain::Timestamp;
use payctl::ops::verify::{self, INVARIANTS, Invariant, Verification};
use payctl::ops::{OpsError, Reader};

use super::value::{self, Moment};
use super::verify_acked::{self, AckedArgs};
use super::verify_canary::{self, CanaryArgs};
use super::verify_consumption::{self, ConsumptionArgs};
use super::verify_replay::{self, ReplayArgs};
use super::verify_topic::{self, TopicArgs};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Check the invariants of the platform on one snapshot, live or not
///
/// Exit 3 where one is broken, 5 where one could not be checked. Parked and held events are shown with their money and are
/// no violation. Each check is a file of src/ops/verify/invariants; those in SQL can be run by hand. With --all the topics are
/// read as well, record by record, where they are Kafka's.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:
  payctl verify
  payctl verify --all -o json
  payctl verify --id I19 --id I22 --watch 5s
  payctl verify --as-of 2h
  payctl verify consumption --group accounting
  payctl verify acked --journal run.ndjson
  payctl verify replay --sample 1000",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct VerifyArgs {
    #[command(subcommand)]
    pub(crate) command: Option<VerifyCommand>,
    /// Only this invariant, such as I7; may be repeated
    #[arg(long, value_name = "ID", value_parser = invariant)]
    id: Vec<&'static Invariant>,
    /// All of them, also what the topics say: each is read from its start to its present end
    #[arg(long, conflicts_with_all = ["id", "as_of"])]
    all: bool,
    /// As of a past moment (90s, 10m, 2h, 3d ago or RFC 3339): what goes by rows that have changed since is left out, and named
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    as_of: Option<Moment>,
    /// Again after so long, such as 5s, until Ctrl-C
    #[arg(long, value_name = "SPAN", value_parser = value::span)]
    watch: Option<Duration>,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum VerifyCommand {
    Acked(AckedArgs),
    Canary(CanaryArgs),
    Consumption(ConsumptionArgs),
    Replay(ReplayArgs),
    Topic(TopicArgs),
}

/// What is asked of the database and, perhaps, of the topics.
struct Question {
    invariants: Vec<&'static Invariant>,
    with_topics: bool,
    as_of: Option<Timestamp>,
}

fn invariant(text: &str) -> Result<&'static Invariant, String> {
    let known = || INVARIANTS.iter().map(|invariant| invariant.id).collect::<Vec<_>>().join(", ");
    Invariant::parse(text).ok_or_else(|| format!("the invariants are {}", known()))
}

pub(crate) async fn run(console: &mut Console, args: VerifyArgs) -> Result<Exit, Failure> {
    match args.command {
        Some(VerifyCommand::Acked(args)) => return verify_acked::run(console, &args).await,
        Some(VerifyCommand::Canary(args)) => return verify_canary::run(console, &args).await,
        Some(VerifyCommand::Consumption(args)) => return verify_consumption::run(console, &args).await,
        Some(VerifyCommand::Replay(args)) => return verify_replay::run(console, &args).await,
        Some(VerifyCommand::Topic(args)) => return verify_topic::run(console, args).await,
        None => {}
    }
    let reader = console.reader().await?;
    let question = Question {
        invariants: if args.id.is_empty() { INVARIANTS.iter().collect() } else { args.id },
        with_topics: args.all,
        as_of: args.as_of.map(|moment| moment.before(console.ambient.now())),
    };
    if let Some(period) = args.watch {
        return watch(console, &reader, &question, period).await;
    }
    let found = question.ask(&reader).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(exit_of(&found))
}

impl Question {
    async fn ask(&self, reader: &Reader) -> Result<Verification, OpsError> {
        if self.with_topics { verify::verify_all(reader).await } else { verify::verify(reader, &self.invariants, self.as_of).await }
    }
}

/// Asks again and again. A source that is away for a while is told and waited for, unless it was never there.
async fn watch(console: &Console, reader: &Reader, question: &Question, period: Duration) -> Result<Exit, Failure> {
    let mut stop = pin!(tokio::signal::ctrl_c());
    let mut is_first = true;
    loop {
        let found = tokio::select! {
            found = question.ask(reader) => found,
            _ = &mut stop => return Ok(Exit::Interrupted),
        };
        match found {
            Ok(found) => console.out.tick(&found, console.ambient.now())?,
            Err(error) if is_first => return Err(console.unread(error)),
            Err(error) => console.out.warn(&error.to_string()),
        }
        is_first = false;
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            _ = &mut stop => return Ok(Exit::Interrupted),
        }
    }
}

fn exit_of(found: &Verification) -> Exit {
    if found.is_broken() {
        Exit::Finding
    } else if found.is_partial() {
        Exit::Partial
    } else {
        Exit::Ok
    }
}
