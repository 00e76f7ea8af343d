use clap::ValueEnum;
use payctl::domain::{Currency, Email, MerchantId, PaymentStatus};
use payctl::ops::payments::{self, PaymentQuery};
use payctl::services::gateway::query::{PaymentFilter, PaymentSort};

use crate::commands::unmask::Unmask;
use crate::commands::value::{self, Moment, Page};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

const HELP: &str = "payctl payments list --help";

/// List payments, newest first, whether a platform runs or not
///
/// The last line says how many of how many are shown, and how to get those that follow.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl payments list --status processing --since 1h
  payctl payments list --min-amount 100000 --currency USD --first largest -o json
  payctl payments list --status failed --after PY20260102030405ABCDEFGHJK")]
pub(crate) struct ListArgs {
    /// Only where they stand so
    #[arg(long, value_parser = value::payment_status(), hide_possible_values = true)]
    status: Option<PaymentStatus>,
    /// Only this merchant's
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Only through this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Only in this currency
    #[arg(long, value_parser = value::currency, value_name = "CODE")]
    currency: Option<Currency>,
    /// Only by this payer
    #[arg(long, value_parser = value::email, value_name = "ADDRESS")]
    email: Option<Email>,
    /// Only for this order
    #[arg(long, value_parser = value::order_no, value_name = "NO")]
    order_no: Option<String>,
    /// Only created from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// Only created before this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    until: Option<Moment>,
    /// Only of at least so many minor units
    #[arg(long, value_name = "MINOR", value_parser = value::minor())]
    min_amount: Option<i64>,
    /// Only of at most so many minor units
    #[arg(long, value_name = "MINOR", value_parser = value::minor())]
    max_amount: Option<i64>,
    /// What comes first; by amount only within a --currency
    #[arg(long, value_enum, default_value_t = Sort::Newest, value_name = "ORDER")]
    first: Sort,
    /// Go on behind this payment, which the page before names; unlike a page it does not shift when payments are made
    #[arg(long, value_name = "PAYMENT", value_parser = value::payment_no, conflicts_with = "page")]
    after: Option<String>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Newest,
    Oldest,
    Largest,
    Smallest,
}

impl From<Sort> for PaymentSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::Oldest => Self::Oldest,
            Sort::Largest => Self::Largest,
            Sort::Smallest => Self::Smallest,
        }
    }
}

pub(super) async fn run(console: &mut Console, args: ListArgs) -> Result<Exit, Failure> {
    let now = console.ambient.now();
    let filter = PaymentFilter {
        merchant_id: args.merchant,
        status: args.status,
        channel: args.channel,
        currency: args.currency,
        customer_email: args.email.map(|email| email.expose().to_owned()),
        order_no: args.order_no,
        start_time: args.since.map(|moment| moment.before(now)),
        end_time: args.until.map(|moment| moment.before(now)),
        min_amount: args.min_amount,
        max_amount: args.max_amount,
    };
    value::in_order(filter.start_time, filter.end_time, "--since", "--until", HELP)?;
    value::in_order(filter.min_amount, filter.max_amount, "--min-amount", "--max-amount", HELP)?;
    if matches!(args.first, Sort::Largest | Sort::Smallest) && filter.currency.is_none() {
        return Err(Failure::usage("amounts are compared within one currency only: add --currency", HELP));
    }
    let masking = args.unmask.masking(console, "payments list", &all_or(filter.merchant_id)).await?;
    let wanted =
        PaymentQuery { filter, sort: args.first.into(), after: args.after, page: args.page.page, page_size: args.page.page_size, masking };
    let reader = console.reader().await?;
    let list = payments::list(&reader, wanted).await.map_err(|error| console.unread(error))?;
    console.out.report(&list)?;
    Ok(Exit::Ok)
}

fn all_or(merchant: Option<MerchantId>) -> String {
    merchant.map_or_else(|| "all merchants".to_owned(), |merchant| merchant.to_string())
}
