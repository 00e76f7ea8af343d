//! `payctl load …`: load that proves what it did.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use payctl::config::{Config, Profile, SEEDED_MERCHANT};
use payctl::daemon::{Shutdown, webhook_secret};
use payctl::domain::MerchantId;
use payctl::ops::load::{self, ErrorLimit, LoadError, Mix, Pace, Plan, Rate, Signals, Thresholds};

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Requests a second for each connection, where nobody says: then an answer may take 200 ms before a request has to wait.
const RATE_PER_CONNECTION: f64 = 5.0;
const MAX_DEFAULT_CONNECTIONS: f64 = 256.0;
const MIN_DEFAULT_CONNECTIONS: f64 = 16.0;

#[derive(Debug, Subcommand)]
pub(crate) enum LoadCommand {
    Run(Box<RunArgs>),
}

/// Send requests at a rate, keep a journal of what is acknowledged, and prove that all of it is there
///
/// With --rate requests start at their times whatever the platform does, and latency counts from those times; with
/// --connections alone each connection sends as soon as it has its answer. An acknowledgement counts once its line in the
/// journal is on disk. At the end the groups are waited for, and the journal is compared with payments, events and books, as
/// `payctl verify acked` does. Ctrl-C ends the sending early, a second one also the proof. Exit 3 where a threshold is missed
/// or something acknowledged does not hold.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl load run --rate 500/s --duration 30s
  payctl load run --rate 5000/s --mix create=70,query=20,cancel=5,pay=5 --duplicates 5 --max-p99 50ms
  payctl load run --connections 64 --duration 10s --min-rate 1000/s --max-errors 0.1% -o json")]
#[command(group = clap::ArgGroup::new("pace").args(["rate", "connections"]).required(true).multiple(true))]
pub(crate) struct RunArgs {
    /// Requests a second, minute or hour, such as 5000/s
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// At most so many requests in flight; with --rate chosen by it when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    connections: Option<u16>,
    /// How long is measured
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = value::span)]
    duration: Duration,
    /// Sent before, proven like the rest and not in the figures
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = value::span)]
    warm_up: Duration,
    /// What the requests do: create, query, cancel, pay (a signed webhook), by parts
    #[arg(long, value_name = "PARTS", default_value_t)]
    mix: Mix,
    /// Of a hundred creates and webhooks, how many repeat an earlier one
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    duplicates: u8,
    /// Gives the same operations and amounts again; made when absent
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the history goes, into a new file; by default under load/ of the data directory
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    journal: Option<PathBuf>,
    /// How long the groups may take to read everything afterwards
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = value::span)]
    drain_timeout: Duration,
    /// Fail below this rate of answers
    #[arg(long, value_name = "RATE")]
    min_rate: Option<Rate>,
    /// Fail above this latency
    #[arg(long, value_name = "TIME", value_parser = value::span)]
    max_p99: Option<Duration>,
    /// Fail above so many requests gone wrong, or such a share: 10, 0.1%
    #[arg(long, value_name = "LIMIT")]
    max_errors: Option<ErrorLimit>,
    /// Whose payments they are; in development the seeded merchant
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Go on although the profile is not development: the payments are real ones
    #[arg(long)]
    on_a_real_platform: bool,
}

pub(crate) async fn run(console: &mut Console, command: LoadCommand) -> Result<Exit, Failure> {
    let LoadCommand::Run(args) = command;
    let config = console.config()?;
    refuse_real_money(&config, &args)?;
    let reader = console.reader().await?;
    let plan = plan(console, &config, &args)?;
    let shutdown = Shutdown::default();
    shutdown
        .on_signals()
        .map_err(|error| Failure::failed(format!("signals cannot be waited for: {error}"), console.again("load run --help")))?;
    let signals = Signals { stop: shutdown.drain, give_up: shutdown.force };
    let out = &console.out;
    let report = load::run(&reader, &config, &plan, &signals, &|text| out.note(text)).await.map_err(|error| refused(console, error))?;
    out.report(&report)?;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else if report.has_failed() {
        Exit::Finding
    } else {
        Exit::Ok
    })
}

fn refuse_real_money(config: &Config, args: &RunArgs) -> Result<(), Failure> {
    if config.profile == Profile::Development || args.on_a_real_platform {
        return Ok(());
    }
    let message = format!("load makes real payments of merchants, and this is the {} profile", config.profile.as_str());
    Err(Failure::usage(message, "payctl --profile development load run, or add --on-a-real-platform"))
}

fn plan(console: &Console, config: &Config, args: &RunArgs) -> Result<Plan, Failure> {
    let development = config.profile == Profile::Development;
    let seeded = SEEDED_MERCHANT.parse().ok().filter(|_| development);
    let merchant_id = args
        .merchant
        .or(seeded)
        .ok_or_else(|| Failure::usage("--merchant is needed outside the development profile", "payctl load run --help"))?;
    let webhook_secret = webhook_secret(config)
        .ok_or_else(|| Failure::usage("STRIPE_WEBHOOK_SECRET is not set, so webhooks cannot be signed", console.again("config show")))?;
    let run = format!("{:012x}", console.ambient.random_u64() >> 16);
    let file = format!("{}-{run}.ndjson", console.ambient.now().format("%Y%m%dT%H%M%SZ"));
    Ok(Plan {
        pace: args.rate.map_or(Pace::Closed, Pace::Open),
        connections: connections(args),
        warm_up: args.warm_up,
        duration: args.duration,
        mix: args.mix,
        duplicates: args.duplicates,
        seed: args.seed.unwrap_or_else(|| console.ambient.random_u64()),
        merchant_id,
        webhook_secret,
        patience: args.drain_timeout,
        journal: args.journal.clone().unwrap_or_else(|| config.data_dir.join("load").join(file)),
        run,
        thresholds: Thresholds { min_rate: args.min_rate, max_p99: args.max_p99, max_errors: args.max_errors },
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small whole range")]
fn connections(args: &RunArgs) -> usize {
    match (args.connections, args.rate) {
        (Some(connections), _) => usize::from(connections),
        (None, Some(rate)) => {
            let wanted = (rate.per_second() / RATE_PER_CONNECTION).ceil();
            wanted.clamp(MIN_DEFAULT_CONNECTIONS, MAX_DEFAULT_CONNECTIONS) as usize
        }
        (None, None) => 1,
    }
}

/// Each reason for no report with its way out.
pub(super) fn refused(console: &Console, error: LoadError) -> Failure {
    let message = error.to_string();
    match error {
        LoadError::Url(_) => Failure::usage(message, console.again("config show")),
        LoadError::Unreachable(_) => Failure::unreachable(message, console.again("up")),
        LoadError::Client(error) => console.refused(&error, "payments", None),
        LoadError::Ops(error) => console.unread(error),
        LoadError::Unwritable { .. } => Failure::failed(message, "another --journal FILE"),
        LoadError::Unreadable { .. } | LoadError::Malformed { .. } => Failure::usage(message, "payctl verify acked --help"),
        LoadError::Broken(_) => Failure::failed(message, console.again("load run --help")),
    }
}
