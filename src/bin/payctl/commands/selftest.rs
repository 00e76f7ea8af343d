use payctl::log::KafkaConfig;
use payctl::ops::selftest;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum SelftestCommand {
    /// Send 100 records to a scratch topic and read them back, and show how long that took
    ///
    /// The topic is made for it, with the prefix of the others, and removed after. Exit 4 where no broker answers.
    #[command(after_help = "Example: payctl selftest kafka -o json")]
    Kafka,
}

pub(crate) async fn run(console: &mut Console, command: SelftestCommand) -> Result<Exit, Failure> {
    let SelftestCommand::Kafka = command;
    let config = console.config()?;
    if config.kafka.brokers.is_empty() {
        let message = "no broker is configured: the log is a table of the SQLite file";
        return Err(Failure::usage(message, console.again("config show")));
    }
    let found = selftest::kafka(&KafkaConfig::from(&config.kafka), &console.ambient).await.map_err(|error| console.unread(error))?;
    console.out.report(&found)?;
    Ok(Exit::Ok)
}
