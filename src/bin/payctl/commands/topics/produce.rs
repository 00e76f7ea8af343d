use std::io::Read as _;
use std::path::PathBuf;

use payctl::config::Profile;
use payctl::event::Topic;
use payctl::log::{KafkaConfig, Publisher};
use payctl::ops::topics;

use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// The largest file of records, in bytes.
const FILE_LIMIT: u64 = 256 * 1024 * 1024;

/// Put records on a topic of the brokers, as `payctl topics tail --raw -o jsonl` has written them
///
/// Shows what the file holds; --execute publishes it, with a record in audit.logs. Key, headers and value stay as they are, and
/// the key decides the partition. Groups act on what they read: events that they have applied they skip, others take effect,
/// and what cannot be read is parked. Hence production wants --i-know as well.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl topics tail payment.events --since 1h --raw -o jsonl > records.jsonl
  payctl topics produce payment.events records.jsonl
  payctl topics produce payment.events records.jsonl --reason 'ticket 4711' --execute")]
pub(crate) struct ProduceArgs {
    /// Which topic
    #[arg(value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topic: Topic,
    /// Lines of `payctl topics tail --raw -o jsonl`; - for standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Why; kept in the audit trail
    #[arg(long, value_name = "TEXT", default_value = "no reason was given")]
    reason: String,
    /// Who does it; kept in the audit trail
    #[arg(long, value_name = "NAME", default_value = "console")]
    by: String,
    /// In production: that services act on what is published here is meant
    #[arg(long)]
    i_know: bool,
    /// Do it, instead of showing what would be done
    #[arg(long)]
    execute: bool,
}

impl ProduceArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

pub(super) async fn run(console: &mut Console, args: ProduceArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    if args.execute && config.profile == Profile::Production && !args.i_know {
        let message = format!("services act on what is published to {} in production: say --i-know, if that is meant", args.topic);
        return Err(Failure::usage(message, console.again("topics produce --help")));
    }
    let why = "events are made by their services, in the transaction of what they tell; replay what is parked instead";
    let reader = console.inspector(why).await?;
    let text = read(console, &args.file)?;
    let plan = topics::plan_produce(&reader, args.topic, &text).await.map_err(|error| console.unread(error))?;
    let is_partial = !plan.unread.is_empty();
    if !args.execute {
        console.out.report(&plan)?;
        console.out.note("nothing was published; add --execute to do it");
        return Ok(if is_partial { Exit::Partial } else { Exit::Ok });
    }
    let (_, desk) = console.desk().await?;
    let publisher = Publisher::new(&KafkaConfig::from(&config.kafka)).map_err(|error| console.unread(error))?;
    desk.carry_out(&plan.record(&args.by, &args.reason)).await.map_err(|error| console.unread(error))?;
    let done = topics::produce(&publisher, plan).await;
    console.out.report(&done)?;
    Ok(match done.fault {
        Some(_) if done.records == 0 => Exit::Unreachable,
        Some(_) => Exit::Partial,
        None if is_partial => Exit::Partial,
        None => Exit::Ok,
    })
}

fn read(console: &Console, file: &std::path::Path) -> Result<String, Failure> {
    let mut text = String::new();
    let limited = |source: &mut dyn std::io::Read, text: &mut String| source.take(FILE_LIMIT + 1).read_to_string(text);
    let done = if file.as_os_str() == "-" {
        limited(&mut std::io::stdin(), &mut text)
    } else {
        std::fs::File::open(file).and_then(|mut open| limited(&mut open, &mut text))
    };
    let next = || console.again("topics produce --help");
    done.map_err(|error| Failure::failed(format!("{} cannot be read: {error}", file.display()), next()))?;
    if text.len() as u64 > FILE_LIMIT {
        return Err(Failure::usage(format!("{} has more than {FILE_LIMIT} bytes", file.display()), next()));
    }
    Ok(text)
}
