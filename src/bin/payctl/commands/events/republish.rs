use payctl::event::Topic;
use payctl::ops::republish::{self, RepublishQuery};

use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Fill a topic again from the permanent event store, in the order of each aggregate
///
/// For topics that were emptied or made anew, and for events that retention took before a group had read them. Shows what it
/// would do; --execute does it. The events go back into the outbox, from where a running relay publishes them behind what the
/// topic holds. Groups skip what they have applied, so a second copy changes nothing; do it while no new events come where the
/// order in the topic matters to somebody else. May be repeated after an interruption.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl events republish --topic payment.events --all
  payctl events republish --topic payment.events --from 2h --execute
  payctl events republish --topic order.events --partition 1 --all --execute")]
pub(crate) struct RepublishArgs {
    /// Which topic
    #[arg(long, value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topic: Topic,
    /// Only this partition
    #[arg(short, long, value_name = "P")]
    partition: Option<u16>,
    /// Only events stored from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment, required_unless_present = "all")]
    from: Option<Moment>,
    /// Every event of the topic
    #[arg(long, conflicts_with = "from")]
    all: bool,
    /// Do it, instead of showing what would be done
    #[arg(long)]
    execute: bool,
}

impl RepublishArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

pub(super) async fn run(console: &mut Console, args: RepublishArgs) -> Result<Exit, Failure> {
    let why = "every event of it is still there and cannot be lost, so there is nothing to publish again";
    let reader = if args.execute { console.operator(why).await? } else { console.inspector(why).await? };
    let from = args.from.map(|moment| moment.before(console.ambient.now()));
    let query = RepublishQuery { topic: args.topic, partition: args.partition, from };
    let done = if args.execute { republish::execute(&reader, query).await } else { republish::plan(&reader, query).await };
    console.out.report(&done.map_err(|error| console.unread(error))?)?;
    if !args.execute {
        console.out.note("nothing was changed; add --execute to do it");
    }
    Ok(Exit::Ok)
}
