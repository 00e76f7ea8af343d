use serde::Serialize;

use crate::domain::{NumberKind, Timestamp};
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, Report, Table, short_span};

use super::{LeftOut, TopicVerified};

/// The sources of a check.
pub(super) const DATABASE: &str = "database";
pub(super) const TOPICS: &str = "topics";

/// How many parked events are shown to people; programs get every one.
const PARKED_SHOWN: usize = 20;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No violation.
    Holds,
    /// At least one violation.
    Broken,
    /// It could not be checked.
    Unknown,
    /// It says nothing about a moment that is past.
    Inapplicable,
}

/// Every check that was asked for, on one snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The moment of the snapshot.
    pub at: Timestamp,
    /// The past moment that was asked about.
    pub as_of: Option<Timestamp>,
    /// How long all of it took, in milliseconds.
    pub elapsed_ms: i64,
    /// By number; those on the topics come last.
    pub checks: Vec<Checked>,
    /// Counts of the topics, where those were read.
    pub topics: Vec<TopicVerified>,
    /// The invariants that were not asked, where all were meant.
    pub left_out: Vec<LeftOut>,
    /// What is parked, held or being replayed, with its money: no violation, but nobody should forget it.
    pub parked: Vec<DeadLetter>,
}

/// One invariant, checked.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// `I7`
    pub id: &'static str,
    /// What should hold.
    pub invariant: &'static str,
    /// What it was read from: `database` or `topics`.
    pub source: &'static str,
    /// Whether it does.
    pub verdict: Verdict,
    /// How many of `subjects` were looked at.
    pub checked: Option<i64>,
    /// What was looked at.
    pub subjects: &'static str,
    /// How many violations there are.
    pub violations: Option<i64>,
    /// The first of them.
    pub examples: Vec<Violation>,
    /// Why it could not be checked.
    pub reason: Option<String>,
    /// How long it took.
    pub elapsed_ms: i64,
}

/// One thing that should not be.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// A payment, an event, an account: whatever it is about.
    pub subject: String,
    /// What is wrong with it.
    pub detail: String,
    /// The next command to try.
    pub next: Option<String>,
}

impl Violation {
    pub(super) fn new(subject: String, detail: String) -> Self {
        let traceable = NumberKind::Payment.matches(&subject)
            || NumberKind::Transaction.matches(&subject)
            || uuid::Uuid::parse_str(&subject).is_ok()
            || subject.starts_with("evt_");
        Self { next: traceable.then(|| format!("payctl trace {subject}")), subject, detail }
    }
}

impl Verification {
    /// Whether any invariant is broken.
    pub fn is_broken(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Broken)
    }

    /// Whether any invariant could not be checked.
    pub fn is_partial(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Unknown)
    }

    fn verdicts(&self) -> Table {
        let mut table = Table::new(&["ID", "INVARIANT", "?SOURCE", "VERDICT", ">CHECKED", "??>MS"]);
        for check in &self.checks {
            let verdict = match check.verdict {
                Verdict::Holds => "holds".to_owned(),
                Verdict::Broken => format!("BROKEN {}", check.violations.unwrap_or_default()),
                Verdict::Unknown => "unknown".to_owned(),
                Verdict::Inapplicable => "n/a".to_owned(),
            };
            let checked = check.checked.map_or_else(|| "-".to_owned(), |count| format!("{count} {}", check.subjects));
            let elapsed = check.elapsed_ms.to_string();
            table.push([check.id.to_owned(), check.invariant.to_owned(), check.source.to_owned(), verdict, checked, elapsed]);
            let reason = check.reason.iter().filter(|_| check.verdict == Verdict::Unknown);
            table.notes.extend(reason.map(|reason| format!("! {} could not be checked: {reason}", check.id)));
        }
        table.notes.extend(self.past());
        let count = |verdict| self.checks.iter().filter(|check| check.verdict == verdict).count();
        let asked = self.checks.len() - count(Verdict::Inapplicable);
        let snapshot =
            if self.topics.is_empty() { "one snapshot" } else { "one snapshot of the database, and the topics as they were read" };
        table.notes.push(format!("{}/{asked} hold, {snapshot}, {}", count(Verdict::Holds), short_span(self.elapsed_ms)));
        table
    }

    /// What a question about the past leaves out.
    fn past(&self) -> Option<String> {
        let as_of = self.as_of?;
        let left_out = self.checks.iter().filter(|check| check.verdict == Verdict::Inapplicable).map(|check| check.id);
        let left_out = left_out.collect::<Vec<_>>().join(", ");
        Some(format!("as of {}: {left_out} go by rows as they are now and are left out", as_of.format("%Y-%m-%d %H:%M:%SZ")))
    }

    fn examples(&self) -> Option<Table> {
        let mut table = Table::new(&["ID", "SUBJECT", "DETAIL", "TRY"]);
        "violations".clone_into(&mut table.title);
        for check in &self.checks {
            for example in &check.examples {
                let next = example.next.clone().unwrap_or_else(|| "-".to_owned());
                table.push([check.id.to_owned(), example.subject.clone(), example.detail.clone(), next]);
            }
            let more = check.violations.unwrap_or_default() - i64::try_from(check.examples.len()).unwrap_or_default();
            if more > 0 {
                table.notes.push(format!("{}: {more} more", check.id));
            }
        }
        (!table.rows.is_empty()).then_some(table)
    }

    fn left_out(&self) -> Option<Table> {
        let mut table = Table::new(&["ID", "WHY"]);
        "not asked here".clone_into(&mut table.title);
        for left in &self.left_out {
            table.push([left.id.to_owned(), left.why.to_owned()]);
        }
        (!table.rows.is_empty()).then_some(table)
    }

    fn parked(&self) -> Option<Table> {
        let mut table = Table::new(&["GROUP", "?STATE", "??EVENT", "??AT", ">MONEY", ">SINCE", "ERROR", "TRY"]);
        "parked and held (no violation)".clone_into(&mut table.title);
        for letter in self.parked.iter().take(PARKED_SHOWN) {
            table.push([
                letter.group.clone(),
                letter.state.clone(),
                letter.event_type.clone().unwrap_or_else(|| "-".to_owned()),
                letter.place(),
                letter.money.map_or_else(|| "-".to_owned(), |money| money.to_string()),
                short_span(millis_between(letter.first_failed_at, self.at)),
                letter.error_code.clone(),
                letter.trace_id().map_or_else(|| "-".to_owned(), |id| format!("payctl trace {id}")),
            ]);
        }
        if self.parked.len() > PARKED_SHOWN {
            table.notes.push(format!("{} more are parked or held", self.parked.len() - PARKED_SHOWN));
        }
        (!table.rows.is_empty()).then_some(table)
    }
}

impl Report for Verification {
    const LISTS: &'static [&'static str] = &["checks"];

    fn tables(&self) -> Vec<Table> {
        [Some(self.verdicts()), self.examples(), self.parked(), self.left_out()].into_iter().flatten().collect()
    }
}
