use serde::Serialize;

use crate::ops::group::GRACE_MS;
use crate::ops::short_span;

use super::Rate;

/// How long it takes until nothing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Drain {
    /// Nothing has waited for longer than a living group takes.
    Idle,
    /// What waits becomes less.
    Shrinks {
        /// At the present rates.
        ms: i64,
    },
    /// What waits does not become less.
    Never,
}

impl std::fmt::Display for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idle => f.write_str("-"),
            Self::Shrinks { ms } => f.write_str(&short_span(*ms)),
            Self::Never => f.write_str("never"),
        }
    }
}

/// How long it takes until nothing waits; what waits for a moment only is on its way.
pub(super) fn drain((lag, oldest_ms): (Option<i64>, Option<i64>), arrivals: Option<Rate>, out: Option<Rate>) -> Drain {
    let waits = oldest_ms.is_some_and(|oldest| oldest > GRACE_MS);
    let (Some(lag @ 1..), Some(arrivals), Some(out), true) = (lag, arrivals, out, waits) else { return Drain::Idle };
    out.drains(lag, arrivals).map_or(Drain::Never, |ms| Drain::Shrinks { ms })
}
