use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::short_span;

use super::step::{Step, StepState};

/// What a trace comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictState {
    /// Everything that should have happened has.
    Settled,
    /// Something is on its way, and nothing is late.
    InProgress,
    /// Something is late, parked or failed.
    Stuck,
    /// Two facts contradict each other.
    Inconsistent,
}

impl VerdictState {
    /// Whether somebody should look at it.
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::Stuck | Self::Inconsistent)
    }

    /// The word that ends a trace.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::InProgress => "in-progress",
            Self::Stuck => "stuck",
            Self::Inconsistent => "inconsistent",
        }
    }
}

/// The word, where it applies, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The word.
    pub state: VerdictState,
    /// The service that it is stuck at, or waits for.
    pub at: Option<String>,
    /// One sentence.
    pub reason: String,
}

/// Judges by the worst step; of several alike the oldest, since the later ones usually follow from it.
pub(super) fn verdict(steps: &[Step], contradictions: &[String], now: Timestamp) -> Verdict {
    if let Some(first) = contradictions.first() {
        return Verdict { state: VerdictState::Inconsistent, at: None, reason: first.clone() };
    }
    let first = |wanted: &[StepState]| steps.iter().find(|step| wanted.contains(&step.state));
    let stuck = first(&[StepState::Parked, StepState::Failed]).or_else(|| first(&[StepState::Missing, StepState::Held]));
    if let Some(step) = stuck {
        return at(step, VerdictState::Stuck, now);
    }
    match first(&[StepState::Waiting]) {
        Some(step) => at(step, VerdictState::InProgress, now),
        None => Verdict { state: VerdictState::Settled, at: None, reason: "everything that should have happened has".to_owned() },
    }
}

fn at(step: &Step, state: VerdictState, now: Timestamp) -> Verdict {
    let mut reason = format!("{}: {}", step.service, step.what);
    if let Some(letter) = &step.letter {
        reason = format!("{reason} as {letter} ({}); look: payctl dlq show {letter}", step.detail);
    } else if matches!(step.state, StepState::Missing | StepState::Failed) {
        let why = if step.detail.is_empty() { String::new() } else { format!(", {}", step.detail) };
        let late = step.due_ms.map(|due| format!(", due since {} ({})", clock(step.at, now), short_span(due)));
        reason = format!("{reason}{why}{}", late.unwrap_or_default());
    }
    Verdict { state, at: Some(step.service.clone()), reason }
}

fn clock(time: Timestamp, now: Timestamp) -> String {
    crate::ops::span::clock(time, now)
}
