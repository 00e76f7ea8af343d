use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])+ $name:ident { $($(#[$about:meta])+ $variant:ident $word:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$about])+ #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// As it is stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one of this name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What a plan found about a dead letter, by today's code.
    Verdict {
        /// It can be tried.
        Ready "ready",
        /// Its effect is there already: trying it changes nothing and closes it.
        Applied "applied",
        /// Later versions took effect without it: trying it changes nothing and closes it.
        Superseded "superseded",
        /// Today's code cannot read it: it is not tried.
        Undecodable "undecodable",
        /// It waits for an earlier one, which frees it: it is not tried by itself.
        Held "held",
        /// It was replayed too often: it is not tried unless it is named by its id.
        Capped "capped",
    }
}

words! {
    /// What became of a dead letter that was sent.
    Outcome {
        /// The group is past it, and its effect is there.
        Verified "VERIFIED",
        /// Its effect had been there before.
        AlreadyApplied "ALREADY-APPLIED",
        /// Later versions had taken its place.
        Superseded "SUPERSEDED",
        /// It came back.
        FailedAgain "FAILED-AGAIN",
        /// Nobody knows yet.
        Unconfirmed "UNCONFIRMED",
        /// Somebody else had closed it before.
        NotSent "NOT-SENT",
    }
}

words! {
    /// How far a plan has come.
    PlanState {
        /// Nothing was sent.
        Planned "planned",
        /// It is being executed, or whoever executed it is gone.
        Running "running",
        /// It ended before everything was sent.
        Stopped "stopped",
        /// Everything was sent.
        Done "done",
    }
}

/// What an operator wants done; each is one transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum DeskOrder {
    /// Keeps a plan; nothing is sent.
    Plan(NewPlan),
    /// Says in the audit trail that a plan is executed from now on.
    Begin {
        /// Which.
        plan_id: String,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Has the group try these entries of a plan.
    Send {
        /// Which plan.
        plan_id: String,
        /// Which of its entries.
        positions: Vec<i64>,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Notes what became of entries, and of the plan.
    Note {
        /// Which plan.
        plan_id: String,
        /// Its entries.
        outcomes: Vec<Noted>,
        /// How far the plan has come.
        state: PlanState,
        /// Why it stopped.
        note: Option<String>,
    },
    /// Gives dead letters up.
    Discard {
        /// Numbers in the table.
        ids: Vec<i64>,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Takes a discard back.
    Restore {
        /// Numbers in the table.
        ids: Vec<i64>,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Only says in the audit trail what is about to be done elsewhere.
    Record {
        /// As a dotted verb: `topics.produce`.
        action: String,
        /// To what.
        target: String,
        /// What of it is worth keeping.
        after: serde_json::Value,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Takes dead letters in from elsewhere.
    Import {
        /// What they are.
        letters: Vec<Imported>,
        /// Who does it.
        actor: String,
        /// Why.
        reason: String,
    },
}

impl DeskOrder {
    /// Whether it changes what consumers conclude.
    pub(super) const fn moves_letters(&self) -> bool {
        match self {
            Self::Send { .. } | Self::Discard { .. } | Self::Restore { .. } | Self::Import { .. } => true,
            Self::Plan(_) | Self::Begin { .. } | Self::Note { .. } | Self::Record { .. } => false,
        }
    }
}

/// A plan that has just been made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewPlan {
    /// `rp-…`
    pub plan_id: String,
    /// What was asked for, in words.
    pub selector: String,
    /// The group's full name: a plan sends to no other.
    pub group: String,
    /// How many are sent first.
    pub canary: i64,
    /// How many are sent a second at most.
    pub rate: i64,
    /// Failures among those sent, in percent, from which on nothing more is sent.
    pub stop_on_fail: i64,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// In the order in which they are sent.
    pub entries: Vec<PlannedEntry>,
}

/// One dead letter of a plan.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PlannedEntry {
    /// Its number in the table of dead letters.
    pub id: i64,
    /// What the plan found.
    pub verdict: Verdict,
}

/// What became of one entry of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Noted {
    /// Which entry.
    pub position: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// By what that is known.
    pub detail: String,
}

/// A dead letter from elsewhere: of another platform, a file, or a topic that another tool writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The group's full name.
    pub group: String,
    /// Where it was read.
    pub topic: String,
    /// Where it was read.
    pub partition: u16,
    /// Where it was read.
    pub offset: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// A stable name.
    pub error_code: String,
    /// What is wrong.
    pub error_message: String,
    /// The record's key.
    pub key: String,
    /// The record's headers, a JSON object of texts.
    pub headers: String,
    /// The record's value, in hex.
    pub value_hex: String,
}

/// What became of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAnswer {
    /// Numbers of the rows that were changed.
    pub changed: Vec<i64>,
    /// Those that were left alone, and why.
    pub refused: Vec<LeftAlone>,
}

/// A row that was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftAlone {
    /// Its number.
    pub id: i64,
    /// Why.
    pub reason: String,
}
