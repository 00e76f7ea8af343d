use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use serde::Deserialize;

use crate::domain::{MerchantId, PaymentStatus, Timestamp};

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    payload: Said<'a>,
}

/// The part of a payment event's payload that the payment's row repeats.
#[derive(Deserialize)]
pub(super) struct Said<'a> {
    pub(super) merchant_id: MerchantId,
    #[serde(borrow)]
    pub(super) order_no: Cow<'a, str>,
    pub(super) amount: i64,
    #[serde(borrow)]
    pub(super) currency: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) channel: Cow<'a, str>,
    pub(super) status: PaymentStatus,
    pub(super) fee_bps: i64,
    pub(super) fee_amount: i64,
    pub(super) created_at: Timestamp,
    pub(super) paid_at: Option<Timestamp>,
}

/// What never changes in the life of a payment, where it lies.
#[derive(Hash)]
pub(super) struct Unchanging<'a> {
    pub(super) merchant_id: MerchantId,
    pub(super) order_no: &'a str,
    pub(super) amount: i64,
    pub(super) currency: &'a str,
    pub(super) channel: &'a str,
    pub(super) fee_bps: i64,
    pub(super) fee_amount: i64,
    pub(super) created_at: Timestamp,
}

impl<'a> Said<'a> {
    /// What an event's bytes say, if they are those of a payment's event.
    pub(super) fn read(value: &'a [u8]) -> Option<Self> {
        serde_json::from_slice::<Envelope<'a>>(value).ok().map(|envelope| envelope.payload)
    }

    pub(super) fn unchanging(&self) -> Unchanging<'_> {
        Unchanging {
            merchant_id: self.merchant_id,
            order_no: &self.order_no,
            amount: self.amount,
            currency: &self.currency,
            channel: &self.channel,
            fee_bps: self.fee_bps,
            fee_amount: self.fee_amount,
            created_at: self.created_at,
        }
    }
}

impl Unchanging<'_> {
    /// All of it in one number.
    pub(super) fn hashed(&self, seed: i64) -> u64 {
        keyed_hash(seed, self)
    }
}

/// A hash that nobody can foresee who does not know the seed.
pub(super) fn keyed_hash<T: Hash + ?Sized>(seed: i64, value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    value.hash(&mut hasher);
    hasher.finish()
}
