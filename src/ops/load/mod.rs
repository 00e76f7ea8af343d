//! Load that proves what it did: requests at their times, a journal of what was acknowledged, and its comparison with the books.

mod error;
mod mix;
mod schedule;

mod endpoint;
mod request;
mod subject;

mod connection;
mod judge;
mod line;
mod pool;

mod spread;

mod history;
mod journal;
mod work;

mod acked_report;
mod conserved;
mod drain;
mod facts;
mod pages;
mod proof;

mod verdict;

mod plan;
mod report;
mod run;

#[cfg(test)]
mod tests;

pub use acked_report::{AckedReport, Class, Finding};
pub use conserved::Conserved;
pub use drain::Drain;
pub use error::LoadError;
pub use mix::{InvalidMix, Mix, Op};
pub use plan::Plan;
pub use proof::acked;
pub use report::LoadReport;
pub use run::{Signals, run};
pub use schedule::{InvalidRate, Pace, Rate, Schedule};
pub use verdict::{ErrorLimit, InvalidErrorLimit, Thresholds};
