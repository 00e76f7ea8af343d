//! `payctl ledger …`: the books.

mod export;
mod statement;
mod trial_balance;

use clap::Subcommand;
use payctl::domain::MerchantId;
use payctl::ops::ledger;
use payctl::services::accounting::query::EntryFilter;

use super::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show what is in every account, and that debits equal credits
    #[command(after_help = "Example: payctl ledger balances")]
    Balances(BalancesArgs),
    /// Show the newest entries of the books
    #[command(after_help = "Examples:
  payctl ledger entries --payment PY20260102030405ABCDEFGHJK
  payctl ledger entries --account fee_income --since 1d -n 100")]
    Entries(EntriesArgs),
    TrialBalance(trial_balance::TrialBalanceArgs),
    Statement(statement::StatementArgs),
    Export(export::ExportArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct BalancesArgs {
    /// Only this merchant's accounts
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EntriesArgs {
    /// Only those of this payment
    #[arg(long, value_parser = value::payment_no)]
    payment: Option<String>,
    /// Only those that debit or credit this account, such as `fee_income` or `channel_clearing:stripe`
    #[arg(long, value_parser = account)]
    account: Option<String>,
    /// Only those booked from this time on: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
    /// At most so many
    #[arg(short = 'n', long = "last", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    last: i64,
}

fn account(text: &str) -> Result<String, String> {
    ledger::parse_account(text).ok_or_else(|| "no such account in the books; `payctl ledger balances` lists them".to_owned())
}

pub(crate) async fn run(console: &mut Console, command: LedgerCommand) -> Result<Exit, Failure> {
    match command {
        LedgerCommand::Balances(args) => {
            let reader = console.reader().await?;
            let found = ledger::balances(&reader, args.merchant).await.map_err(|error| console.unread(error))?;
            console.out.report(&found)?;
        }
        LedgerCommand::Entries(args) => {
            let reader = console.reader().await?;
            let since = args.since.map(|moment| moment.before(console.ambient.now()));
            let filter = EntryFilter { related_id: args.payment, account: args.account, since, limit: args.last };
            let found = ledger::entries(&reader, filter).await.map_err(|error| console.unread(error))?;
            console.out.report(&found)?;
        }
        LedgerCommand::TrialBalance(args) => return trial_balance::run(console, &args).await,
        LedgerCommand::Statement(args) => return statement::run(console, args).await,
        LedgerCommand::Export(args) => export::run(console, &args).await?,
    }
    Ok(Exit::Ok)
}
