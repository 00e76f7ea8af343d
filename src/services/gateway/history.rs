//! A payment as its own events tell it: pure, so that `--as-of`, `--history`, a trace and a rebuilt projection agree.

use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, PaymentStatus, Step, Timestamp};
use crate::event::{Event, EventKind, Payload, PaymentPayload};

/// A payment as far as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct PaymentState {
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub status: PaymentStatus,
    pub amount: i64,
    pub currency: Currency,
    pub channel: String,
    pub fee_bps: i64,
    pub fee_amount: i64,
    pub captured: i64,
    #[serde(skip)]
    pub customer_email: Email,
    pub version: i64,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}

/// What one event did to its payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentStep {
    /// When it happened.
    pub at: Timestamp,
    /// The event.
    pub event_id: Uuid,
    /// Its type.
    pub event_type: &'static str,
    /// The payment's version with it.
    pub version: i64,
    /// Where the payment stood before; `None` before the first event.
    pub from: Option<PaymentStatus>,
    /// Where it stood then.
    pub to: PaymentStatus,
}

/// Why events add up to no payment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfoldable {
    /// The event is not one of a payment's own.
    #[error("{kind} is no event of a payment")]
    Foreign {
        /// Its type.
        kind: EventKind,
    },
    /// An event is missing, or comes twice.
    #[error("{kind} has version {found} where {expected} is expected")]
    Version {
        /// Its type.
        kind: EventKind,
        /// The version that comes next.
        expected: i64,
        /// The version that it has.
        found: i64,
    },
    /// The payload says another status than the type does.
    #[error("{kind} (version {version}) says that it is {said}")]
    Status {
        /// Its type.
        kind: EventKind,
        /// Its version.
        version: i64,
        /// The payload's status.
        said: PaymentStatus,
    },
    /// The state machine has no such edge.
    #[error("{kind} (version {version}) leads from {from} to {to}, which no payment takes")]
    Edge {
        /// Its type.
        kind: EventKind,
        /// Its version.
        version: i64,
        /// Where the payment stood.
        from: PaymentStatus,
        /// Where the event says that it went.
        to: PaymentStatus,
    },
    /// What never changes in the life of a payment has changed.
    #[error("{kind} (version {version}) changes {field}")]
    Constant {
        /// Its type.
        kind: EventKind,
        /// Its version.
        version: i64,
        /// Which field.
        field: &'static str,
    },
}

impl PaymentState {
    /// The payment after `event`, where `before` is what it was; `None` before its first.
    pub fn after(before: Option<&Self>, event: &Event) -> Result<(Self, PaymentStep), Unfoldable> {
        let kind = event.kind;
        let version = event.metadata.aggregate_version;
        let (Payload::Payment(said), Some(to)) = (&event.payload, kind.payment_status()) else { return Err(Unfoldable::Foreign { kind }) };
        let expected = before.map_or(1, |before| before.version.saturating_add(1));
        if version != expected {
            return Err(Unfoldable::Version { kind, expected, found: version });
        }
        if said.status != to {
            return Err(Unfoldable::Status { kind, version, said: said.status });
        }
        let from = before.map(|before| before.status);
        if let Some(from) = from.filter(|from| from.step(to) != Step::Apply) {
            return Err(Unfoldable::Edge { kind, version, from, to });
        }
        if let Some(field) = before.and_then(|before| before.changed_by(said)) {
            return Err(Unfoldable::Constant { kind, version, field });
        }
        let state = Self::of(said, version);
        Ok((state, PaymentStep { at: event.timestamp, event_id: event.event_id, event_type: kind.as_str(), version, from, to }))
    }

