use clap::ValueEnum as _;
use payctl::ops::{
    Report, bundle, dlq as letters, events, groups, lag, ledger, load, metrics, orders, payment_history, payments, replay, republish,
    selftest, status, topics, trace, verify,
};

use crate::cli::Command;
use crate::commands::config::{self, ConfigCommand};
use crate::commands::dlq::DlqCommand;
use crate::commands::events::EventsCommand;
use crate::commands::groups::GroupsCommand;
use crate::commands::ledger::LedgerCommand;
use crate::commands::load::LoadCommand;
use crate::commands::orders::{Moved, OrdersCommand};
use crate::commands::payments::PaymentsCommand;
use crate::commands::payments::view::PaymentView;
use crate::commands::selftest::SelftestCommand;
use crate::commands::topics::TopicsCommand;
use crate::commands::verify::VerifyCommand;
use crate::error::Failure;
use crate::format::Format;
use crate::output::Output;

/// What a command is, before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nature {
    /// Its words.
    pub(crate) name: &'static str,
    /// Whether it may change anything of a platform, its topics and its audit trail included.
    pub(crate) changes: bool,
    answer: Answer,
}

/// What it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// One report, whole.
    Report(Shape),
    /// Rows of a report that others follow.
    Stream(Shape),
    /// The same to programs; to a person blocks of text.
    Blocks(Shape),
    /// Text of a form of its own.
    Text,
    /// Lines of JSON, whatever is asked for.
    Lines,
}

/// What of a report there is to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    is_list: bool,
    has_names: bool,
}

impl Shape {
    /// What `R` has.
    pub(crate) const fn of<R: Report>() -> Self {
        Self { is_list: !R::LISTS.is_empty(), has_names: R::NAMES.is_some() }
    }
}

impl Nature {
    const fn asks<R: Report>(name: &'static str) -> Self {
        Self { name, changes: false, answer: Answer::Report(Shape::of::<R>()) }
    }

    const fn changes<R: Report>(name: &'static str) -> Self {
        Self::asks::<R>(name).changing(true)
    }

    const fn text(name: &'static str) -> Self {
        Self { name, changes: false, answer: Answer::Text }
    }

    const fn changing(self, changes: bool) -> Self {
        Self { changes, ..self }
    }

    const fn can_print(self, format: Format) -> bool {
        match (self.answer, format) {
            (Answer::Report(shape) | Answer::Stream(shape), Format::Csv) => shape.is_list,
            (Answer::Report(shape) | Answer::Stream(shape) | Answer::Blocks(shape), Format::Name) => shape.has_names,
            (Answer::Report(_) | Answer::Stream(_), _) => true,
            (Answer::Blocks(_), _) => !format.has_columns() || matches!(format, Format::Table),
            (Answer::Lines, _) => matches!(format, Format::Table | Format::Json | Format::Jsonl),
            (Answer::Text, _) => matches!(format, Format::Table),
        }
    }

    /// Why the answer cannot be printed as `out` is told to, found before anything is asked or done.
    pub(crate) fn unprintable(self, out: &Output) -> Option<Failure> {
        let help = || format!("payctl {} --help", self.name);
        let is_tabular = matches!(self.answer, Answer::Report(_) | Answer::Stream(_));
        if !self.can_print(out.format) {
            let works = Format::value_variants().iter().copied().filter(|format| self.can_print(*format));
            let works = works.map(Format::word).collect::<Vec<_>>().join(", ");
            let known = if is_tabular { works } else { format!("{works}: it has a form of its own") };
            return Some(Failure::usage(format!("{} cannot be printed as {}, but as {known}", self.name, out.format.word()), help()));
        }
        let flag = out.layout.asks_by().or_else(|| out.layout.no_headers.then_some("--no-headers"))?;
        if !is_tabular || !out.format.has_columns() {
            return Some(Failure::usage(format!("{flag} is for tables and csv, and this is {}", self.form(out.format)), help()));
        }
        if self.changes && out.layout.asks_by().is_some() {
            // A misspelt column would only be found when it is done.
            return Some(Failure::usage(format!("{flag} is for questions: {} shows all of what it has done", self.name), help()));
        }
        let is_sorted_stream = out.layout.sort.is_some() && matches!(self.answer, Answer::Stream(_));
        is_sorted_stream
            .then(|| Failure::usage(format!("--sort needs all rows at once, and {} prints them as they come", self.name), help()))
    }

    /// Why it is not done where nothing may be changed.
    pub(crate) fn refused_read_only(self, next: String) -> Option<Failure> {
        self.changes.then(|| Failure::usage(format!("{} changes something, and this is read-only: nothing was done", self.name), next))
    }

    const fn form(self, format: Format) -> &'static str {
        match self.answer {
            Answer::Text | Answer::Blocks(_) => "text of a form of its own",
            Answer::Lines => "jsonl",
            Answer::Report(_) | Answer::Stream(_) => format.word(),
        }
    }
}

impl Command {
    /// THE place that says what each command is; one that is not named here does not compile.
    pub(crate) const fn nature(&self) -> Nature {
        match self {
            Self::Up(_) => Nature::changes::<status::StatusReport>("up"),
            Self::Serve(_) => Nature::text("serve").changing(true),
            Self::Payments(command) => payments_nature(command),
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
        PaymentsCommand::Get(args) if args.is_folded() => Nature::asks::<payment_history::PaymentHistory>("payments get"),
        PaymentsCommand::Get(_) => Nature::asks::<payments::PaymentDetail>("payments get"),
        PaymentsCommand::List(_) => Nature::asks::<payments::PaymentList>("payments list"),
        PaymentsCommand::Cancel(_) => Nature::changes::<PaymentView>("payments cancel"),
        PaymentsCommand::Pay(_) => Nature::changes::<PaymentView>("payments pay"),
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
            let shape = Shape::of::<topics::TailPage>();
            let answer = if args.is_in_blocks() { Answer::Blocks(shape) } else { Answer::Stream(shape) };
            Nature { name: "topics tail", changes: args.changes(), answer }
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
        DlqCommand::List(args) => Nature { name: "dlq list", changes: false, answer: Answer::Report(args.shape()) },
        DlqCommand::Show(_) => Nature::asks::<letters::Shown>("dlq show"),
        DlqCommand::Replay(args) => Nature::asks::<letters::ReplayReport>("dlq replay").changing(args.changes()),
        DlqCommand::Status(_) => Nature::asks::<letters::ReplayReport>("dlq status"),
        DlqCommand::Discard(args) => Nature::asks::<letters::Disposed>("dlq discard").changing(args.changes()),
        DlqCommand::Restore(args) => Nature::asks::<letters::Disposed>("dlq restore").changing(args.changes()),
        DlqCommand::Export(_) => Nature { name: "dlq export", changes: false, answer: Answer::Lines },
        DlqCommand::Import(args) => Nature::asks::<letters::Transfer>("dlq import").changing(args.changes()),
    }
}

const fn verify_nature(command: Option<&VerifyCommand>) -> Nature {
    match command {
        None => Nature::asks::<verify::Verification>("verify"),
        Some(VerifyCommand::Acked(_)) => Nature::asks::<load::AckedReport>("verify acked"),
        Some(VerifyCommand::Canary(_)) => Nature::changes::<trace::Trace>("verify canary"),
        Some(VerifyCommand::Consumption(_)) => Nature::asks::<verify::Consumption>("verify consumption"),
        Some(VerifyCommand::Topic(_)) => Nature::asks::<verify::TopicsVerified>("verify topic"),
    }
}

#[cfg(test)]
#[path = "nature_tests.rs"]
mod tests;
