use clap::Args;
use payctl::domain::Timestamp;
use payctl::ops::dlq::{LetterQuery, LetterState, Selector};
use payctl::services::Service;

use crate::commands::value::{self, Moment};

/// Which dead letters.
#[derive(Debug, Args)]
pub(super) struct SelectArgs {
    /// Causes (c-…) and single dead letters (dlq:…), as `payctl dlq list` shows them
    #[arg(value_name = "SELECTOR", value_parser = selector)]
    selectors: Vec<Selector>,
    /// Only of this group
    #[arg(short, long, value_name = "GROUP", value_parser = value::group())]
    group: Option<Service>,
    /// Only of this payment
    #[arg(long, value_name = "PAYMENT", value_parser = value::payment_no)]
    payment: Option<String>,
    /// Only what failed last since then: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    since: Option<Moment>,
}

impl SelectArgs {
    pub(super) fn query(self, state: LetterState, now: Timestamp) -> LetterQuery {
        LetterQuery {
            selectors: self.selectors,
            group: self.group,
            state,
            payment: self.payment,
            since: self.since.map(|moment| moment.before(now)),
        }
    }

    pub(super) const fn group(&self) -> Option<Service> {
        self.group
    }
}

pub(super) fn selector(text: &str) -> Result<Selector, String> {
    text.parse()
}

/// A state by its name; clap lists and suggests the names.
pub(super) fn state() -> impl clap::builder::TypedValueParser<Value = LetterState> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(LetterState::ALL.map(LetterState::as_str));
    names.try_map(|name| LetterState::ALL.into_iter().find(|state| state.as_str() == name).ok_or("no such state"))
}

/// Who does it.
#[derive(Debug, Args)]
pub(super) struct ByArgs {
    /// Who does it; kept with what is done
    #[arg(long, value_name = "NAME", default_value = "console")]
    pub(super) by: String,
}

/// Why it is done, and who does it.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Why; kept with what is done
    #[arg(long, value_name = "TEXT", default_value = "no reason was given")]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) by: ByArgs,
}
