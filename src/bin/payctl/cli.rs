use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::bundle::BundleArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigCommand;
use crate::commands::dlq::DlqCommand;
use crate::commands::events::EventsCommand;
use crate::commands::groups::GroupsCommand;
use crate::commands::lag::LagArgs;
use crate::commands::ledger::LedgerCommand;
use crate::commands::load::LoadCommand;
use crate::commands::man::ManArgs;
use crate::commands::merchants::MerchantsCommand;
use crate::commands::metrics::MetricsArgs;
use crate::commands::orders::OrdersCommand;
use crate::commands::payments::PaymentsCommand;
use crate::commands::selftest::SelftestCommand;
use crate::commands::serve::ServeArgs;
use crate::commands::status::StatusArgs;
use crate::commands::topics::TopicsCommand;
use crate::commands::trace::TraceArgs;
use crate::commands::up::UpArgs;
use crate::commands::verify::VerifyArgs;
use crate::exit::Exit;
use crate::global::GlobalArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

/// An event-driven payment platform and its operator's console in one binary
#[derive(Debug, Parser)]
#[command(name = "payctl", version, styles = STYLES, max_term_width = 100, arg_required_else_help = true, subcommand_required = true)]
#[command(after_help = after_help())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One variant a noun; its own commands stand in `commands/<noun>.rs`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole platform in this process, in the development profile
    Up(UpArgs),
    /// Run some services in this process, in the production profile
    Serve(ServeArgs),
    /// Create, find, pay and cancel payments
    #[command(subcommand)]
    Payments(PaymentsCommand),
    /// Find orders and move them on
    #[command(subcommand)]
    Orders(OrdersCommand),
    /// Find merchants, and see how each stands
    #[command(subcommand)]
    Merchants(MerchantsCommand),
    /// Look at the log
    #[command(subcommand)]
    Topics(TopicsCommand),
    /// Look at stored events, replay them beside the live tables, or publish them again
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at the consumer groups, or set one elsewhere
    #[command(subcommand)]
    Groups(GroupsCommand),
    /// Look at dead letters, and replay or discard them
    #[command(subcommand)]
    Dlq(DlqCommand),
    Status(StatusArgs),
    Lag(LagArgs),
    Trace(TraceArgs),
    Metrics(MetricsArgs),
    /// Look at the books, or take them along
    #[command(subcommand)]
    Ledger(LedgerCommand),
    Verify(VerifyArgs),
    Bundle(BundleArgs),
    /// Put load on a platform and prove that no acknowledged money is lost
    #[command(subcommand)]
    Load(LoadCommand),
    /// Try out what the platform stands on
    #[command(subcommand)]
    Selftest(SelftestCommand),
    /// Show what is configured, and what can be
    #[command(subcommand)]
    Config(ConfigCommand),
    Completions(CompletionsArgs),
    /// Print the manual
    Man(ManArgs),
}

/// The whole command line, as help, completions and the manual see it.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

fn after_help() -> String {
    format!("{}\n\nStart here: payctl up --demo", Exit::help())
}
