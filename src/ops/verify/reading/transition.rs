use crate::domain::{OrderStatus, Step};
use crate::event::EventKind;

/// Whether an event may follow another of its aggregate, or be its first: what I5 has a list of, here by the state machines
/// themselves.
pub(super) fn follows(before: Option<EventKind>, kind: EventKind) -> bool {
    use EventKind::{
        DisputeReinstated, DisputeWithdrawn, OrderCreated, PaymentCreated, RefundCreated, RefundFailed, RefundProcessing, RefundReversed,
        RefundSuccess,
    };
    let Some(before) = before else { return matches!(kind, PaymentCreated | RefundCreated | DisputeWithdrawn | OrderCreated) };
    if let (Some(from), Some(to)) = (before.payment_status(), kind.payment_status()) {
        return from.step(to) == Step::Apply;
    }
    if let (Some(from), Some(to)) = (order_status(before), order_status(kind)) {
        return from.step(to) == Step::Apply || is_partial_refund(from, to);
    }
    matches!(
        (before, kind),
        (RefundCreated, RefundProcessing | RefundSuccess | RefundFailed)
            | (RefundProcessing, RefundSuccess | RefundFailed)
            | (RefundSuccess, RefundReversed)
            | (DisputeWithdrawn, DisputeReinstated)
    )
}

/// A refund of a part leaves the order where it is: it is shipped and completed after it, and refunded again.
const fn is_partial_refund(from: OrderStatus, to: OrderStatus) -> bool {
    use OrderStatus::{Completed, Refunded, Shipped};
    matches!((from, to), (Refunded, Shipped | Completed | Refunded))
}

/// The status that an event gives an order.
pub(super) fn order_status(kind: EventKind) -> Option<OrderStatus> {
    match kind.as_str().strip_prefix("order.")? {
        "created" => Some(OrderStatus::Pending),
        status => OrderStatus::parse(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::AggregateType;

    #[test]
    fn what_may_follow_is_what_the_list_of_the_check_says() {
        let sql = include_str!("../invariants/I05.sql");
        let listed = |before: &str, kind: EventKind| sql.contains(&format!("('{before}', '{kind}')"));
        let with_states =
            |kind: &&EventKind| matches!(kind.aggregate_type(), AggregateType::Payment | AggregateType::Refund | AggregateType::Order);
        for kind in EventKind::ALL.iter().filter(with_states).copied() {
            assert_eq!(follows(None, kind), listed("-", kind), "{kind}");
            for before in EventKind::ALL.iter().filter(with_states).copied() {
                assert_eq!(follows(Some(before), kind), listed(before.as_str(), kind), "{before} {kind}");
            }
        }
    }
}
