use clap::Args;
use payctl::ops::dlq::{self, CauseList, EntryList, ForeignList, LetterState};

use super::select::{SelectArgs, state};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;
use crate::nature::Shape;

/// List dead letters by what they failed of, with their money, or one by one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq list
  payctl dlq list --group accounting --since 2h
  payctl dlq list c-41a0ff --entries -n 200
  payctl dlq list --state discarded --entries
  payctl dlq list --topic orders-dlt")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Only in this state; open is failed, held or being replayed
    #[arg(long, value_name = "STATE", value_parser = state(), default_value = "open")]
    state: LetterState,
    /// The records of this topic of the brokers instead, whoever has written it; error headers of the usual tools are understood
    #[arg(long, value_name = "TOPIC", conflicts_with_all = ["selectors", "group", "payment", "since", "state", "entries"])]
    topic: Option<String>,
    /// One by one, oldest first
    #[arg(short, long)]
    entries: bool,
    /// How many of them
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50, requires = "entries", value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

impl ListArgs {
    /// What it lists.
    pub(crate) const fn shape(&self) -> Shape {
        match (&self.topic, self.entries) {
            (Some(_), _) => Shape::of::<ForeignList>(),
            (None, true) => Shape::of::<EntryList>(),
            (None, false) => Shape::of::<CauseList>(),
        }
    }
}

pub(super) async fn run(console: &mut Console, args: ListArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    if let Some(topic) = &args.topic {
        let found = dlq::foreign(&reader, topic, usize::MAX).await.map_err(|error| console.unread(error))?;
        console.out.report(&found)?;
        return Ok(if found.is_complete { Exit::Ok } else { Exit::Partial });
    }
    let query = args.select.query(args.state, console.ambient.now());
    if args.entries {
        let found = dlq::entries(&reader, &query, args.limit).await.map_err(|error| console.unread(error))?;
        console.out.report(&found)?;
    } else {
        let found = dlq::causes(&reader, &query).await.map_err(|error| console.unread(error))?;
        console.out.report(&found)?;
    }
    Ok(Exit::Ok)
}
