use serde::{Deserialize, Serialize};

use super::Step;

/// Where an order stands (contract section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Waiting for its payment.
    Pending,
    /// Paid in full.
    Paid,
    /// Sent to the customer.
    Shipped,
    /// Done.
    Completed,
    /// Cancelled before it was paid.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Paid back in full.
    Refunded,
}

impl OrderStatus {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 7] = [Self::Pending, Self::Paid, Self::Shipped, Self::Completed, Self::Cancelled, Self::Expired, Self::Refunded];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
        }
    }

    /// The status of this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The state machine: what to do when the order is asked to go from `self` to `to`.
    pub const fn step(self, to: Self) -> Step {
        use OrderStatus::{Cancelled, Completed, Expired, Paid, Pending, Refunded, Shipped};
        match (self, to) {
            (Pending, Paid | Cancelled | Expired) | (Paid, Shipped) | (Shipped, Completed) | (Paid | Shipped | Completed, Refunded) => {
                Step::Apply
            }
            (Pending, Pending)
            | (Paid, Paid)
            | (Shipped, Shipped)
            | (Completed, Completed)
            | (Cancelled, Cancelled)
            | (Expired, Expired)
            | (Refunded, Refunded) => Step::Ignore,
            _ => Step::Refuse,
        }
    }
}

impl std::fmt::Display for OrderStatus {
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
        let edges: Vec<String> = OrderStatus::ALL
            .into_iter()
            .flat_map(|from| OrderStatus::ALL.into_iter().map(move |to| (from, to)))
            .filter(|(from, to)| from.step(*to) == Step::Apply)
            .map(|(from, to)| format!("{from}>{to}"))
            .collect();
        assert_eq!(
            edges,
            [
                "pending>paid",
                "pending>cancelled",
                "pending>expired",
                "paid>shipped",
                "paid>refunded",
                "shipped>completed",
                "shipped>refunded",
                "completed>refunded"
            ]
        );
    }

    proptest! {
        #[test]
        fn an_order_that_is_over_stays_over(steps in proptest::collection::vec(0usize..7, 0..20)) {
            let mut status = OrderStatus::Pending;
            for to in steps.into_iter().map(|step| OrderStatus::ALL[step]) {
                let before = status;
                if status.step(to) == Step::Apply { status = to; }
                let over = matches!(before, OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Refunded);
                prop_assert!(!over || status == before);
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(OrderStatus::parse("PAID"), None);
    }
}
