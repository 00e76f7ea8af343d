//! What services say to each other: the topic catalogue, the event types, the envelope, the payloads and their codec.

mod codec;
mod envelope;
mod kind;
mod partition;
mod payload;
mod plain;
mod record;
mod topics;

#[cfg(test)]
pub(crate) mod tests;

pub use codec::{Decoded, UndecodableRecord, decode, decode_value};
pub use envelope::{ENVELOPE_VERSION, Envelope, Event, Metadata};
pub use kind::{AggregateType, EventKind};
pub use partition::partition_of;
pub use payload::{
    AccountingExtra, AccountingPayload, AnalyticsPayload, AuditPayload, BankAccount, EntryType, Extra, LedgerEntry, MerchantPayload,
    NotificationPayload, OrderPayload, Payload, PaymentPayload, PayoutPayload, RefundPayload, SagaCompensatingPayload, SagaStartedPayload,
    SettlementCycle, SettlementPayload, WithdrawalPayload, WithdrawalType,
};
pub use plain::{Plain, is_plain_text, is_unescaped};
pub use record::{
    Cause, EncodeError, Encoded, EncodedEvent, MAX_EVENT_BYTES, NewEvent, Record, RecordHeaders, encode, order_aggregate_id, sha256_hex,
};
pub use topics::{Topic, TopicPartition};
