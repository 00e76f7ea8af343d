use bytes::Bytes;
use serde_json::json;

use crate::config::Secret;
use crate::domain::{Currency, MerchantId, Money, Timestamp, to_stripe};
use crate::ops::NewPayment;
use crate::services::channel::sign;

use super::request::Request;

/// What is paid in, so that the sums of several currencies are compared.
const CURRENCIES: [&str; 4] = ["USD", "EUR", "JPY", "KWD"];
/// Whole tens, because the channel takes no finer amounts of currencies with three decimal places.
const AMOUNT_STEP: u64 = 10;
const AMOUNT_STEPS: u64 = 10_000;
const PAYERS: u64 = 1000;
/// What each question is drawn from its own stream of randomness.
const OP: u64 = 1;
const AMOUNT: u64 = 2;
const CURRENCY: u64 = 3;
const TARGET: u64 = 4;
const REPEAT: u64 = 5;

/// Who pays what to whom in a run: all of it follows from the seed and the request's number, so that a repetition is the
/// same to the byte.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Sets this run's orders and keys apart from those of any other.
    pub(super) run: String,
    pub(super) seed: u64,
    pub(super) merchant_id: MerchantId,
    pub(super) api_key: Secret,
    pub(super) webhook_secret: Secret,
    pub(super) started_at: Timestamp,
}

/// A payment that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) payment_no: String,
    pub(super) amount: i64,
    pub(super) currency: Currency,
}

/// What a create asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) order_no: String,
    pub(super) amount: i64,
    pub(super) currency: Currency,
}

impl Subject {
    pub(super) fn op_draw(&self, number: u64) -> u64 {
        self.draw(number, OP)
    }

    pub(super) fn target_draw(&self, number: u64) -> u64 {
        self.draw(number, TARGET)
    }

    /// Whether request `number` is among the `percent` that repeat an earlier one.
    pub(super) fn repeats(&self, number: u64, percent: u8) -> bool {
        self.draw(number, REPEAT) % 100 < u64::from(percent)
    }

    /// What the orders of this run start with.
    pub(super) fn order_prefix(&self) -> String {
        order_prefix(&self.run)
    }

    pub(super) fn wish(&self, number: u64) -> Wish {
        let steps = 1 + self.draw(number, AMOUNT) % AMOUNT_STEPS;
        let index = usize::try_from(self.draw(number, CURRENCY) % 4).unwrap_or_default();
        let currency = CURRENCIES.get(index).and_then(|code| code.parse().ok()).unwrap_or(Currency::USD);
        let amount = i64::try_from(steps * AMOUNT_STEP).unwrap_or(i64::MAX);
        Wish { order_no: format!("{}{number}", self.order_prefix()), amount, currency }
    }

    pub(super) fn create(&self, number: u64) -> (Wish, Request) {
        let wish = self.wish(number);
        let body = NewPayment {
            merchant_id: self.merchant_id.to_string(),
            amount: wish.amount,
            currency: wish.currency.to_string(),
            channel: "stripe".to_owned(),
            customer_email: format!("load-{}@example.com", number % PAYERS),
            order_no: Some(wish.order_no.clone()),
            description: None,
            expire_minutes: None,
        };
        // A struct of texts and numbers has a JSON form.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let request = self.post("/api/v1/payments".to_owned(), Bytes::from(body)).with("idempotency-key", wish.order_no.clone());
        (wish, request)
    }

    pub(super) fn query(&self, target: &Target) -> Request {
        Request::get(format!("/api/v1/payments/{}", target.payment_no)).with("x-api-key", self.api_key.expose().to_owned())
    }

    pub(super) fn cancel(&self, target: &Target) -> Request {
        self.post(format!("/api/v1/payments/{}/cancel", target.payment_no), Bytes::new())
    }

    /// The channel's word that the payment succeeded, as request `number` first gave it; signed at `now`.
    pub(super) fn pay(&self, number: u64, target: &Target, now: Timestamp) -> Request {
        let amount = to_stripe(Money::new(target.amount, target.currency)).unwrap_or(target.amount);
        let intent = json!({
            "id": format!("pi_{}", target.payment_no), "object": "payment_intent", "amount": amount, "amount_received": amount,
            "currency": target.currency.as_str().to_ascii_lowercase(), "livemode": false, "status": "succeeded",
            "metadata": {"payment_no": target.payment_no},
        });
        let event = json!({
            "id": format!("evt_load_{}_{number}", self.run), "object": "event", "type": "payment_intent.succeeded",
            "created": self.started_at.timestamp(), "livemode": false, "data": {"object": intent},
        });
        let body = event.to_string();
        let signature = sign(&self.webhook_secret, now, &body);
        Request::post("/webhooks/stripe".to_owned(), Bytes::from(body)).with("stripe-signature", signature)
    }

    fn post(&self, path: String, body: Bytes) -> Request {
        Request::post(path, body).with("x-api-key", self.api_key.expose().to_owned())
    }

    fn draw(&self, number: u64, stream: u64) -> u64 {
        mixed(self.seed ^ mixed(number.wrapping_mul(8).wrapping_add(stream)))
    }
}

/// What the orders of a run start with.
pub(super) fn order_prefix(run: &str) -> String {
    format!("LOAD-{run}-")
}

/// The finalizer of splitmix64: numbers that follow each other become unrelated.
const fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
pub(super) fn sample() -> Subject {
    Subject {
        run: "0123456789ab".to_owned(),
        seed: 42,
        merchant_id: MerchantId(uuid::Uuid::from_u128(7)),
        api_key: Secret::new("key"),
        webhook_secret: Secret::new("whsec"),
        started_at: Timestamp::UNIX_EPOCH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_request_repeated_is_the_same_to_the_byte_and_another_is_not() {
        let subject = sample();
        assert_eq!(subject.create(5).1, subject.create(5).1);
        assert_ne!(subject.create(5).1, subject.create(6).1);
        let target = Target { payment_no: "PY1".to_owned(), amount: 500, currency: Currency::USD };
        let pay = |number, seconds| subject.pay(number, &target, Timestamp::from_timestamp(seconds, 0).unwrap());
        assert_eq!(pay(1, 5).body, pay(1, 6).body, "signed again, but the same event");
        assert_ne!(pay(1, 5).body, pay(2, 5).body);
    }

    #[test]
    fn every_wish_is_one_that_the_channel_can_charge() {
        let subject = sample();
        let wishes: Vec<Wish> = (0..2000).map(|number| subject.wish(number)).collect();
        assert!(wishes.iter().all(|wish| wish.amount > 0 && to_stripe(Money::new(wish.amount, wish.currency)).is_ok()));
        assert_eq!(wishes.iter().map(|wish| wish.currency).collect::<HashSet<_>>().len(), CURRENCIES.len());
    }

    #[test]
    fn a_share_of_requests_repeats_earlier_ones() {
        let subject = sample();
        let share = |percent| (0..10_000).filter(|number| subject.repeats(*number, percent)).count();
        assert_eq!((share(0), share(100)), (0, 10_000));
        assert!((400..600).contains(&share(5)), "{}", share(5));
    }
}
