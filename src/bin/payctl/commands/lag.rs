use clap::{Args, ValueEnum};
use payctl::ops::lag::{self, By, Status};
use payctl::services::Service;

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show how far each group is behind, in records, time and money
///
/// A group takes the status of its worst partition: OK, NO-COMMIT (it never read there), UNPUBLISHED (events wait in the outbox
/// and are in no log), STALLED (a member is alive and the offset does not move) or STOPPED (no member is alive). AT-RISK is the
/// money of successful payments that it has not processed, unpublished and parked ones included, and in brackets how many they
/// are. Where the brokers do not answer, what the database knows is shown, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl lag
  payctl lag accounting --by partition
  payctl lag --fail-on stalled,stopped")]
pub(crate) struct LagArgs {
    /// Only these groups
    #[arg(value_name = "GROUP", value_parser = value::group())]
    groups: Vec<Service>,
    /// One row for each
    #[arg(long, value_enum, default_value_t)]
    by: Row,
    /// Exit 3 where a group has one of these statuses
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STATUS")]
    fail_on: Vec<Bad>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Row {
    #[default]
    Group,
    Partition,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Bad {
    NoCommit,
    Unpublished,
    Stalled,
    Stopped,
}

pub(crate) async fn run(console: &mut Console, args: LagArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let by = match args.by {
        Row::Group => By::Group,
        Row::Partition => By::Partition,
    };
    let report = lag::lag(&reader, &args.groups, by).await.map_err(|error| console.unread(error))?;
    console.out.report(&report)?;
    let is_bad = |status: Status| {
        args.fail_on.iter().any(|bad| match bad {
            Bad::NoCommit => status == Status::NoCommit,
            Bad::Unpublished => status == Status::Unpublished,
            Bad::Stalled => status == Status::Stalled,
            Bad::Stopped => status == Status::Stopped,
        })
    };
    Ok(if report.groups.iter().any(|group| is_bad(group.status)) {
        Exit::Finding
    } else if report.log_fault.is_some() {
        Exit::Partial
    } else {
        Exit::Ok
    })
}
