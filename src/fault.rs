//! Named places where a development build can be made to die, to stop, or to do a known wrong.
//!
//! Tests prove with them that no moment of a crash breaks an invariant, and that the checkers see what they are there to see.
//! A release build holds none of it: there [`reach`] and [`is_due`] are constants.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A place in the code; a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The gateway's transaction has claimed its keys and written nothing else.
    IngestBegun,
    /// The gateway's transaction has written everything and is not committed.
    IngestWritten,
    /// The gateway's transaction is committed and nobody has been told.
    IngestCommitted,
    /// The broker has acknowledged records that are still in the outbox.
    RelayAcknowledged,
    /// A group has a batch in its hands and no transaction yet.
    ConsumerTaken,
    /// A group's transaction has moved the offset and has no effect yet.
    ConsumerBegun,
    /// A group's transaction has offset, effects and marks, and is not committed.
    ConsumerWritten,
    /// A group's transaction is committed and Kafka has not been told.
    ConsumerCommitted,
    /// A wrong: requests are answered before their transaction, which then never comes.
    AnswersBeforeCommit,
    /// A wrong: the offset commits alone, and the process dies before the effects.
    OffsetBeforeEffects,
    /// A wrong: rows leave the outbox before they are published, and the process dies in between.
    SettlesBeforePublishing,
    /// A wrong: the books refuse every payment whose amount is a multiple of the number it is armed with, for as long as the
    /// process lives.
    RefusesAmounts,
}

impl Point {
    /// Every place.
    pub const ALL: [Self; 12] = [
        Self::IngestBegun,
        Self::IngestWritten,
        Self::IngestCommitted,
        Self::RelayAcknowledged,
        Self::ConsumerTaken,
        Self::ConsumerBegun,
        Self::ConsumerWritten,
        Self::ConsumerCommitted,
        Self::AnswersBeforeCommit,
        Self::OffsetBeforeEffects,
        Self::SettlesBeforePublishing,
        Self::RefusesAmounts,
    ];

    /// As it is armed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IngestBegun => "ingest.begun",
            Self::IngestWritten => "ingest.written",
            Self::IngestCommitted => "ingest.committed",
            Self::RelayAcknowledged => "relay.acknowledged",
            Self::ConsumerTaken => "consumer.taken",
            Self::ConsumerBegun => "consumer.begun",
            Self::ConsumerWritten => "consumer.written",
            Self::ConsumerCommitted => "consumer.committed",
            Self::AnswersBeforeCommit => "wrong.answers_before_commit",
            Self::OffsetBeforeEffects => "wrong.offset_before_effects",
            Self::SettlesBeforePublishing => "wrong.settles_before_publishing",
            Self::RefusesAmounts => "wrong.refuses_amounts",
        }
    }
}

/// The one point of this process at which something happens, once.
#[derive(Debug)]
struct Armed {
    point: Point,
    /// How often it is still passed before that.
    left: AtomicU64,
    stops: bool,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms this process by `point`, `point:N` (the N-th time it is reached) or `point:N:stop` (SIGSTOP instead of death).
///
/// # Errors
///
/// Says in words why the text arms nothing.
pub fn arm(text: &str) -> Result<(), String> {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    let point = Point::ALL.into_iter().find(|point| point.name() == name).ok_or_else(|| format!("{name} is no fail point"))?;
    let times = parts.next().map_or(Ok(1), str::parse::<u64>).map_err(|_| format!("{text} does not say how often in digits"))?;
    let stops = match parts.next() {
        None => false,
        Some("stop") => true,
        Some(other) => return Err(format!("a fail point can stop, not {other}")),
    };
    let armed = Armed { point, left: AtomicU64::new(times.max(1)), stops };
    ARMED.set(armed).map_err(|_| "this process is armed already".to_owned())
}

/// Dies or stops here, where this is the armed point and its time has come.
#[inline]
pub fn reach(point: Point) {
    if is_due(point) {
        happen(point);
    }
}

/// Whether this is the armed point and its time has come; it comes once.
#[inline]
pub fn is_due(point: Point) -> bool {
    cfg!(debug_assertions) && ARMED.get().is_some_and(|armed| armed.point == point && armed.left.fetch_sub(1, Ordering::Relaxed) == 1)
}

/// Whether this is the armed point and `number` a multiple of what it is armed with; it stays so.
#[inline]
pub fn is_multiple(point: Point, number: i64) -> bool {
    let divides = |armed: &Armed| i64::try_from(armed.left.load(Ordering::Relaxed)).is_ok_and(|of| number % of == 0);
    cfg!(debug_assertions) && ARMED.get().is_some_and(|armed| armed.point == point && divides(armed))
}

/// Ends or stops the process as nothing that runs in it could foresee: no destructor, no flush, no farewell.
pub fn happen(point: Point) {
    tracing::error!(point = point.name(), "a fail point has been reached");
    if ARMED.get().is_some_and(|armed| armed.stops) {
        let told = std::process::Command::new("kill").args(["-STOP", &std::process::id().to_string()]).status();
        if told.is_ok_and(|status| status.success()) {
            return;
        }
    }
    std::process::abort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_point_is_refused_and_an_armed_point_is_due_once() {
        assert!(arm("ingest.begin").unwrap_err().contains("no fail point"));
        assert!(arm("ingest.begun:x").unwrap_err().contains("digits"));
        assert!(arm("ingest.begun:1:sleep").unwrap_err().contains("sleep"));
        assert!(!is_due(Point::AnswersBeforeCommit));
        arm("wrong.answers_before_commit:2").unwrap();
        let due: Vec<bool> = (0..4).map(|_| is_due(Point::AnswersBeforeCommit)).collect();
        assert_eq!(due, [false, cfg!(debug_assertions), false, false]);
        assert!(arm("ingest.begun").unwrap_err().contains("already"));
    }
}
