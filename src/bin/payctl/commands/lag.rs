use std::time::Duration;

use clap::{Args, ValueEnum};
use payctl::config::Ambient;
use payctl::log::EventLog;
use payctl::ops::lag::{self, By, Condition, Filter, History, LagReport, Looks, Wanted};
use payctl::ops::{OpsError, Reader};
use tokio::time::MissedTickBehavior;

use super::value;
use crate::console::Console;
use crate::error::{Failure, Shown};
use crate::exit::Exit;

/// Looks closer together would only measure themselves.
const SHORTEST_WATCH: Duration = Duration::from_millis(500);

/// Show how far each group is behind, in records, time and money
///
/// A group takes the status of its worst partition, with the reason below the table. From best to worst: OK, UNKNOWN (whoever
/// could tell does not answer), SLOW (it moves, and more comes than it takes), REBALANCING (a member came or went a moment ago),
/// REWOUND (the offset went back), NO-COMMIT (it never read there), UNPUBLISHED (events wait in the outbox and are in no log),
/// STALLED (a member is alive and the offset does not move), STOPPED (no member is alive) and LOST (the log begins behind its
/// offset: so many records were deleted unread). A partition without lag is OK however long ago it was committed.
///
/// AT-RISK is the money of successful payments that the group has not processed, unpublished and parked ones included, in
/// brackets how many they are and how many of them have waited for more than 5 seconds. IN/s and OUT/s are over the last 10
/// seconds. DRAIN is how long it takes at these rates, never where the lag does not shrink. RETENTION-LEFT is how long the brokers
/// keep the oldest unread record at least. MEMBERS are those alive of those known.
///
/// Groups of others on the same brokers are shown with --foreign, or by their names, as their commits on the brokers tell in two
/// looks a second apart. Where the brokers do not answer, what the database knows is shown, without the database what the groups
/// have told the brokers, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl lag
  payctl lag accounting --by partition --lag '>0'
  payctl lag --watch 2s
  payctl lag --fail-on 'stalled,stopped,lost,age>60s'")]
pub(crate) struct LagArgs {
    /// Only these groups; others than the platform's own as the brokers call them
    #[arg(value_name = "GROUP", value_parser = value::AnyGroup)]
    groups: Vec<String>,
    /// Also every group of others on the same brokers
    #[arg(long)]
    foreign: bool,
    /// One row for each
    #[arg(long, value_enum, default_value_t)]
    by: Row,
    /// Only rows with a larger lag, such as '>1000'
    #[arg(long, value_name = ">N", value_parser = lag::above)]
    lag: Option<i64>,
    /// Only rows whose oldest record waits for longer, such as '>30s'
    #[arg(long, value_name = ">SPAN", value_parser = lag::older)]
    age: Option<i64>,
    /// Look again and again, until Ctrl-C
    #[arg(long, value_name = "SPAN", value_parser = interval)]
    watch: Option<Duration>,
    /// Exit 3 where a group has one of these statuses, or is over a limit such as lag>1000 or age>60s, whether its row is shown or
    /// not; ends a watch
    #[arg(long, value_delimiter = ',', value_name = "CONDITION")]
    fail_on: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Row {
    #[default]
    Group,
    Topic,
    Partition,
    Member,
}

impl LagArgs {
    const fn by(&self) -> By {
        match self.by {
            Row::Group => By::Group,
            Row::Topic => By::Topic,
            Row::Partition => By::Partition,
            Row::Member => By::Member,
        }
    }

    const fn filter(&self) -> Filter {
        Filter { lag: self.lag, age_ms: self.age }
    }

    /// What the look is worth as an exit code; says which condition holds for which group.
    fn judge(&self, console: &Console, report: &LagReport) -> Exit {
        let found = report.found(&self.fail_on);
        for line in &found {
            console.out.note(&format!("fails on {line}"));
        }
        if !found.is_empty() {
            Exit::Finding
        } else if report.is_partial() {
            Exit::Partial
        } else {
            Exit::Ok
        }
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let span = value::span(text)?;
    if span < SHORTEST_WATCH { Err("looks are at least 500ms apart".to_owned()) } else { Ok(span) }
}

/// What is looked at, and what the look before saw.
struct Looker {
    eye: Eye,
    wanted: Wanted,
    looks: Looks,
    by: By,
}

enum Eye {
    Whole(Reader),
    /// Why there is no database.
    Brokers(EventLog, Ambient, Shown),
}

impl Looker {
    async fn open(console: &mut Console, args: &LagArgs) -> Result<Self, Failure> {
        let eye = match console.reader().await {
            Ok(reader) => Eye::Whole(reader),
            Err(Failure::Shown(shown)) if shown.exit == Exit::Unreachable => match console.log_alone()? {
                Some(log) => Eye::Brokers(log, console.ambient.clone(), shown),
                None => return Err(Failure::Shown(shown)),
            },
            Err(failure) => return Err(failure),
        };
        let log = match &eye {
            Eye::Whole(reader) => &reader.log,
            Eye::Brokers(log, ..) => log,
        };
        let wanted = Wanted::of(log, &args.groups, args.foreign).map_err(|error| console.unread(error))?;
        Ok(Self { eye, wanted, looks: Looks::default(), by: args.by() })
    }

    async fn look(&mut self) -> Result<LagReport, OpsError> {
        match &self.eye {
            Eye::Whole(reader) => lag::look(reader, &self.wanted, &mut self.looks, self.by).await,
            Eye::Brokers(log, ambient, shown) => {
                let fault = shown.messages.join("; ");
                lag::look_without_store((log, ambient), &self.wanted, &mut self.looks, (self.by, &fault)).await
            }
        }
    }
}

pub(crate) async fn run(console: &mut Console, args: LagArgs) -> Result<Exit, Failure> {
    let mut looker = Looker::open(console, &args).await?;
    if let Some(interval) = args.watch {
        return watch(console, &mut looker, &args, interval).await;
    }
    let report = looker.look().await.map_err(|error| console.unread(error))?;
    // The brokers know none of the groups either, so nothing was read.
    if let Eye::Brokers(_, _, shown) = looker.eye
        && report.foreign.is_empty()
    {
        return Err(Failure::Shown(shown));
    }
    console.out.report(&report.clone().only(args.filter()))?;
    Ok(args.judge(console, &report))
}

/// Looks until somebody has seen enough, or a condition holds. Once it has begun, a look that fails is told and the next one made.
async fn watch(console: &Console, looker: &mut Looker, args: &LagArgs, interval: Duration) -> Result<Exit, Failure> {
    let mut looks = tokio::time::interval(interval);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // One listener for all looks: between two of them a signal would be lost.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut history = History::default();
    let mut last: Option<LagReport> = None;
    loop {
        let look = async {
            looks.tick().await;
            looker.look().await
        };
        let seen = tokio::select! {
            seen = look => seen,
            _ = &mut interrupted => break,
        };
        match seen {
            Ok(report) => {
                let report = history.extend(report);
                console.out.tick(&report.clone().only(args.filter()), console.ambient.now())?;
                if args.judge(console, &report) == Exit::Finding {
                    return Ok(Exit::Finding);
                }
                last = Some(report);
            }
            Err(error) if last.is_none() => return Err(console.unread(error)),
            Err(error) => console.out.note(&format!("! this look failed: {error}")),
        }
    }
    if let Some(last) = last {
        console.out.note(&last.summary());
    }
    Ok(Exit::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_not_closer_than_half_a_second() {
        assert_eq!(interval("2s"), Ok(Duration::from_secs(2)));
        assert!(interval("100ms").is_err() && interval("2").is_err());
    }
}
