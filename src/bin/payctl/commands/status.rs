use payctl::ops::{Probe, status};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show whether every service, the database, the log and each group work
///
/// Services are asked at their health routes, database and log are read from here. Exit 0 where all of them work, 3 where one
/// does not, 4 where nothing at all answers.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl status
  payctl status -o json")]
pub(crate) struct StatusArgs {}

pub(crate) async fn run(console: &mut Console, _args: StatusArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let probe = Probe::new().map_err(|error| console.refused(&error, "status", None))?;
    let reader = console.reader().await;
    let opened = reader.as_ref().map_err(Failure::message);
    let report = status::status(&config, &probe, opened, &console.ambient).await;
    console.out.report(&report)?;
    Ok(if report.is_unreachable() {
        Exit::Unreachable
    } else if report.is_well() {
        Exit::Ok
    } else {
        Exit::Finding
    })
}
