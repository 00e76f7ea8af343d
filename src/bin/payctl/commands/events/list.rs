use payctl::domain::MerchantId;
use payctl::event::{EventKind, Topic};
use payctl::ops::events::{self, EventFilter};

use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// List stored events, newest last, whether a platform runs or not
///
/// Reads the permanent event store: what retention has taken from the log is here as well. Addresses are masked and free text is
/// left out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl events list
  payctl events list --aggregate PY20260102030405ABCDEFGHJK
  payctl events list --type payment.success --since 1h -n 100 -o json")]
pub(crate) struct ListArgs {
    /// Only of this type, such as payment.success
    #[arg(long = "type", value_name = "TYPE", value_parser = value::event_kind(), hide_possible_values = true)]
    kind: Option<EventKind>,
    /// Only of this aggregate: a payment number, MERCHANT/ORDER, a transaction number
    #[arg(long, value_name = "ID")]
    aggregate: Option<String>,
    /// Only of this merchant
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Only on this topic
    #[arg(long, value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topic: Option<Topic>,
    /// Only stored from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// Only stored before this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    until: Option<Moment>,
    /// The last N that fit
    #[arg(short = 'n', long = "last", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    last: i64,
}

pub(super) async fn run(console: &mut Console, args: ListArgs) -> Result<Exit, Failure> {
    let now = console.ambient.now();
    let filter = EventFilter {
        kind: args.kind,
        aggregate: args.aggregate,
        merchant: args.merchant,
        topic: args.topic,
        since: args.since.map(|moment| moment.before(now)),
        until: args.until.map(|moment| moment.before(now)),
        limit: args.last,
    };
    let reader = console.reader().await?;
    let list = events::list(&reader, filter).await.map_err(|error| console.unread(error))?;
    console.out.report(&list)?;
    Ok(Exit::Ok)
}
