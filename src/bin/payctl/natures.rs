use payctl::ops::{
    bundle, dlq as letters, events, groups, lag, ledger, load, merchants, metrics, orders, payment_history, payments, replay, republish,
    selftest, status, topics, trace, verify,
};

use crate::cli::Command;
use crate::commands::config::{self, ConfigCommand};
use crate::commands::dlq::DlqCommand;
use crate::commands::events::EventsCommand;
use crate::commands::groups::GroupsCommand;
use crate::commands::ledger::LedgerCommand;
use crate::commands::load::LoadCommand;
use crate::commands::merchants::MerchantsCommand;
use crate::commands::orders::{Moved, OrdersCommand};
use crate::commands::payments::PaymentsCommand;
use crate::commands::payments::view::PaymentView;
use crate::commands::selftest::SelftestCommand;
use crate::commands::topics::TopicsCommand;
use crate::commands::verify::VerifyCommand;
use crate::nature::Nature;

impl Command {
    /// THE place that says what each command is; one that is not named here does not compile.
    pub(crate) const fn nature(&self) -> Nature {
        match self {
            Self::Up(_) => Nature::changes::<status::StatusReport>("up"),
            Self::Serve(_) => Nature::text("serve").changing(true),
            Self::Payments(command) => payments_nature(command),
            Self::Merchants(command) => merchants_nature(command),
            Self::Orders(command) => orders_nature(command),
            Self::Topics(command) => topics_nature(command),
            Self::Events(command) => events_nature(command),
            Self::Groups(command) => groups_nature(command),
            Self::Dlq(command) => dlq_nature(command),
            Self::Status(_) => Nature::asks::<status::StatusReport>("status"),
            Self::Lag(_) => Nature::asks::<lag::LagReport>("lag"),
            Self::Trace(_) => Nature::asks::<trace::Trace>("trace"),
            Self::Metrics(_) => Nature::asks::<metrics::Metrics>("metrics"),
            Self::Ledger(LedgerCommand::Balances(_)) => Nature::asks::<ledger::Balances>("ledger balances"),
            Self::Ledger(LedgerCommand::Entries(_)) => Nature::asks::<ledger::Entries>("ledger entries"),
            Self::Ledger(LedgerCommand::TrialBalance(_)) => Nature::asks::<ledger::TrialReport>("ledger trial-balance"),
            Self::Ledger(LedgerCommand::Statement(_)) => Nature::asks::<ledger::Statement>("ledger statement"),
            Self::Ledger(LedgerCommand::Export(_)) => Nature::text("ledger export"),
            Self::Verify(args) => verify_nature(args.command.as_ref()),
            Self::Bundle(_) => Nature::asks::<bundle::Bundle>("bundle"),
            Self::Load(LoadCommand::Run(_)) => Nature::changes::<load::LoadReport>("load run"),
            // Its topic is a scratch one, but it lies on the platform's brokers.
            Self::Selftest(SelftestCommand::Kafka) => Nature::changes::<selftest::KafkaSelftest>("selftest kafka"),
            Self::Config(ConfigCommand::Show) => Nature::asks::<config::Shown>("config show"),
            Self::Config(ConfigCommand::Keys) => Nature::asks::<config::Keys>("config keys"),
            Self::Config(ConfigCommand::Profiles) => Nature::asks::<config::Profiles>("config profiles"),
            Self::Config(ConfigCommand::Example) => Nature::text("config example"),
            Self::Completions(_) => Nature::text("completions"),
            Self::Man(_) => Nature::text("man"),
        }
    }
}

const fn payments_nature(command: &PaymentsCommand) -> Nature {
    match command {
        PaymentsCommand::Create(_) => Nature::changes::<PaymentView>("payments create"),
        PaymentsCommand::Get(args) if args.is_folded() => {
            Nature::asks::<payment_history::PaymentHistory>("payments get").changing(args.unmask.changes())
        }
        PaymentsCommand::Get(args) => Nature::asks::<payments::PaymentDetail>("payments get").changing(args.unmask.changes()),
        PaymentsCommand::List(args) => Nature::asks::<payments::PaymentList>("payments list").changing(args.unmask.changes()),
        PaymentsCommand::Cancel(_) => Nature::changes::<PaymentView>("payments cancel"),
        PaymentsCommand::Pay(_) => Nature::changes::<PaymentView>("payments pay"),
    }
}

