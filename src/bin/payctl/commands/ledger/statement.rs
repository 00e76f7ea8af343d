use payctl::domain::{Account, Currency};
use payctl::ops::ledger::{self, Holder, StatementQuery};
use payctl::ops::merchants;
use payctl::services::accounting::query::StatementSpan;

use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show an account's transfers one after the other, from its opening to its closing balance
///
/// Of a merchant, one statement for each of its accounts. The transfers of all times are added up and held against what the account's
/// row says; where the two differ the difference is named and the exit code is 3. Everything comes from the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl ledger statement fee_income --from 1d
  payctl ledger statement 2e42829e-b6aa-4e63-964d-a45a49af106c --currency USD
  payctl ledger statement channel_clearing:stripe --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z -o json")]
pub(crate) struct StatementArgs {
    /// An account such as `fee_income` or `channel_clearing:stripe`, or a merchant's id or name
    #[arg(value_name = "ACCOUNT|MERCHANT")]
    holder: String,
    /// Only transfers booked from this time on: 90s, 10m, 2h, 3d ago or RFC 3339; those before are the opening balance
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    from: Option<Moment>,
    /// Only transfers booked before this time
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    to: Option<Moment>,
    /// Only in this currency
    #[arg(long, value_parser = value::currency, value_name = "CODE")]
    currency: Option<Currency>,
    /// Go on behind the transfer of this number, which the part before names
    #[arg(long, value_name = "NO", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// At most so many transfers an account and currency; what is not shown is counted
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

pub(super) async fn run(console: &mut Console, args: StatementArgs) -> Result<Exit, Failure> {
    let now = console.ambient.now();
    let span = StatementSpan { from: args.from.map(|moment| moment.before(now)), to: args.to.map(|moment| moment.before(now)) };
    value::in_order(span.from, span.to, "--from", "--to", "payctl ledger statement --help")?;
    let reader = console.reader().await?;
    let holder = match args.holder.parse::<Account>() {
        Ok(account) => Holder::Account(account),
        Err(_) => Holder::Merchant(merchants::resolve(&reader, &args.holder).await.map_err(|error| console.unread(error))?),
    };
    let wanted = StatementQuery { holder, span, currency: args.currency, after: args.after, limit: args.limit };
    let told = ledger::statement(&reader, wanted).await.map_err(|error| console.unread(error))?;
    console.out.report(&told)?;
    Ok(if told.agrees { Exit::Ok } else { Exit::Finding })
}
