use serde::{Deserialize, Serialize};

use super::Step;

/// Where a payment stands (contract section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// Created, no intent at the channel yet.
    Pending,
    /// The channel has an intent.
    Processing,
    /// The money moved.
    Success,
    /// The channel declined and closed the intent.
    Failed,
    /// Cancelled by merchant or payer, the intent closed.
    Cancelled,
    /// Nobody paid in time and no intent was ever made.
    Expired,
}

impl PaymentStatus {
    /// Every status, in the order of a payment's life.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Processing, Self::Success, Self::Failed, Self::Cancelled, Self::Expired];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The status of this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The state machine: what to do when the payment is asked to go from `self` to `to`.
    ///
    /// A success after failed, cancelled or expired is applied (late): money that moved is never ignored.
    pub const fn step(self, to: Self) -> Step {
        use PaymentStatus::{Cancelled, Expired, Failed, Pending, Processing, Success};
        match (self, to) {
            (Pending, Processing | Success | Failed | Cancelled | Expired)
            | (Processing, Success | Failed | Cancelled)
            | (Failed | Cancelled | Expired, Success) => Step::Apply,
            (Pending, Pending) | (Processing, Processing | Pending) | (Success | Failed | Cancelled | Expired, _) => Step::Ignore,
            (Processing, Expired) => Step::Refuse,
        }
    }

    /// Whether a second payment for the same order is refused while this one stands so.
    pub const fn occupies_order(self) -> bool {
        matches!(self, Self::Pending | Self::Processing | Self::Success)
    }
}

impl std::fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_edges_are_those_of_the_contract() {
        let edges: Vec<String> = PaymentStatus::ALL
            .into_iter()
            .flat_map(|from| PaymentStatus::ALL.into_iter().map(move |to| (from, to)))
            .filter(|(from, to)| from.step(*to) == Step::Apply)
            .map(|(from, to)| format!("{from}>{to}"))
            .collect();
        assert_eq!(
            edges,
            [
                "pending>processing",
                "pending>success",
                "pending>failed",
                "pending>cancelled",
                "pending>expired",
                "processing>success",
                "processing>failed",
                "processing>cancelled",
                "failed>success",
                "cancelled>success",
                "expired>success"
            ]
        );
    }

    #[test]
    fn processing_never_expires() {
        assert_eq!(PaymentStatus::Processing.step(PaymentStatus::Expired), Step::Refuse);
    }

    proptest! {
        #[test]
        fn success_is_never_left(steps in proptest::collection::vec(0usize..6, 0..20)) {
            let mut status = PaymentStatus::Pending;
            let mut succeeded = false;
            for step in steps {
                let to = PaymentStatus::ALL[step];
                if status.step(to) == Step::Apply { status = to; }
                succeeded |= status == PaymentStatus::Success;
                prop_assert!(!succeeded || status == PaymentStatus::Success);
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for status in PaymentStatus::ALL {
            assert_eq!(PaymentStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(PaymentStatus::parse("Success"), None);
    }

    #[test]
    fn what_is_over_follows_only_money() {
        for from in [PaymentStatus::Failed, PaymentStatus::Cancelled, PaymentStatus::Expired] {
            for to in PaymentStatus::ALL {
                assert_eq!(from.step(to) == Step::Apply, to == PaymentStatus::Success, "{from} > {to}");
            }
        }
    }
}
