use super::half_even_div;

/// The whole, in basis points.
const BPS_PER_WHOLE: i128 = 10_000;

/// The highest fee that a merchant can have: the whole amount.
pub const MAX_FEE_BPS: i64 = 10_000;

/// The fee in minor units on `amount_minor` at `fee_bps` basis points, rounded half-even once.
///
/// Saturates only beyond what a 64-bit amount and [`MAX_FEE_BPS`] can reach.
pub fn fee_amount(amount_minor: i64, fee_bps: i64) -> i64 {
    let product = i128::from(amount_minor).saturating_mul(i128::from(fee_bps));
    i64::try_from(half_even_div(product, BPS_PER_WHOLE)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_percent_rounds_half_to_even() {
        for (amount, fee) in [(10_000, 200), (1, 0), (25, 0), (26, 1), (75, 2), (125, 2), (176, 4)] {
            assert_eq!(fee_amount(amount, 200), fee, "{amount}");
        }
    }

    proptest! {
        #[test]
        fn a_fee_lies_between_nothing_and_the_amount(amount in 0..=crate::domain::MAX_API_AMOUNT, bps in 0..=MAX_FEE_BPS) {
            let fee = fee_amount(amount, bps);
            prop_assert!(0 <= fee && fee <= amount);
        }
    }

    proptest! {
        #[test]
        fn more_is_never_charged_less(amount in 0..crate::domain::MAX_API_AMOUNT, more in 0i64..1_000_000, bps in 0..=MAX_FEE_BPS) {
            let larger = amount.saturating_add(more).min(crate::domain::MAX_API_AMOUNT);
            prop_assert!(fee_amount(amount, bps) <= fee_amount(larger, bps));
        }
    }

    #[test]
    fn all_and_nothing_are_exact() {
        assert_eq!((fee_amount(9_007_199_254_740_991, MAX_FEE_BPS), fee_amount(12_345, 0)), (9_007_199_254_740_991, 0));
    }
}
