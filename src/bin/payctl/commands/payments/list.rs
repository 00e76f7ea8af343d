use payctl::domain::{Currency, Email, MerchantId, PaymentStatus};
use payctl::ops::payments;
use payctl::services::gateway::query::PaymentFilter;

use crate::commands::value::{self, Moment, Page};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// List payments, newest first, whether a platform runs or not
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl payments list --status processing --since 1h
  payctl payments list --min-amount 100000 --currency USD -o json")]
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
    #[arg(long, value_name = "MINOR")]
    min_amount: Option<i64>,
    /// Only of at most so many minor units
    #[arg(long, value_name = "MINOR")]
    max_amount: Option<i64>,
    #[command(flatten)]
    page: Page,
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
    let reader = console.reader().await?;
    let list = payments::list(&reader, filter, args.page.page, args.page.page_size).await.map_err(|error| console.unread(error))?;
    console.out.report(&list)?;
    Ok(Exit::Ok)
}
