use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Currency, Timestamp};
use crate::ops::{Amount, Report, Table};

use super::LoadError;
use super::conserved::Conserved;
use super::spread::Spread;

/// How many findings are shown; all are counted.
const SHOWN: usize = 20;

/// What is wrong with something that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Acknowledged, and not there.
    Lost,
    /// There, and not what was acknowledged.
    Corrupt,
    /// There more than once.
    Duplicate,
    /// Half there: a payment without its event.
    Half,
    /// Paid, and not in the books though accounting has read everything.
    Unbooked,
    /// Paid, and parked on its way to the books.
    Parked,
    /// Paid, and still on its way to the books.
    Waiting,
}

impl Class {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Corrupt => "corrupt",
            Self::Duplicate => "duplicate",
            Self::Half => "half",
            Self::Unbooked => "unbooked",
            Self::Parked => "parked",
            Self::Waiting => "waiting",
        }
    }

    /// Whether a promise is broken; the rest is not kept yet.
    pub const fn is_broken(self) -> bool {
        !matches!(self, Self::Parked | Self::Waiting)
    }
}

/// One thing that should not be.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub class: Class,
    /// The payment, or the order where several payments have one.
    pub subject: String,
    /// What is wrong with it.
    pub detail: String,
    /// The next command to try.
    pub next: String,
}

/// What a journal's acknowledgements were compared with, and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct AckedReport {
    /// The file.
    pub journal: String,
    /// When it was compared.
    pub at: Timestamp,
    /// Payments that were acknowledged as created, as paid and as cancelled.
    pub created: u64,
    /// See `created`.
    pub paid: u64,
    /// See `created`.
    pub cancelled: u64,
    /// Repetitions that were answered; they promise nothing new.
    pub repeated: u64,
    /// Changes whose fate nobody knew, and those that were refused.
    pub unknown: u64,
    /// See `unknown`.
    pub refused: u64,
    /// Payments that are there without having been acknowledged, which is allowed.
    pub recovered: u64,
    /// Acknowledged payments that are as they were acknowledged.
    pub ok: u64,
    /// How many of each class.
    pub counts: BTreeMap<Class, u64>,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// The money, by currency and never across.
    pub money: Vec<Conserved>,
    /// Whether the journal breaks off in the middle of a line.
    pub torn: bool,
    /// From when a webhook was due to its booking.
    #[serde(skip)]
    pub(super) to_books: Spread,
}

impl AckedReport {
    pub(super) fn new(journal: String, at: Timestamp) -> Result<Self, LoadError> {
        Ok(Self {
            journal,
            at,
            created: 0,
            paid: 0,
            cancelled: 0,
            repeated: 0,
            unknown: 0,
            refused: 0,
            recovered: 0,
            ok: 0,
            counts: BTreeMap::new(),
            findings: Vec::new(),
            money: Vec::new(),
            torn: false,
            to_books: Spread::new()?,
        })
    }

    /// Whether something that was acknowledged does not hold.
    pub fn is_broken(&self) -> bool {
        self.counts.iter().any(|(class, count)| class.is_broken() && *count > 0)
    }

    /// Whether something that was acknowledged is still on its way.
    pub fn is_partial(&self) -> bool {
        self.counts.iter().any(|(class, count)| !class.is_broken() && *count > 0)
    }

    /// How many findings of this class.
    pub fn count(&self, class: Class) -> u64 {
        self.counts.get(&class).copied().unwrap_or_default()
    }

    pub(super) fn find(&mut self, class: Class, subject: &str, detail: String) {
        *self.counts.entry(class).or_default() += 1;
        let found = Finding { class, subject: subject.to_owned(), detail, next: format!("payctl trace {subject}") };
        // What is broken is shown before what is late.
        if self.findings.len() < SHOWN {
            self.findings.push(found);
        } else if class.is_broken()
            && let Some(late) = self.findings.iter_mut().find(|finding| !finding.class.is_broken())
        {
            *late = found;
        }
    }

    /// The sums of this currency.
    pub(super) fn money(&mut self, currency: Currency) -> Option<&mut Conserved> {
        if !self.money.iter().any(|sums| sums.currency == currency) {
            self.money.push(Conserved::new(currency));
            self.money.sort_by_key(|sums| sums.currency);
        }
        self.money.iter_mut().find(|sums| sums.currency == currency)
    }

    fn verdict(&self) -> &'static str {
        if self.is_broken() {
            "BROKEN"
        } else if self.is_partial() {
            "INCOMPLETE"
        } else {
            "HOLDS"
        }
    }

    fn summary(&self) -> Table {
        let mut table = Table::new(&["ACKNOWLEDGED", self.verdict()]);
        let all = [Class::Lost, Class::Corrupt, Class::Duplicate, Class::Half, Class::Unbooked, Class::Parked, Class::Waiting];
        let counted = all.map(|class| format!("{} {}", class.as_str(), self.count(class)));
        table.push(["payments".to_owned(), format!("{} created, {} paid, {} cancelled", self.created, self.paid, self.cancelled)]);
        table.push(["compared".to_owned(), format!("ok {}, {}", self.ok, counted.join(", "))]);
        let rest =
            format!("{} unknown, {} refused; {} payments are there that nobody acknowledged", self.unknown, self.refused, self.recovered);
        table.push(["not promised".to_owned(), rest]);
        if self.torn {
            table.notes.push("the journal breaks off in the middle of a line: its client was killed".to_owned());
        }
        if self.created + self.paid + self.cancelled == 0 {
            table.notes.push("the journal acknowledges nothing, so nothing is proven".to_owned());
        }
        table
    }

    fn sums(&self) -> Option<Table> {
        let mut table = Table::new(&["MONEY", ">ACCEPTED", ">EVENTS", ">PAID", ">LEDGER", ">DELTA"]);
        for sums in &self.money {
            let money = |minor| Amount { amount: minor, currency: sums.currency }.to_string();
            table.push([
                sums.currency.to_string(),
                money(sums.accepted),
                money(sums.events),
                money(sums.paid),
                money(sums.ledger),
                money(sums.delta()),
            ]);
        }
        (!table.rows.is_empty()).then_some(table)
    }

    fn examples(&self) -> Option<Table> {
        let mut table = Table::new(&["CLASS", "SUBJECT", "DETAIL", "TRY"]);
        "findings".clone_into(&mut table.title);
        for finding in &self.findings {
            table.push([finding.class.as_str().to_owned(), finding.subject.clone(), finding.detail.clone(), finding.next.clone()]);
        }
        let all: u64 = self.counts.values().sum();
        let more = all.saturating_sub(u64::try_from(self.findings.len()).unwrap_or_default());
        if more > 0 {
            table.notes.push(format!("{more} more"));
        }
        (!table.rows.is_empty()).then_some(table)
    }
}

impl Report for AckedReport {
    fn tables(&self) -> Vec<Table> {
        [Some(self.summary()), self.sums(), self.examples()].into_iter().flatten().collect()
    }
}
