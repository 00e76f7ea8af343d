//! The rules of money and of the objects that carry it: pure, synchronous, without I/O, clock or randomness.

mod card_number;
mod currency;
mod fee;
mod id;
mod money;
mod order;
mod payment;
mod pii;
mod posting;
mod stripe_amount;
mod time;

pub use card_number::contains_card_number;
pub use currency::{Currency, UnknownCurrency};
pub use fee::{MAX_FEE_BPS, fee_amount};
pub use id::{InvalidId, MerchantId, NumberKind, OrderNo, number};
pub use money::{MAX_API_AMOUNT, Money, MoneyError, half_even_div};
pub use order::OrderStatus;
pub use payment::PaymentStatus;
pub use pii::{Email, InvalidEmail, masked_address};
pub use posting::{Account, AccountKind, Leg, NormalSide, TransferKind, UnknownAccount};
pub use stripe_amount::{StripeAmountError, from_stripe, to_stripe};
pub use time::{Timestamp, format_timestamp, parse_timestamp, plain_timestamp, utc_date, write_timestamp};

/// What a state machine says of a requested change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The edge exists: change the state.
    Apply,
    /// The object is already there, or further on: record and ignore.
    Ignore,
    /// The edge does not exist.
    Refuse,
}
