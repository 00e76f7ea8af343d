use payctl::event::Topic;
use payctl::ops::verify;

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Compare topics with the permanent event store, record by record
///
/// Reads each topic from its start to its present end without joining a group. Every event that is not in the outbox and within
/// retention must be there with the same bytes, nothing else may be there, and the first copies of an aggregate's versions must
/// stand in their order. Further copies are counted and no violation. Exit 3 where something differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl verify topic
  payctl verify topic payment.events order.events -o json")]
pub(crate) struct TopicArgs {
    /// Which topics; without any, all but the dead letters'
    #[arg(value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topics: Vec<Topic>,
}

pub(super) async fn run(console: &mut Console, args: TopicArgs) -> Result<Exit, Failure> {
    let reader = console.inspector("topics are the event store itself, so they cannot differ from it").await?;
    let mut topics = args.topics;
    if topics.is_empty() {
        topics.extend(Topic::ALL.iter().filter(|topic| !topic.is_dead_letter()));
    }
    let found = verify::verify_topics(&reader, &topics).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.is_broken() { Exit::Finding } else { Exit::Ok })
}
