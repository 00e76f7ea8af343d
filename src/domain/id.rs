use std::fmt;
use std::str::FromStr;

use chrono::Datelike as _;
use chrono::Timelike as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

/// Crockford's base 32: sorts like the number, without the look-alikes I, L, O and U.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TAIL_CHARS: usize = 10;
const RANDOM_BITS: u32 = 30;
const MAX_ORDER_NO_CHARS: usize = 64;

/// The text is not an id of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(&'static str);

/// The merchant that an object belongs to. It always comes from a credential or from stored data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MerchantId(pub Uuid);

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for MerchantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 36 {
            return Err(InvalidId("a merchant id is a UUID with hyphens"));
        }
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId("a merchant id is a UUID with hyphens"))
    }
}

/// A merchant's own order number: 1 to 64 of `[A-Za-z0-9._-]`, unique only within its merchant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct OrderNo(String);

impl OrderNo {
    /// The text as the merchant sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNo {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if text.is_empty() || text.len() > MAX_ORDER_NO_CHARS || !text.bytes().all(allowed) {
            return Err(InvalidId("an order number is 1 to 64 characters of A-Z, a-z, 0-9, dot, underscore and hyphen"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a minted number names; the prefix tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// `PY…`
    Payment,
    /// `RF…`
    Refund,
    /// `OD…`
    Order,
    /// `TX…`
    Transaction,
    /// `ST…`
    Settlement,
    /// `WD…`
    Withdrawal,
}

impl NumberKind {
    /// The two letters that every number of this kind starts with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Payment => "PY",
            Self::Refund => "RF",
            Self::Order => "OD",
            Self::Transaction => "TX",
            Self::Settlement => "ST",
            Self::Withdrawal => "WD",
        }
    }

    /// Whether `text` has the form of a number of this kind.
    pub fn matches(self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix()) else { return false };
        let (time, random) = rest.as_bytes().split_at_checked(14).unwrap_or((&[], &[]));
        time.len() == 14 && time.iter().all(u8::is_ascii_digit) && random.len() == TAIL_CHARS && random.iter().all(|b| BASE32.contains(b))
    }
}

/// A number: prefix, UTC `yyyyMMddHHmmss`, and 10 base32 characters: the microsecond within the second, then 30 bits of
/// `random`. So numbers sort by the moment they were made, and an index over them grows at its end instead of everywhere.
pub fn number(kind: NumberKind, now: Timestamp, random: u64) -> String {
    let micros = u64::from(now.timestamp_subsec_micros().min(999_999));
    let tail = (micros << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1));
    let mut text = format!(
        "{}{:04}{:02}{:02}{:02}{:02}{:02}",
        kind.prefix(),
        now.year(),
        now.month(),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    );
    for place in (0..TAIL_CHARS).rev() {
        let index = usize::try_from((tail >> (place * 5)) & 31).unwrap_or(0);
        text.push(char::from(BASE32.get(index).copied().unwrap_or(b'0')));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_has_its_prefix_time_and_ten_characters() {
        let now = crate::domain::parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap();
        assert_eq!(number(NumberKind::Payment, now, 0), "PY20260102030405MPZN000000");
        assert_eq!(number(NumberKind::Transaction, now, u64::MAX), "TX20260102030405MPZNZZZZZZ");
    }

    #[test]
    fn numbers_of_the_same_second_sort_by_their_moment() {
        let early = crate::domain::parse_timestamp("2026-01-02T03:04:05.000001Z").unwrap();
        let late = crate::domain::parse_timestamp("2026-01-02T03:04:05.000002Z").unwrap();
        assert!(number(NumberKind::Payment, early, u64::MAX) < number(NumberKind::Payment, late, 0));
    }

    proptest! {
        #[test]
        fn minted_numbers_match_only_their_kind(random in any::<u64>(), seconds in 0i64..4_000_000_000) {
            let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
            let text = number(NumberKind::Payment, now, random);
            prop_assert!(NumberKind::Payment.matches(&text));
            prop_assert!(!NumberKind::Refund.matches(&text));
        }

        #[test]
        fn order_numbers_keep_what_was_sent(text in "[A-Za-z0-9._-]{1,64}") {
            let parsed: OrderNo = text.parse().unwrap();
            prop_assert_eq!(parsed.as_str(), text.as_str());
        }
    }

    #[test]
    fn bad_order_numbers_and_merchant_ids_are_refused() {
        for text in ["", "a b", "ä", "x/y", &"x".repeat(65), "nul\0"] {
            assert!(text.parse::<OrderNo>().is_err(), "{text:?}");
        }
        for text in ["", "2e42829eb6aa4e63964da45a49af106c", "{2e42829e-b6aa-4e63-964d-a45a49af106c}", "x"] {
            assert!(text.parse::<MerchantId>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_sort_like_their_times(one in 0i64..4_000_000_000, other in 0i64..4_000_000_000, random in any::<[u64; 2]>()) {
            let of = |seconds, random| number(NumberKind::Payment, chrono::DateTime::from_timestamp(seconds, 0).unwrap(), random);
            prop_assert!(one == other || (one < other) == (of(one, random[0]) < of(other, random[1])));
        }

        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,40}") {
            prop_assert_eq!(text.parse::<OrderNo>().is_ok_and(|order_no| order_no.as_str() != text), false);
            prop_assert_eq!(text.parse::<MerchantId>().is_ok_and(|id| !id.to_string().eq_ignore_ascii_case(&text)), false);
            prop_assert!(!NumberKind::Payment.matches(&text) || text.len() == 26);
        }
    }
}
