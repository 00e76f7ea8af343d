use payctl::event::Topic;
use payctl::ops::topics::{Tail, TailPage, TailQuery};
use payctl::ops::{OpsError, Report as _};

use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show the last records of topics, merged by time; -f goes on
///
/// Joins no group and commits nothing. Addresses are masked and free text is left out. What cannot be read is shown with the
/// reason. The last line says what was looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl topics tail payment.events
  payctl topics tail payment.events order.events -f
  payctl topics tail payment.events --since 10m --payment PY20260102030405ABCDEFGHJK -o json")]
pub(crate) struct TailArgs {
    /// Which topics
    #[arg(required = true, value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topics: Vec<Topic>,
    /// Go on with what comes, until Ctrl-C
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// The last N records; 10, or all of --since
    #[arg(short = 'n', long = "last", value_name = "N")]
    last: Option<usize>,
    /// Only records from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// Only records up to this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    until: Option<Moment>,
    /// Only this partition
    #[arg(short, long, value_name = "P")]
    partition: Option<u16>,
    /// Only records with this key, which is the merchant
    #[arg(long)]
    key: Option<String>,
    /// Only records that name this payment
    #[arg(long, value_name = "PAYMENT", value_parser = value::payment_no)]
    payment: Option<String>,
}

pub(super) async fn run(console: &mut Console, args: TailArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let now = console.ambient.now();
    let mut topics = args.topics;
    topics.sort_unstable();
    topics.dedup();
    let query = TailQuery {
        topics,
        last: args.last,
        since: args.since.map(|moment| moment.before(now)),
        until: args.until.map(|moment| moment.before(now)),
        partition: args.partition,
        key: args.key,
        payment: args.payment,
    };
    let mut widths = Vec::new();
    let (mut tail, first) = Tail::start(&reader, query).await.map_err(|error| match error {
        OpsError::Usage(message) => Failure::usage(message, "payctl topics list"),
        error => console.unread(error),
    })?;
    show(console, &first, &mut widths)?;
    if !args.follow {
        console.out.note(&tail.footer().to_string());
        return Ok(Exit::Ok);
    }
    loop {
        tokio::select! {
            page = tail.follow() => show(console, &page.map_err(|error| console.unread(error))?, &mut widths)?,
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    console.out.note(&tail.footer().to_string());
    Ok(Exit::Interrupted)
}

fn show(console: &Console, page: &TailPage, widths: &mut Vec<usize>) -> Result<(), Failure> {
    if console.out.is_json() {
        return page.lines.iter().try_for_each(|line| console.out.json_line(line));
    }
    if page.lines.is_empty() && !widths.is_empty() {
        return Ok(());
    }
    page.tables().iter().try_for_each(|table| console.out.grow(table, widths))
}
