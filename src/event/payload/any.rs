use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::Money;
use crate::event::{AggregateType as A, EventKind as K};

use super::{
    AccountingPayload, AnalyticsPayload, AuditPayload, MerchantPayload, NotificationPayload, OrderPayload, PaymentPayload, PayoutPayload,
    RefundPayload, SagaCompensatingPayload, SagaStartedPayload, SettlementPayload, WithdrawalPayload,
};

macro_rules! payloads {
    ($($aggregate:pat, $kind:pat => $variant:ident($payload:ident);)+) => {
        /// A decoded payload.
        #[derive(Debug, Clone)]
        #[expect(missing_docs, reason = "each variant holds the payload of its name")]
        pub enum Payload { $($variant(Box<$payload>),)+ }

        impl Payload {
            /// Reads the payload that an event of this type carries.
            pub(in crate::event) fn decode(kind: K, raw: &RawValue) -> Result<Self, serde_json::Error> {
                Ok(match (kind.aggregate_type(), kind) { $(($aggregate, $kind) => Self::$variant(serde_json::from_str(raw.get())?),)+ })
            }

            /// The payload as it goes into the envelope.
            pub(in crate::event) fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
                serde_json::value::to_raw_value(self)
            }
        }

        /// As in the envelope.
        impl Serialize for Payload {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(payload) => payload.serialize(serializer),)+ }
            }
        }
    };
}

payloads! {
    A::Payment, _ => Payment(PaymentPayload);
    A::Payout, _ => Payout(PayoutPayload);
    A::Refund, _ => Refund(RefundPayload);
    A::Order, _ => Order(OrderPayload);
    A::Transaction | A::Balance, _ => Accounting(AccountingPayload);
    A::Settlement, _ => Settlement(SettlementPayload);
    A::Withdrawal, _ => Withdrawal(WithdrawalPayload);
    A::Merchant, _ => Merchant(MerchantPayload);
    A::Notification, _ => Notification(NotificationPayload);
    A::Saga, K::SagaCompensating => SagaCompensating(SagaCompensatingPayload);
    A::Saga, _ => SagaStarted(SagaStartedPayload);
    A::Metrics, _ => Analytics(AnalyticsPayload);
    A::Audit, _ => Audit(AuditPayload);
}

impl Payload {
    /// The payment that this payload speaks of, where it names one.
    pub fn payment_no(&self) -> Option<&str> {
        match self {
            Self::Payment(payload) => Some(&payload.payment_no),
            Self::Refund(payload) => Some(&payload.payment_no),
            Self::Order(payload) => Some(&payload.payment_no),
            Self::Accounting(payload) => Some(&payload.related_id),
            Self::Notification(payload) => Some(&payload.payment_no),
            _ => None,
        }
        .filter(|text| !text.is_empty())
        .map(String::as_str)
    }

    /// The money that this payload speaks of.
    pub const fn money(&self) -> Option<Money> {
        Some(match self {
            Self::Payment(payload) => Money::new(payload.amount, payload.currency),
            Self::Refund(payload) => Money::new(payload.amount, payload.currency),
            Self::Order(payload) => Money::new(payload.total_amount, payload.currency),
            Self::Accounting(payload) => Money::new(payload.amount, payload.currency),
            Self::Payout(payload) => Money::new(payload.amount, payload.currency),
            Self::Settlement(payload) => Money::new(payload.settlement_amount, payload.currency),
            Self::Withdrawal(payload) => Money::new(payload.amount, payload.currency),
            Self::Merchant(_)
            | Self::SagaStarted(_)
            | Self::SagaCompensating(_)
            | Self::Analytics(_)
            | Self::Notification(_)
            | Self::Audit(_) => return None,
        })
    }
}
