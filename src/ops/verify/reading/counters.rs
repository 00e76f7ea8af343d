use std::collections::BTreeMap;

use crate::event::EventKind;
use crate::store::{Row, StoreError, Tx};

use super::sum::Sum;

/// What is counted of the payments of one merchant, day and currency.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) created: i64,
    pub(super) success: i64,
    pub(super) success_amount: i128,
    pub(super) failed: i64,
}

/// The counters that analytics keeps of payments, by merchant, day and currency.
#[derive(Debug, Default)]
pub(super) struct Counters(BTreeMap<Vec<String>, Counted>);

const COUNTERS: &str = "SELECT CAST(merchant_id AS TEXT), date, currency, total_payments, success_payments, success_amount, failed_payments \
     FROM payment_metrics";

impl Counted {
    /// Events of one type, with their payments' amounts.
    pub(super) const fn see(&mut self, kind: EventKind, amounts: Sum) {
        match kind {
            EventKind::PaymentCreated => self.created += amounts.count,
            EventKind::PaymentFailed => self.failed += amounts.count,
            EventKind::PaymentSuccess => {
                self.success += amounts.count;
                self.success_amount += amounts.hashes;
            }
            _ => {}
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            created: self.created - other.created,
            success: self.success - other.success,
            success_amount: self.success_amount - other.success_amount,
            failed: self.failed - other.failed,
        }
    }
}

impl Counters {
    pub(super) async fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let rows = tx.query(COUNTERS, &[]).await?;
        let counter = |row: &Row| {
            let counted =
                Counted { created: row.get(3)?, success: row.get(4)?, success_amount: row.get::<i64>(5)?.into(), failed: row.get(6)? };
            Ok((vec![row.get(0)?, row.get(1)?, row.get(2)?], counted))
        };
        Ok(Self(rows.iter().map(counter).collect::<Result<_, StoreError>>()?))
    }

    /// Whether analytics has not counted anything.
    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they say what the payments do, without what analytics need not have counted.
    pub(super) fn are_right(&self, all: &BTreeMap<Vec<String>, Counted>, uncounted: &BTreeMap<Vec<String>, Counted>) -> bool {
        let of = |counted: &BTreeMap<Vec<String>, Counted>, by: &Vec<String>| counted.get(by).copied().unwrap_or_default();
        self.0.iter().all(|(by, said)| *said == of(all, by).minus(of(uncounted, by)))
    }
}
