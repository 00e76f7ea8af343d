use payctl::event::Topic;
use payctl::log::{KafkaConfig, TopicPlan};
use payctl::ops::topics;

use super::init;
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one topic: its partitions with their offsets, its retention, its copies, and what is not as it should be
///
/// Exit 3 where the brokers' topic is not as the catalogue has it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl topics describe payment.events
  payctl topics describe audit.logs -o json")]
pub(crate) struct DescribeArgs {
    /// Which topic
    #[arg(value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topic: Topic,
}

pub(super) async fn run(console: &mut Console, args: DescribeArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let config = console.config()?;
    let admin = init::admin(console, &config)?;
    let plan = TopicPlan::of(&KafkaConfig::from(&config.kafka), &[args.topic]);
    let admin = admin.as_ref().zip(plan.first());
    let found = topics::describe(&reader, args.topic, admin).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(if found.drift.is_empty() { Exit::Ok } else { Exit::Finding })
}
