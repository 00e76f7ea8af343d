use clap::Subcommand;
use payctl::domain::{Currency, MerchantId, OrderStatus};
use payctl::ops::{Client, ClientError, Fields, OrderStep, Report, Table, orders};
use payctl::services::order::query::OrderFilter;
use serde::Serialize;
use serde_json::Value;

use super::value::{self, Moment, Page};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum OrdersCommand {
    /// Show one order, whether a platform runs or not
    #[command(after_help = "Example: payctl orders get ORD-1")]
    Get(GetArgs),
    /// List orders, newest first, whether a platform runs or not
    #[command(after_help = "Example: payctl orders list --status paid --since 1d")]
    List(ListArgs),
    /// Say that a paid order is on its way
    #[command(after_help = "Example: payctl orders ship ORD-1")]
    Ship(OrderArgs),
    /// Say that a shipped order has arrived
    #[command(after_help = "Example: payctl orders complete ORD-1")]
    Complete(OrderArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct OrderArgs {
    /// Your own number for the order
    #[arg(value_parser = value::order_no)]
    order_no: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GetArgs {
    /// Your own number for the order
    #[arg(value_parser = value::order_no)]
    order_no: String,
    /// Whose, where several merchants use the number; else the newest
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Only where they stand so
    #[arg(long, value_parser = value::order_status(), hide_possible_values = true)]
    status: Option<OrderStatus>,
    /// Only this merchant's
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Only in this currency
    #[arg(long, value_parser = value::currency, value_name = "CODE")]
    currency: Option<Currency>,
    /// Only made from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// Only made before this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    until: Option<Moment>,
    #[command(flatten)]
    page: Page,
}

pub(crate) async fn run(console: &mut Console, command: OrdersCommand) -> Result<Exit, Failure> {
    match command {
        OrdersCommand::Get(args) => get(console, &args).await,
        OrdersCommand::List(args) => list(console, args).await,
        OrdersCommand::Ship(args) => step(console, &args.order_no, OrderStep::Ship).await,
        OrdersCommand::Complete(args) => step(console, &args.order_no, OrderStep::Complete).await,
    }
}

async fn get(console: &mut Console, args: &GetArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let order = orders::get(&reader, args.merchant, &args.order_no).await.map_err(|error| console.unread(error))?;
    console.out.report(&order)?;
    Ok(Exit::Ok)
}

async fn list(console: &mut Console, args: ListArgs) -> Result<Exit, Failure> {
    let now = console.ambient.now();
    let filter = OrderFilter {
        merchant_id: args.merchant,
        status: args.status,
        currency: args.currency,
        start_time: args.since.map(|moment| moment.before(now)),
        end_time: args.until.map(|moment| moment.before(now)),
    };
    let reader = console.reader().await?;
    let list = orders::list(&reader, filter, args.page.page, args.page.page_size).await.map_err(|error| console.unread(error))?;
    console.out.report(&list)?;
    Ok(Exit::Ok)
}

async fn step(console: &mut Console, order_no: &str, step: OrderStep) -> Result<Exit, Failure> {
    let config = console.config()?;
    let refused = |error: ClientError| console.refused(&error, "orders", Some(order_no));
    let client = Client::new(&config).map_err(refused)?;
    let order = client.step_order(order_no, step).await.map_err(refused)?;
    console.out.report(&Moved { order })?;
    Ok(Exit::Ok)
}

/// An order that was moved on, as the order service answered.
#[derive(Debug, Serialize)]
pub(crate) struct Moved {
    order: Fields,
}

impl Report for Moved {
    const NAMES: Option<&'static str> = Some("order numbers");

    fn tables(&self) -> Vec<Table> {
        let text = |name: &str| self.order.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
        let mut table = Table::new(&["ORDER", "STATUS", "PAYMENT"]);
        table.push(["order_no", "status", "payment_no"].map(text));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.order.get("order_no").and_then(Value::as_str).map(str::to_owned).into_iter().collect()
    }
}
