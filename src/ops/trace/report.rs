use serde::Serialize;

use crate::domain::{Currency, MerchantId, Money, Timestamp};
use crate::ops::span::{clock, short_span};
use crate::ops::{Report, Table};
use crate::services::gateway::query::PaymentView;

use super::judge::Verdict;
use super::source::Source;
use super::step::{Step, StepState};

/// The payment that a trace is about.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are the payment's own")]
pub struct Traced {
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub amount: i64,
    pub currency: Currency,
    pub status: String,
    pub trace_id: String,
}

impl Traced {
    pub(super) fn of(payment: &PaymentView) -> Self {
        Self {
            payment_no: payment.payment_no.clone(),
            merchant_id: payment.merchant_id,
            order_no: payment.order_no.clone(),
            amount: payment.amount,
            currency: payment.currency,
            status: payment.status.to_string(),
            trace_id: payment.trace_id.clone(),
        }
    }
}

/// One timeline of a payment, with a verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    /// What it is about.
    pub payment: Traced,
    /// Oldest first.
    pub steps: Vec<Step>,
    /// What it comes to.
    pub verdict: Verdict,
    /// What was asked, and what answered.
    pub sources: Vec<Source>,
    /// When it was asked.
    pub at: Timestamp,
}

impl Report for Trace {
    const LISTS: &'static [&'static str] = &["steps"];
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        vec![self.timeline(|_| true), self.judged()]
    }

    fn names(&self) -> Vec<String> {
        vec![self.payment.payment_no.clone()]
    }
}

impl Trace {
    /// Whether a source did not answer, or not in full.
    pub fn is_partial(&self) -> bool {
        self.sources.iter().any(|source| !source.is_complete)
    }

    /// The steps that are wanted, oldest first.
    pub fn timeline(&self, wanted: impl Fn(&Step) -> bool) -> Table {
        let payment = &self.payment;
        let money = Money::new(payment.amount, payment.currency);
        let mut table = Table::new(&["TIME", "FROM", "SERVICE", "STEP", "DETAIL"]);
        table.title = format!("{}  {money}  {}  order {}", payment.payment_no, payment.status, payment.order_no);
        for step in self.steps.iter().filter(|step| wanted(step)) {
            table.push([clock(step.at, self.at), step.from.short().to_owned(), step.service.clone(), step.word(), step.detail(self.at)]);
        }
        table
    }

    /// The verdict alone.
    pub fn judged(&self) -> Table {
        let mut table = Table::new(&["VERDICT", "REASON"]);
        let word = match &self.verdict.at {
            Some(at) => format!("{} at {at}", self.verdict.state.as_str()),
            None => self.verdict.state.as_str().to_owned(),
        };
        table.push([word, self.verdict.reason.clone()]);
        for source in &self.sources {
            let word = if source.is_complete { "used" } else { "PARTIAL" };
            table.notes.push(format!("-- {} {word}: {}", source.name, source.detail));
        }
        table.notes.push(format!("-- asked at {} · trace id {}", self.at.format("%H:%M:%SZ"), self.payment.trace_id));
        table
    }
}

impl Step {
    /// The step with its state in words, where it is not done.
    fn word(&self) -> String {
        let state = match self.state {
            StepState::Done => return self.what.clone(),
            StepState::Waiting => "WAITING",
            StepState::Missing => "MISSING",
            StepState::Parked => "PARKED",
            StepState::Held => "HELD",
            StepState::Failed => "FAILED",
        };
        format!("{state} {}", self.what)
    }

    fn detail(&self, now: Timestamp) -> String {
        let due = self.due_ms.map(|due| match self.state {
            StepState::Waiting => format!("for {}", short_span(due)),
            _ => format!("due since {}, for {}", clock(self.at, now), short_span(due)),
        });
        let outbox = self.outbox_since.map(|since| format!("in outbox since {}", since.format("%H:%M:%S%.3f")));
        let letter = self.letter.as_ref().filter(|_| !self.is_done()).map(|letter| format!("payctl dlq show {letter}"));
        let place = self.place.clone().filter(|_| letter.is_none());
        let parts = [place, outbox, Some(self.detail.clone()).filter(|text| !text.is_empty()), due, letter];
        parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
    }
}
