use crate::domain::Timestamp;

use super::judge;
use super::report::{Trace, Traced};
use super::source::Source;
use super::step::{Step, StepState};

/// What was found of a payment, before it is judged.
pub(super) struct Story {
    pub(super) payment: Traced,
    pub(super) steps: Vec<Step>,
    /// Facts that cannot both be true.
    pub(super) contradictions: Vec<String>,
    pub(super) sources: Vec<Source>,
    pub(super) now: Timestamp,
}

impl Story {
    /// The timeline in its order, with its verdict.
    pub(super) fn judged(mut self) -> Trace {
        let contradiction = |said: &String| Step::plain(self.now, "books", "contradiction", said.clone(), StepState::Failed);
        self.steps.extend(self.contradictions.iter().map(contradiction));
        // Stable: what happened at the same moment stays in the order in which it was told.
        self.steps.sort_by_key(|step| step.at);
        let verdict = judge::verdict(&self.steps, &self.contradictions, self.now);
        Trace { payment: self.payment, verdict, steps: self.steps, sources: self.sources, at: self.now }
    }
}
