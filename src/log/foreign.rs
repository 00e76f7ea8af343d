use super::Bounds;

/// A record of a topic that need not be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRecord {
    /// Where it lies.
    pub partition: i32,
    /// Where it lies.
    pub offset: i64,
    /// Empty where it has none.
    pub key: Vec<u8>,
    /// In the order in which they were written; a name may come twice.
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None` for a tombstone.
    pub value: Option<Vec<u8>>,
}

/// Records of such a topic from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignPage {
    /// By partition each in its order.
    pub records: Vec<ForeignRecord>,
    /// Whether these are all that were there when it was asked.
    pub is_complete: bool,
}

/// A consumer group as the brokers know it, whoever it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerGroup {
    /// What it is called on the brokers.
    pub name: String,
    /// What the brokers say of its members; nothing where they do not tell clients of its kind.
    pub state: Option<GroupState>,
    /// Where it has committed anything; nothing where nobody has looked.
    pub commits: Option<Vec<BrokerCommit>>,
}

/// What the brokers say of a group's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    /// It has none.
    Empty,
    /// It gives partitions out to so many.
    Rebalancing(usize),
    /// So many have theirs.
    Stable(usize),
}

/// Where a group stands in a partition of any topic, by its commits on the brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerCommit {
    /// As the brokers call it.
    pub topic: String,
    /// By its number.
    pub partition: i32,
    /// The offset that it reads next.
    pub next_offset: i64,
    /// Where the log began and ended, asked for after the commit.
    pub bounds: Bounds,
    /// When the next record was written, in milliseconds since 1970; nothing where none waits or it did not come in time.
    pub next_at_ms: Option<i64>,
}
