use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Currency, Money};

/// An amount as programs read it: minor units beside their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Minor units.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Money::new(self.amount, self.currency).fmt(f)
    }
}

/// Sums, one a currency and never across.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals(BTreeMap<Currency, i128>);

impl Totals {
    pub(super) fn add(&mut self, amount: Amount) {
        *self.0.entry(amount.currency).or_default() += i128::from(amount.amount);
    }

    /// By currency; a sum beyond 64 bits shows as the largest amount there is.
    pub(super) fn amounts(&self) -> Vec<Amount> {
        self.0.iter().map(|(currency, sum)| Amount { amount: i64::try_from(*sum).unwrap_or(i64::MAX), currency: *currency }).collect()
    }
}

/// `12.00 EUR, 700 JPY`, or a dash.
pub(super) fn listed(amounts: &[Amount]) -> String {
    if amounts.is_empty() {
        return "-".to_owned();
    }
    amounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
