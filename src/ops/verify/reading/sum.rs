use crate::ops::verify::said::keyed_hash;
use crate::store::{Row, StoreError};

/// Many values as two numbers: how many there are, and the sum of their hashes. Whatever the order, the same values have the same
/// sum; others have it by chance only, and the seed of the hashes is drawn anew for each reading.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) count: i64,
    pub(super) hashes: i128,
}

impl Sum {
    /// One value more.
    pub(super) fn see(&mut self, hash: i64) {
        self.count += 1;
        self.hashes = self.hashes.wrapping_add(i128::from(hash));
    }

    /// One value more, told apart from those of another weight.
    pub(super) fn see_weighed(&mut self, hash: i64, weight: i64) {
        self.count += 1;
        self.hashes = self.hashes.wrapping_add(i128::from(hash) * i128::from(weight));
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, hashes: self.hashes.wrapping_add(other.hashes) }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { count: self.count - other.count, hashes: self.hashes.wrapping_sub(other.hashes) }
    }

    /// The same values, each so many times.
    pub(super) fn times(self, times: i64) -> Self {
        Self { count: self.count * times, hashes: self.hashes.wrapping_mul(i128::from(times)) }
    }

    /// The same values, told apart from those of another weight.
    pub(super) fn weighed(self, weight: i64) -> Self {
        Self { count: self.count, hashes: self.hashes.wrapping_mul(weight.into()) }
    }

    /// What the database has added up: the count in column `at`, the sum in the next. That may be wider than any number of ours, and
    /// is then text; of nothing it is 0.
    pub(super) fn read(row: &Row, at: usize) -> Result<Self, StoreError> {
        let hashes = match row.get::<Option<i64>>(at + 1) {
            Ok(int) => int.unwrap_or(0).into(),
            Err(_) => row.text(at + 1)?.parse().map_err(|_| StoreError::Column(at + 1))?,
        };
        Ok(Self { count: row.get(at)?, hashes })
    }
}

/// What ids of a day, as `2026-01-31`, are weighed with: sums over days are equal where each day's are.
pub(super) fn weight_of_day(seed: i64, day: &[u8]) -> i64 {
    keyed_hash(seed, day).cast_signed()
}

impl std::iter::Sum for Sum {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(hashes: &[i64]) -> Sum {
        let mut sum = Sum::default();
        for hash in hashes {
            sum.see(*hash);
        }
        sum
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter_and_each_value_does(mut hashes in prop::collection::vec(any::<i64>(), 1..50), other in any::<i64>()) {
            let before = sum(&hashes);
            hashes.reverse();
            prop_assert_eq!(sum(&hashes), before);
            let (some, rest) = hashes.split_at(hashes.len() / 2);
            prop_assert_eq!(sum(some).plus(sum(rest)), before);
            prop_assert_eq!(before.minus(sum(rest)), sum(some));
            prop_assert_eq!(sum(&[hashes.clone(), hashes.clone()].concat()), before.times(2));
            let (first, second) = (weight_of_day(1, b"2026-01-31"), weight_of_day(1, b"2026-02-01"));
            let on_two_days = sum(some).weighed(first).plus(sum(rest).weighed(second));
            prop_assert_eq!(sum(rest).weighed(second).plus(sum(some).weighed(first)), on_two_days);
            prop_assert_eq!(on_two_days == before.weighed(first), sum(rest).hashes == 0);
            if other != hashes[0] {
                hashes[0] = other;
                prop_assert_ne!(sum(&hashes), before);
            }
            hashes.pop();
            prop_assert_ne!(sum(&hashes), before);
        }
    }
}
