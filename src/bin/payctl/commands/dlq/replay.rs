use std::time::Duration;

use clap::Args;
use payctl::daemon::Shutdown;
use payctl::ops::Reader;
use payctl::ops::dlq::{self, Desk, Ended, LetterState, PlanOptions, ReplayReport, Signals};
use payctl::store::{Outcome, PlanState};

use super::select::{SelectArgs, WhyArgs};
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Have the group that failed try dead letters again, and follow each until its effect is there
///
/// Shows and keeps a plan; --execute executes it, with a record in audit.logs. Only the group that failed sees the events, with
/// their own ids, through its own handler, so that what has its effect already has no second one. The canary goes first, and the
/// rest only once it is VERIFIED. Ctrl-C sends nothing more; the same plan again sends what was not sent. Exits with 3 when
/// failures stopped it, with 5 when something came back or is not confirmed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq replay c-41a0ff
  payctl dlq replay --plan rp-07120c --execute
  payctl dlq replay c-41a0ff --canary 5 --rate 100/s --reason 'ticket 4711' --execute
  payctl dlq replay dlq:accounting/payment.events/3/881 --execute")]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Execute, or show, this plan
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["selectors", "group", "payment", "since", "canary", "rate", "max", "stop_on_fail"])]
    plan: Option<String>,
    /// How many go first and must be VERIFIED before the rest; 0 for none
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(0..=1000))]
    canary: i64,
    /// How many are sent a second at most
    #[arg(long, value_name = "R/s", default_value = "20/s", value_parser = rate)]
    rate: i64,
    /// How many are sent at all; the oldest first
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    max: i64,
    /// Send nothing more once more than so many percent have come back
    #[arg(long, value_name = "P%", default_value = "5%", value_parser = percent)]
    stop_on_fail: i64,
    /// How long to follow what was sent while nothing happens
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = value::span)]
    wait: Duration,
    #[command(flatten)]
    why: WhyArgs,
    /// Do it, instead of showing what would be done
    #[arg(long)]
    execute: bool,
}

impl ReplayArgs {
    /// Whether it keeps a plan or executes one, and does not only show it.
    pub(crate) const fn changes(&self) -> bool {
        self.execute || self.plan.is_none()
    }
}

fn rate(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix("/s").and_then(|number| number.parse().ok()).filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| "a rate is a whole number a second from 1/s to 10000/s, such as 20/s".to_owned())
}

fn percent(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|number| (0..=100).contains(number));
    number.ok_or_else(|| "a share is 0% to 100%, such as 5%".to_owned())
}

pub(super) async fn run(console: &mut Console, args: ReplayArgs) -> Result<Exit, Failure> {
    if !args.changes()
        && let Some(plan_id) = &args.plan
    {
        // A plan that is only shown needs no way to change anything.
        let reader = console.reader().await?;
        let plan = dlq::load(&reader, plan_id).await.map_err(|error| console.unread(error))?;
        return show(console, &plan);
    }
    let (reader, desk) = console.desk().await?;
    let (by, reason, wait) = (args.why.by.by.clone(), args.why.reason.clone(), args.wait);
    let wants_execution = args.execute;
    let Some(plan) = planned(console, (&reader, &desk), args).await? else {
        console.out.note("nothing of it is open any more: there is nothing to replay");
        return Ok(Exit::Ok);
    };
    if !wants_execution {
        return show(console, &plan);
    }
    let shutdown = Shutdown::default();
    shutdown
        .on_signals()
        .map_err(|error| Failure::failed(format!("signals cannot be waited for: {error}"), console.again("dlq replay --help")))?;
    let signals = Signals { stop: shutdown.drain, give_up: shutdown.force };
    let out = &console.out;
    let done = dlq::execute((&reader, &desk), &plan.plan_id, (&by, &reason), wait, &signals, &|text| out.note(text)).await;
    let done = done.map_err(|error| console.unread(error))?;
    console.out.report(&done)?;
    Ok(exit(&done))
}

/// Shows a plan without executing it.
fn show(console: &Console, plan: &ReplayReport) -> Result<Exit, Failure> {
    console.out.report(plan)?;
    let next = console.again(&format!("dlq replay --plan {} --execute", plan.plan_id));
    console.out.note(&format!("nothing was sent; execute: {next}"));
    Ok(if plan.state == PlanState::Planned { Exit::Ok } else { exit(plan) })
}

/// The plan that is named, or a new one.
async fn planned(console: &Console, (reader, desk): (&Reader, &Desk), args: ReplayArgs) -> Result<Option<ReplayReport>, Failure> {
    if let Some(plan_id) = args.plan {
        return dlq::load(reader, &plan_id).await.map(Some).map_err(|error| console.unread(error));
    }
    let query = args.select.query(LetterState::Open, console.ambient.now());
    let options = PlanOptions {
        canary: args.canary,
        rate: args.rate,
        max: args.max,
        stop_on_fail: args.stop_on_fail,
        actor: args.why.by.by,
        reason: args.why.reason,
    };
    dlq::plan(reader, desk, &query, &options).await.map_err(|error| console.unread(error))
}

/// What the shell hears of a replay.
pub(super) fn exit(report: &ReplayReport) -> Exit {
    match report.ended {
        Ended::Interrupted => Exit::Interrupted,
        Ended::Stopped if report.count(Outcome::FailedAgain) > 0 => Exit::Finding,
        Ended::Open | Ended::Finished if report.is_complete() => Exit::Ok,
        Ended::Open | Ended::Finished | Ended::Stopped => Exit::Partial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_a_second_and_shares_a_hundred_at_most() {
        assert_eq!((rate("20/s"), percent("5%"), percent("0")), (Ok(20), Ok(5), Ok(0)));
        for wrong in ["20", "0/s", "20/m", "10001/s"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        assert!(percent("101%").is_err() && percent("x").is_err());
    }
}
