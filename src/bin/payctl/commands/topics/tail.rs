use std::pin::pin;

use payctl::event::Topic;
use payctl::ops::OpsError;
use payctl::ops::topics::{Condition, Tail, TailPage, TailQuery};

use crate::commands::unmask;
use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::document;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::Growing;

/// Show the last records of topics, merged by time; -f goes on
///
/// Joins no group and commits nothing. Addresses are masked and free text is left out. What cannot be read is shown with the
/// reason and its first bytes. The last line says what was looked at, and whether that is COMPLETE or PARTIAL and why; exit 5
/// where a partition could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl topics tail payment.events
  payctl topics tail payment.events order.events -f
  payctl topics tail payment.events --since 10m --where 'value.amount > 10000 and type = payment.success'
  payctl topics tail payment.events --payment PY20260102030405ABCDEFGHJK --expand
  payctl topics tail payment.events -p 3 --from-offset 88000 --raw -o jsonl > records.jsonl")]
pub(crate) struct TailArgs {
    /// Which topics
    #[arg(required = true, value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topics: Vec<Topic>,
    /// Go on with what comes, until Ctrl-C
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// The last N records; 10, or all of --since or --from-offset
    #[arg(short = 'n', long = "last", value_name = "N")]
    last: Option<usize>,
    /// Only records from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// Only records up to this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    until: Option<Moment>,
    /// Only records from this offset of each partition on
    #[arg(long, value_name = "OFFSET", value_parser = clap::value_parser!(i64).range(0..))]
    from_offset: Option<i64>,
    /// Only this partition
    #[arg(short, long, value_name = "P")]
    partition: Option<u16>,
    /// Only records with this key, which is the merchant
    #[arg(long)]
    key: Option<String>,
    /// Only records with this header; may be repeated
    #[arg(long, value_name = "NAME=TEXT", value_parser = header)]
    header: Vec<(String, String)>,
    /// Only records that name this payment
    #[arg(long, value_name = "PAYMENT", value_parser = value::payment_no)]
    payment: Option<String>,
    /// Only records whose decoded fields pass: FIELD OP VALUE, joined by 'and'; OP is =, !=, >, >=, <, <= or ~ (contains)
    #[arg(long = "where", value_name = "CONDITION", value_parser = Condition::parse)]
    condition: Option<Condition>,
    /// Each record over several lines, with headers and all that it says
    #[arg(long, conflicts_with = "raw")]
    expand: bool,
    /// Values as they lie there, unmasked, one a line; with -o jsonl for payctl topics produce. In production audit.logs keeps it
    #[arg(long)]
    raw: bool,
    /// Who looks at what is unmasked; kept in the audit trail
    #[arg(long, value_name = "NAME", default_value = "console", requires = "raw")]
    by: String,
}

impl TailArgs {
    /// Whether the audit trail may have to keep who looked.
    pub(crate) const fn changes(&self) -> bool {
        self.raw
    }

    /// Whether a person sees something else than a table of records.
    pub(crate) const fn is_in_blocks(&self) -> bool {
        self.raw || self.expand
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "a header is NAME=TEXT".to_owned())
}

/// How lines are shown.
struct Shown {
    expand: bool,
    raw: bool,
    growing: Growing,
}

pub(super) async fn run(console: &mut Console, args: TailArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let now = console.ambient.now();
    let mut topics = args.topics;
    topics.sort_unstable();
    topics.dedup();
    if args.raw {
        let names: Vec<&str> = topics.iter().map(|topic| topic.name()).collect();
        unmask::tell(console, "topics.unmask", &names.join(","), &args.by, "topics tail --raw").await?;
    }
    let query = TailQuery {
        topics,
        last: args.last,
        since: args.since.map(|moment| moment.before(now)),
        until: args.until.map(|moment| moment.before(now)),
        partition: args.partition,
        key: args.key,
        payment: args.payment,
        from_offset: args.from_offset,
        headers: args.header,
        condition: args.condition,
        with_raw: args.raw,
        lines: console.out.format.is_json().then(document::json_beginning),
    };
    let mut shown = Shown { expand: args.expand, raw: args.raw, growing: Growing::default() };
    let mut tail = Tail::start(&reader, query).await.map_err(|error| failed(console, error))?;
    let is_over = show_all(console, &mut tail, args.follow, &mut shown).await?;
    console.out.note(&tail.footer().to_string());
    Ok(if !is_over {
        Exit::Interrupted
    } else if tail.footer().unread.is_empty() {
        Exit::Ok
    } else {
        Exit::Partial
    })
}

/// Shows what is there and, where that is wanted, what comes; `false` where Ctrl-C ended it.
async fn show_all(console: &Console, tail: &mut Tail, follow: bool, shown: &mut Shown) -> Result<bool, Failure> {
    let mut stop = pin!(tokio::signal::ctrl_c());
    loop {
        let page = tokio::select! {
            page = tail.next() => page.map_err(|error| failed(console, error))?,
            _ = &mut stop => {
                tail.interrupted();
                return Ok(false);
            }
        };
        let Some(page) = page else { break };
        shown.page(console, &page)?;
    }
    if follow {
        loop {
            tokio::select! {
                page = tail.follow() => shown.page(console, &page.map_err(|error| failed(console, error))?)?,
                _ = &mut stop => return Ok(false),
            }
        }
    }
    // A table of nothing still has its header.
    if shown.growing.is_new() && console.out.format.has_columns() && !shown.raw && !shown.expand {
        shown.page(console, &TailPage { lines: Vec::new(), written: Vec::new(), now: console.ambient.now() })?;
    }
    Ok(true)
}

fn failed(console: &Console, error: OpsError) -> Failure {
    match error {
        OpsError::Usage(message) => Failure::usage(message, "payctl topics list"),
        error => console.unread(error),
    }
}

impl Shown {
    fn page(&mut self, console: &Console, page: &TailPage) -> Result<(), Failure> {
        if !console.out.format.has_columns() {
            return console.out.stream(&page.lines, &page.written, page, &mut self.growing);
        }
        if self.raw {
            let values = page.lines.iter().filter_map(|line| line.raw.as_ref()?.bytes().ok()?);
            let bytes: Vec<u8> = values.flat_map(|value| value.into_iter().chain([b'\n'])).collect();
            return console.out.bytes(&bytes);
        }
        if self.expand {
            let text: String = page.lines.iter().map(|line| line.expanded(page.now)).collect();
            return console.out.text(&text);
        }
        if page.lines.is_empty() && !self.growing.is_new() {
            return Ok(());
        }
        console.out.stream(&page.lines, &page.written, page, &mut self.growing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_text_that_may_be_empty() {
        assert_eq!(header("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(header("a="), Ok(("a".to_owned(), String::new())));
        assert!(header("a").is_err() && header("=b").is_err());
    }
}
