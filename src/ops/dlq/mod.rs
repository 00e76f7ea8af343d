//! Dead letters for the operator: what is parked and why, what a replay would do, and replaying until the effect is there.
//!
//! Questions are read from the database, whether services run or not. Changes are rows as well ([`Desk`]); the group's own
//! process takes a replay from there, so that it reaches the failing group and no other.

mod cause;
mod desk;
mod dispose;
mod entry;
mod execute;
mod family;
mod foreign;
mod judge;
mod letter_id;
mod plan;
mod preflight;
mod query;
mod replay_report;
mod show;
mod show_report;
#[cfg(test)]
mod tests;
mod transfer;

pub use cause::{Cause, CauseList, causes};
pub use desk::Desk;
pub use dispose::{Disposal, Disposed, Refused, disposable, dispose};
pub use entry::{Entry, EntryList, entries};
pub use execute::{Signals, execute};
pub use family::{Told, told};
pub use foreign::{ForeignLetter, ForeignList, foreign};
pub use letter_id::{LetterId, Selector};
pub use plan::{PlanOptions, load, plan};
pub use query::{LetterQuery, LetterState};
pub use replay_report::{Ended, EntryOutcome, ReplayReport, Tally};
pub use show::{Deed, Preflight, Shown, show};
pub use transfer::{RefusedLine, Transfer, export, import};
