/// One metric of the platform.
#[derive(Debug)]
pub struct Metric {
    /// The name in Prometheus, with the unit and, for counters, `_total` at its end.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What its values count.
    pub unit: Unit,
    /// The names of its labels. Their values come from closed lists: never a merchant, a payment or a path as it was sent.
    pub labels: &'static [&'static str],
    /// What it says, in one line.
    pub help: &'static str,
}

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only rises, from 0 at every start of the process.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts values below these upper bounds.
    Histogram(&'static [f64]),
}

/// What the values of a metric count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things: requests, events, rows.
    Count,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Minor units of a currency.
    Minor,
    /// 0 or 1.
    Truth,
}