    /// What events in the order of their versions add up to, with each step; `None` where there are none.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Option<(Self, Vec<PaymentStep>)>, Unfoldable> {
        let (mut state, mut steps) = (None::<Self>, Vec::new());
        for event in events {
            let (next, step) = Self::after(state.as_ref(), event)?;
            state = Some(next);
            steps.push(step);
        }
        Ok(state.map(|state| (state, steps)))
    }

    /// The first field that must never change and is not as `said`.
    fn changed_by(&self, said: &PaymentPayload) -> Option<&'static str> {
        let same = [
            ("merchant_id", self.merchant_id == said.merchant_id),
            ("order_no", self.order_no == said.order_no),
            ("amount", self.amount == said.amount),
            ("currency", self.currency == said.currency),
            ("channel", self.channel == said.channel),
            ("fee_bps", self.fee_bps == said.fee_bps),
            ("fee_amount", self.fee_amount == said.fee_amount),
            ("created_at", self.created_at == said.created_at),
        ];
        same.iter().find(|(_, same)| !same).map(|(field, _)| *field)
    }

    fn of(said: &PaymentPayload, version: i64) -> Self {
        Self {
            payment_no: said.payment_no.clone(),
            merchant_id: said.merchant_id,
            order_no: said.order_no.clone(),
            status: said.status,
            amount: said.amount,
            currency: said.currency,
            channel: said.channel.clone(),
            fee_bps: said.fee_bps,
            fee_amount: said.fee_amount,
            captured: if said.status == PaymentStatus::Success { said.amount } else { 0 },
            customer_email: said.customer_email.clone(),
            version,
            created_at: said.created_at,
            paid_at: said.paid_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Ambient;
    use crate::domain::parse_timestamp;
    use crate::event::{Decoded, Extra, Record, decode, encode};
    use crate::services::gateway::change::Change;
    use crate::services::gateway::payment::Payment;

    fn payment(ambient: &Ambient) -> Payment {
        let now = ambient.now();
        Payment {
            payment_no: ambient.number(crate::domain::NumberKind::Payment),
            merchant_id: MerchantId(ambient.uuid()),
            order_no: "ORD-1".to_owned(),
            amount: 10_000,
            currency: Currency::USD,
            channel: "stripe".to_owned(),
            status: PaymentStatus::Pending,
            version: 1,
            occupies_order: true,
            customer_email: Email::stored("test@example.com"),
            customer_ip: None,
            description: None,
            return_url: None,
            notify_url: None,
            extra: Extra::new(),
            fee_bps: 200,
            fee_amount: 200,
            captured: 0,
            refunded: 0,
            intent_id: None,
            idempotency_key: None,
            trace_id: String::new(),
            expires_at: now,
            created_at: now,
            updated_at: now,
            paid_at: None,
        }
    }

    /// The payment as the gateway leaves it after trying these steps, and its events as the log has them.
    fn lived(tries: &[usize]) -> (Payment, Vec<Event>) {
        let ambient = Ambient::fixed(parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap());
        let first = payment(&ambient);
        let mut events = vec![first.event(ambient.uuid(), ambient.now(), "request")];
        let mut change = Change::of(first);
        for to in tries {
            ambient.advance(std::time::Duration::from_secs(1));
            change.step(PaymentStatus::ALL[*to], ambient.now(), &ambient, "notice");
        }
        events.extend(change.events().iter().cloned());
        let read = events.iter().map(|event| {
            let encoded = encode(event).unwrap();
            let record = Record {
                at: encoded.at,
                offset: 0,
                key: event.key.clone(),
                is_tombstone: false,
                headers: encoded.headers,
                value: encoded.value,
                created_at: String::new(),
            };
            let Ok(Decoded::Event(event)) = decode(&record) else { panic!("an event that cannot be read") };
            *event
        });
        let read = read.collect();
        (change.payment, read)
    }

    proptest! {
        #[test]
        fn a_payment_is_what_its_events_add_up_to(tries in proptest::collection::vec(0usize..6, 0..8)) {
            let (row, events) = lived(&tries);
            let (state, steps) = PaymentState::fold(&events).unwrap().unwrap();
            prop_assert_eq!(
                (state.status, state.version, state.captured, state.paid_at, state.amount, &state.order_no),
                (row.status, row.version, row.captured, row.paid_at, row.amount, &row.order_no)
            );
            prop_assert_eq!(steps.len(), events.len());
            prop_assert!(steps.windows(2).all(|pair| pair[1].from == Some(pair[0].to)));
        }

        #[test]
        fn a_part_of_the_events_is_the_payment_at_that_time(tries in proptest::collection::vec(0usize..6, 0..8), cut in 0usize..9) {
            let (_, events) = lived(&tries);
            let part = &events[..cut.min(events.len())];
            let folded = PaymentState::fold(part).unwrap();
            prop_assert_eq!(folded.map(|(state, _)| state.version), part.last().map(|event| event.metadata.aggregate_version));
        }

        #[test]
        fn a_gap_a_copy_or_another_order_is_never_passed_over(tries in proptest::collection::vec(1usize..3, 2..5), at in 0usize..3) {
            let (_, events) = lived(&tries);
            prop_assume!(at + 1 < events.len());
            let mut gap = events.clone();
            gap.remove(at);
            let mut copy = events.clone();
            copy.insert(at, events[at].clone());
            let mut swapped = events;
            swapped.swap(at, at + 1);
            for wrong in [gap, copy, swapped] {
                let refused = matches!(PaymentState::fold(&wrong), Err(Unfoldable::Version { .. }));
                prop_assert!(refused);
            }
        }
    }

    #[test]
    fn an_amount_that_changes_on_the_way_and_an_edge_that_does_not_exist_are_named() {
        let (_, events) = lived(&[1, 2]);
        let mut dearer = events.clone();
        if let Payload::Payment(said) = &mut dearer[1].payload {
            said.amount += 1;
        }
        let error = PaymentState::fold(&dearer).unwrap_err();
        assert_eq!(error.to_string(), "payment.processing (version 2) changes amount");
        let mut back = events;
        back[2].kind = EventKind::PaymentExpired;
        if let Payload::Payment(said) = &mut back[2].payload {
            said.status = PaymentStatus::Expired;
        }
        assert!(matches!(PaymentState::fold(&back), Err(Unfoldable::Edge { from: PaymentStatus::Processing, .. })));
    }
}
