use super::{Currency, MAX_API_AMOUNT, Money};

/// An amount that has no exact counterpart between ISO 4217 and Stripe's own currency table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StripeAmountError {
    /// The amount is finer than what can be expressed.
    #[error("an amount in {currency} has to be a multiple of {multiple}")]
    NotAMultiple {
        /// The currency.
        currency: Currency,
        /// What the amount has to be a multiple of.
        multiple: i64,
    },
    /// The converted amount does not fit.
    #[error("the amount is too large in {0}")]
    TooLarge(Currency),
}

/// How a currency's ISO minor unit relates to the unit that Stripe counts in.
enum Scale {
    /// The same unit.
    Same,
    /// The same unit, of which Stripe takes only every tenth step.
    SameInTens,
    /// Stripe counts hundredths of a unit that has none.
    Times100,
    /// Stripe counts whole units where ISO has hundredths.
    DividedBy100,
}

fn scale(currency: Currency) -> Scale {
    match currency.as_str() {
        "ISK" | "UGX" => Scale::Times100,
        "MGA" => Scale::DividedBy100,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => Scale::SameInTens,
        _ => Scale::Same,
    }
}

/// `money` as the integer that Stripe's API takes.
pub fn to_stripe(money: Money) -> Result<i64, StripeAmountError> {
    let Money { minor, currency } = money;
    match scale(currency) {
        Scale::Same => within_limit(Some(minor), currency),
        Scale::SameInTens => divided(minor, 10, currency).map(|_| minor).and_then(|minor| within_limit(Some(minor), currency)),
        Scale::Times100 => within_limit(minor.checked_mul(100), currency),
        Scale::DividedBy100 => divided(minor, 100, currency),
    }
}

/// What Stripe's API reported as `amount`, as money.
pub fn from_stripe(amount: i64, currency: Currency) -> Result<Money, StripeAmountError> {
    let minor = match scale(currency) {
        Scale::Same | Scale::SameInTens => amount,
        Scale::Times100 => divided(amount, 100, currency)?,
        Scale::DividedBy100 => within_limit(amount.checked_mul(100), currency)?,
    };
    Ok(Money::new(minor, currency))
}

fn divided(amount: i64, by: i64, currency: Currency) -> Result<i64, StripeAmountError> {
    if amount % by == 0 { Ok(amount / by) } else { Err(StripeAmountError::NotAMultiple { currency, multiple: by }) }
}

/// Stripe speaks JSON, so what leaves or arrives must be exact in any JSON reader.
fn within_limit(amount: Option<i64>, currency: Currency) -> Result<i64, StripeAmountError> {
    amount.filter(|amount| amount.unsigned_abs() <= MAX_API_AMOUNT.unsigned_abs()).ok_or(StripeAmountError::TooLarge(currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap())
    }

    #[test]
    fn amounts_convert_by_stripes_own_table() {
        for (minor, code, stripe) in [
            (10_000, "USD", 10_000),
            (700, "JPY", 700),
            (500, "ISK", 50_000),
            (3_700, "UGX", 370_000),
            (120_000, "MGA", 1_200),
            (1_230, "KWD", 1_230),
            (10, "TND", 10),
            (1_234, "IQD", 1_234),
        ] {
            assert_eq!(to_stripe(money(minor, code)), Ok(stripe), "{code}");
            assert_eq!(from_stripe(stripe, code.parse().unwrap()), Ok(money(minor, code)), "{code}");
        }
    }

    #[test]
    fn what_stripe_cannot_express_is_refused() {
        for (minor, code, multiple) in
            [(1_231, "BHD", 10), (1, "JOD", 10), (5, "KWD", 10), (99, "OMR", 10), (101, "TND", 10), (150, "MGA", 100)]
        {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(to_stripe(money(minor, code)), Err(StripeAmountError::NotAMultiple { currency, multiple }), "{code}");
        }
        for code in ["ISK", "UGX"] {
            assert_eq!(to_stripe(money(MAX_API_AMOUNT / 100 + 1, code)), Err(StripeAmountError::TooLarge(code.parse().unwrap())));
            assert!(to_stripe(money(MAX_API_AMOUNT / 100, code)).is_ok());
            assert!(from_stripe(150, code.parse().unwrap()).is_err());
        }
        assert!(to_stripe(money(MAX_API_AMOUNT + 1, "USD")).is_err());
        assert!(from_stripe(i64::MAX, "MGA".parse().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn what_can_be_expressed_comes_back_as_it_was(
            minor in 1..=MAX_API_AMOUNT,
            code in proptest::sample::select(vec!["USD", "JPY", "ISK", "UGX", "MGA", "KWD", "BHD", "JOD", "OMR", "TND", "EUR", "VND"]),
        ) {
            if let Ok(stripe) = to_stripe(money(minor, code)) {
                prop_assert!((1..=MAX_API_AMOUNT).contains(&stripe));
                prop_assert_eq!(from_stripe(stripe, code.parse().unwrap()), Ok(money(minor, code)));
            }
        }

        #[test]
        fn no_two_amounts_meet_at_stripe(a in 1..=MAX_API_AMOUNT, b in 1..=MAX_API_AMOUNT, code in proptest::sample::select(vec!["USD", "ISK", "MGA", "KWD"])) {
            if let (Ok(x), Ok(y)) = (to_stripe(money(a, code)), to_stripe(money(b, code))) {
                prop_assert_eq!(x == y, a == b);
            }
        }

        #[test]
        fn any_reported_amount_is_converted_or_refused_without_a_panic(amount in any::<i64>(), code in proptest::sample::select(vec!["USD", "ISK", "MGA", "KWD"])) {
            let _ = from_stripe(amount, code.parse().unwrap());
            let _ = to_stripe(money(amount, code));
        }
    }
}
