use std::fmt;

use super::Currency;

/// The largest amount that the API takes: 2^53 − 1, which every JSON reader holds exactly.
pub const MAX_API_AMOUNT: i64 = (1 << 53) - 1;

/// An amount in the minor unit of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units; may be negative in balances and differences.
    pub minor: i64,
    /// The currency that the minor unit belongs to.
    pub currency: Currency,
}

/// Arithmetic on money that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added")]
    CurrencyMismatch(Currency, Currency),
    /// The result does not fit in 64 bits.
    #[error("amount out of range")]
    OutOfRange,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The sum, refused across currencies and on overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// The difference, refused across currencies and on overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// The amount in major units with a point, without the currency: `100.00`, `7`, `-0.005`.
    pub fn major(self) -> String {
        let exponent = usize::from(self.currency.exponent());
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(exponent));
        if exponent == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch(self.currency, other.currency)) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.major(), self.currency))
    }
}

/// `numerator ÷ denominator`, rounded to the nearest integer, ties to the even one.
///
/// `denominator` must be positive; the result is exact for every pair of 64-bit factors in the numerator.
pub const fn half_even_div(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator.div_euclid(denominator);
    let twice_rest = numerator.rem_euclid(denominator).saturating_mul(2);
    let up = twice_rest > denominator || (twice_rest == denominator && quotient.rem_euclid(2) == 1);
    if up { quotient.saturating_add(1) } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_print_with_the_decimals_of_their_currency() {
        for (minor, code, text) in [
            (10000, "USD", "100.00 USD"),
            (5, "USD", "0.05 USD"),
            (-5, "KWD", "-0.005 KWD"),
            (700, "JPY", "700 JPY"),
            (0, "USD", "0.00 USD"),
        ] {
            assert_eq!(Money::new(minor, code.parse().unwrap()).to_string(), text);
        }
        assert_eq!(Money::new(i64::MIN, Currency::USD).major(), "-92233720368547758.08");
    }

    #[test]
    fn ties_go_to_the_even_neighbour() {
        for (n, d, expected) in [(5, 2, 2), (15, 10, 2), (25, 10, 2), (35, 10, 4), (-5, 2, -2), (-15, 10, -2), (26, 10, 3), (-26, 10, -3)] {
            assert_eq!(half_even_div(n, d), expected, "{n}/{d}");
        }
    }

    #[test]
    fn sums_across_currencies_and_overflows_are_refused() {
        let one = Money::new(1, Currency::USD);
        assert!(matches!(one.checked_add(Money::new(1, "JPY".parse().unwrap())), Err(MoneyError::CurrencyMismatch(..))));
        assert_eq!(Money::new(i64::MAX, Currency::USD).checked_add(one), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn rounding_is_never_off_by_more_than_half(n in any::<i64>(), d in 1..i64::MAX) {
            let (n, d) = (i128::from(n), i128::from(d));
            prop_assert!((half_even_div(n, d) * d - n).abs() * 2 <= d);
        }

        #[test]
        fn adding_and_taking_away_gives_the_same_amount(a in -(1i64 << 60)..(1i64 << 60), b in -(1i64 << 60)..(1i64 << 60)) {
            let (a, b) = (Money::new(a, Currency::USD), Money::new(b, Currency::USD));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }
    }

    proptest! {
        #[test]
        fn the_printed_amount_is_the_amount(minor in any::<i64>(), code in proptest::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money::new(minor, code.parse().unwrap());
            let (whole, fraction) = money.major().split_once('.').map_or((money.major(), String::new()), |(w, f)| (w.to_owned(), f.to_owned()));
            prop_assert_eq!(fraction.len(), usize::from(money.currency.exponent()));
            prop_assert_eq!(format!("{whole}{fraction}").parse::<i64>(), Ok(minor));
        }

        #[test]
        fn rounding_does_not_favour_a_sign(n in any::<i64>(), d in 1..i64::MAX) {
            let (n, d) = (i128::from(n), i128::from(d));
            prop_assert_eq!(half_even_div(-n, d), -half_even_div(n, d));
        }
    }
}
