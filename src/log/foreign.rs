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
