use serde::Serialize;

/// Differences that are named; the rest is counted.
const NAMED: usize = 1000;

/// A table that events make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Projection {
    /// The gateway's payments.
    Payments,
    /// The merchants' orders.
    Orders,
    /// Transactions, transfers and balances.
    Ledger,
    /// Counters by day.
    Analytics,
}

impl Projection {
    /// In the order in which they are shown.
    pub(super) const ALL: [Self; 4] = [Self::Payments, Self::Orders, Self::Ledger, Self::Analytics];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Orders => "orders",
            Self::Ledger => "ledger",
            Self::Analytics => "analytics",
        }
    }
}

/// A field of a live table that is not what the events say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub projection: Projection,
    /// The payment, the order, the transaction's source event, the account or the row of counters.
    pub aggregate: String,
    /// The field; `row` where all of it is missing or too much.
    pub field: &'static str,
    /// What the events say; `None` where they know of nothing.
    pub expected: Option<String>,
    /// What the table has; `None` where it has nothing.
    pub found: Option<String>,
}

/// The differences of one projection so far.
#[derive(Debug)]
pub(super) struct Differences {
    pub(super) projection: Projection,
    pub(super) named: Vec<Difference>,
    pub(super) count: u64,
    /// Events that were folded.
    pub(super) events: u64,
    /// Rows that were rebuilt.
    pub(super) rows: u64,
}

impl Differences {
    pub(super) const fn new(projection: Projection) -> Self {
        Self { projection, named: Vec::new(), count: 0, events: 0, rows: 0 }
    }

    pub(super) fn push(&mut self, aggregate: &str, field: &'static str, expected: Option<String>, found: Option<String>) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(Difference { projection: self.projection, aggregate: aggregate.to_owned(), field, expected, found });
        }
    }

    /// Notes each of these fields whose two sides are not the same.
    pub(super) fn compare(&mut self, aggregate: &str, fields: impl IntoIterator<Item = (&'static str, String, String)>) {
        for (field, expected, found) in fields {
            if expected != found {
                self.push(aggregate, field, Some(expected), Some(found));
            }
        }
    }
}

/// A value as it is shown; a dash for none.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
