use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::domain::Email;
use crate::event::{Extra, Payload};

/// Free fields that are ours and tell nothing about a person.
const PLAIN_EXTRA: &[&str] = &["late", "risk", "dispute_fee", "attempt"];

/// What an event says, for programs: addresses masked, free fields reduced to those that are known to be harmless.
#[derive(Debug, Clone)]
pub struct Masked(Kept);

/// Most events keep every field, and are written without a detour; a million of them may be.
#[derive(Debug, Clone)]
enum Kept {
    Whole(Payload),
    Fields(Json),
}

impl Masked {
    pub(in crate::ops) fn of(mut payload: Payload) -> Self {
        match &mut payload {
            Payload::Payment(payment) => {
                mask(&mut payment.customer_email);
                plain(&mut payment.extra);
            }
            Payload::Order(order) => {
                mask(&mut order.customer_email);
                plain(&mut order.extra);
            }
            Payload::Settlement(settlement) => plain(&mut settlement.extra),
            Payload::Merchant(merchant) => mask(&mut merchant.email),
            Payload::Accounting(_) | Payload::Analytics(_) | Payload::Payout(_) | Payload::SagaStarted(_) => {}
            Payload::Refund(refund) => {
                plain(&mut refund.extra);
                return Self::without(&payload, &["reason"]);
            }
            Payload::Withdrawal(withdrawal) => {
                plain(&mut withdrawal.extra);
                return Self::without(&payload, &["reason"]);
            }
            Payload::Notification(notification) => {
                mask(&mut notification.recipient);
                return Self::without(&payload, &["variables"]);
            }
            Payload::SagaCompensating(_) => return Self::without(&payload, &["reason"]),
            Payload::Audit(_) => return Self::without(&payload, &["before", "after", "reason"]),
        }
        Self(Kept::Whole(payload))
    }

    /// Its fields by name.
    pub(in crate::ops) fn fields(&self) -> serde_json::Map<String, Json> {
        match serde_json::to_value(self) {
            Ok(Json::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        }
    }

    fn without(payload: &Payload, names: &[&str]) -> Self {
        let mut fields = payload.serialize(serde_json::value::Serializer).unwrap_or_default();
        if let Json::Object(fields) = &mut fields {
            fields.retain(|name, _| !names.contains(&name.as_str()));
        }
        Self(Kept::Fields(fields))
    }
}

fn mask(address: &mut Email) {
    *address = Email::stored(address.masked());
}

fn plain(extra: &mut Extra) {
    extra.retain(|name, _| PLAIN_EXTRA.contains(&name.as_str()));
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Kept::Whole(payload) => payload.serialize(serializer),
            Kept::Fields(fields) => fields.serialize(serializer),
        }
    }
}
