use serde::Serialize;

/// How a group, or one of its partitions, is doing; from best to worst.
///
/// What is known to be bad is worse than what is not known: a group whose brokers are away is still STOPPED where it has no
/// member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Status {
    /// Nothing to do, or keeping up.
    #[serde(rename = "OK")]
    Ok,
    /// Whoever could tell does not answer.
    #[serde(rename = "UNKNOWN")]
    Unknown,
    /// Moving, and more comes than it takes.
    #[serde(rename = "SLOW")]
    Slow,
    /// Records wait for the group to give the partition to a member.
    #[serde(rename = "REBALANCING")]
    Rebalancing,
    /// The offset went back, and what lies between is read again.
    #[serde(rename = "REWOUND")]
    Rewound,
    /// Records lie there and the group has never committed an offset: how far it is behind is unknown.
    #[serde(rename = "NO-COMMIT")]
    NoCommit,
    /// Events that it has to process have waited in the outbox for longer than they should: no log has them yet.
    #[serde(rename = "UNPUBLISHED")]
    Unpublished,
    /// A member is alive, records wait, and the offset does not move.
    #[serde(rename = "STALLED")]
    Stalled,
    /// Records wait and no member is alive.
    #[serde(rename = "STOPPED")]
    Stopped,
    /// The log begins behind the committed offset: records were deleted unread.
    #[serde(rename = "LOST")]
    Lost,
}

impl Status {
    /// From best to worst.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Unknown,
        Self::Slow,
        Self::Rebalancing,
        Self::Rewound,
        Self::NoCommit,
        Self::Unpublished,
        Self::Stalled,
        Self::Stopped,
        Self::Lost,
    ];

    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Slow => "SLOW",
            Self::Rebalancing => "REBALANCING",
            Self::Rewound => "REWOUND",
            Self::NoCommit => "NO-COMMIT",
            Self::Unpublished => "UNPUBLISHED",
            Self::Stalled => "STALLED",
            Self::Stopped => "STOPPED",
            Self::Lost => "LOST",
        }
    }

    /// The status of this name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(name))
    }
}

/// The status as people read it, with how much is lost.
pub(super) fn status_text(status: Status, lost: i64) -> String {
    if status == Status::Lost && lost > 0 { format!("LOST {lost}") } else { status.as_str().to_owned() }
}