const fn merchants_nature(command: &MerchantsCommand) -> Nature {
    match command {
        MerchantsCommand::List(_) => Nature::asks::<merchants::MerchantList>("merchants list"),
        MerchantsCommand::Show(args) => Nature::asks::<merchants::MerchantDetail>("merchants show").changing(args.unmask.changes()),
        MerchantsCommand::Metrics(_) => Nature::asks::<metrics::Metrics>("merchants metrics"),
    }
}

const fn orders_nature(command: &OrdersCommand) -> Nature {
    match command {
        OrdersCommand::Get(_) => Nature::asks::<orders::OrderDetail>("orders get"),
        OrdersCommand::List(_) => Nature::asks::<orders::OrderList>("orders list"),
        OrdersCommand::Ship(_) => Nature::changes::<Moved>("orders ship"),
        OrdersCommand::Complete(_) => Nature::changes::<Moved>("orders complete"),
    }
}

const fn topics_nature(command: &TopicsCommand) -> Nature {
    match command {
        TopicsCommand::List => Nature::asks::<topics::TopicList>("topics list"),
        TopicsCommand::Describe(_) => Nature::asks::<topics::TopicDetail>("topics describe"),
        TopicsCommand::Init(args) => Nature::asks::<topics::TopicsState>("topics init").changing(args.changes()),
        TopicsCommand::Tail(args) => {
            let (name, changes) = ("topics tail", args.changes());
            if args.is_in_blocks() {
                Nature::expands::<topics::TailPage>(name).changing(changes)
            } else {
                Nature::follows::<topics::TailPage>(name).changing(changes)
            }
        }
        TopicsCommand::Produce(args) if args.changes() => Nature::changes::<topics::Produced>("topics produce"),
        TopicsCommand::Produce(_) => Nature::asks::<topics::ProducePlan>("topics produce"),
    }
}

const fn events_nature(command: &EventsCommand) -> Nature {
    match command {
        EventsCommand::List(_) => Nature::asks::<events::EventList>("events list"),
        EventsCommand::Show(_) => Nature::asks::<events::EventDetail>("events show"),
        EventsCommand::Replay(_) => Nature::asks::<replay::Replay>("events replay"),
        EventsCommand::Republish(args) => Nature::asks::<republish::Republish>("events republish").changing(args.changes()),
    }
}

const fn groups_nature(command: &GroupsCommand) -> Nature {
    match command {
        GroupsCommand::List => Nature::asks::<groups::GroupList>("groups list"),
        GroupsCommand::Describe { .. } => Nature::asks::<groups::GroupDetail>("groups describe"),
        GroupsCommand::ResetOffsets(args) => Nature::asks::<groups::ResetPlan>("groups reset-offsets").changing(args.changes()),
    }
}

const fn dlq_nature(command: &DlqCommand) -> Nature {
    match command {
        DlqCommand::List(args) => Nature::shows("dlq list", args.shape()),
        DlqCommand::Show(_) => Nature::asks::<letters::Shown>("dlq show"),
        DlqCommand::Replay(args) => Nature::asks::<letters::ReplayReport>("dlq replay").changing(args.changes()),
        DlqCommand::Status(_) => Nature::asks::<letters::ReplayReport>("dlq status"),
        DlqCommand::Discard(args) => Nature::asks::<letters::Disposed>("dlq discard").changing(args.changes()),
        DlqCommand::Restore(args) => Nature::asks::<letters::Disposed>("dlq restore").changing(args.changes()),
        DlqCommand::Export(_) => Nature::lines("dlq export"),
        DlqCommand::Import(args) => Nature::asks::<letters::Transfer>("dlq import").changing(args.changes()),
    }
}

const fn verify_nature(command: Option<&VerifyCommand>) -> Nature {
    match command {
        None => Nature::asks::<verify::Verification>("verify"),
        Some(VerifyCommand::Acked(_)) => Nature::asks::<load::AckedReport>("verify acked"),
        Some(VerifyCommand::Canary(_)) => Nature::changes::<trace::Trace>("verify canary"),
        Some(VerifyCommand::Consumption(_)) => Nature::asks::<verify::Consumption>("verify consumption"),
        Some(VerifyCommand::Replay(_)) => Nature::asks::<verify::AnswersVerified>("verify replay"),
        Some(VerifyCommand::Topic(_)) => Nature::asks::<verify::TopicsVerified>("verify topic"),
    }
}

#[cfg(test)]
#[path = "natures_tests.rs"]
mod tests;
