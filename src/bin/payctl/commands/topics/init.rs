use payctl::config::Config;
use payctl::log::{Admin, KafkaConfig};
use payctl::ops::topics::{self, Missing};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Create the topics that are missing on the brokers, and say where one is not as it should be
///
/// What is there is never changed: a topic with other partitions, retention or copies is reported, and only a person can say
/// what to do about it. With --check nothing is created either, and the exit code is 3 where something differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl topics init
  payctl topics init --check")]
pub(crate) struct InitArgs {
    /// Create nothing; exit 3 where a topic is missing or differs
    #[arg(long)]
    check: bool,
}

impl InitArgs {
    /// Whether it may create topics.
    pub(crate) const fn changes(&self) -> bool {
        !self.check
    }
}

pub(crate) async fn run(console: &mut Console, args: InitArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let Some(admin) = admin(console, &config)? else {
        console.out.note("the log is in the SQLite file: every topic is there, and there is nothing to create");
        return Ok(Exit::Ok);
    };
    let missing = if args.check { Missing::Tell } else { Missing::Create };
    let state = topics::init(&admin, missing).await.map_err(|error| console.unread(error))?;
    console.out.report(&state)?;
    Ok(if state.has_drift() { Exit::Finding } else { Exit::Ok })
}

/// Whoever looks after topics; none where there are no brokers.
pub(super) fn admin(console: &Console, config: &Config) -> Result<Option<Admin>, Failure> {
    if config.kafka.brokers.is_empty() {
        return Ok(None);
    }
    Admin::new(&KafkaConfig::from(&config.kafka)).map(Some).map_err(|error| console.unread(error))
}
