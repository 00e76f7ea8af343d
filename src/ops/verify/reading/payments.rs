//! All payments and orders once, to be held against the lives that the events have told.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::domain::{MerchantId, OrderStatus, PaymentStatus};
use crate::event::{AggregateType, EventKind};
use crate::ops::verify::said::Unchanging;
use crate::store::{Fields, StoreError, Tx, text_field};

use super::counters::Counted;
use super::history::{Histories, Life};
use super::transition::order_status;

/// What the rows of payments say.
#[derive(Debug, Default)]
pub(super) struct Payments {
    rows: Vec<Payment>,
    /// What payments are counted by: merchant, day and currency; each with its number.
    groups: HashMap<(Uuid, String, String), usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Payment {
    aggregate: i64,
    version: i64,
    status: PaymentStatus,
    constant: u64,
    paid_at: Option<i64>,
    amount: i64,
    captured: i64,
    group: usize,
}

/// What the rows of orders say: aggregate, version and status.
#[derive(Debug, Default)]
pub(super) struct Orders(Vec<(i64, i64, OrderStatus)>);

const PAYMENTS: &str = "SELECT hashtextextended(payment_no, $1), status, version, captured, paid_at, merchant_id, order_no, amount, currency, \
     channel, fee_bps, fee_amount, created_at, substr(created_at, 1, 10) FROM payments";
const ORDERS: &str = "SELECT hashtextextended(CAST(merchant_id AS TEXT) || '/' || order_no, $1), version, status FROM orders";
impl Payments {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut payments = Self::default();
        tx.scan(PAYMENTS, &[seed.into()], &mut |row| payments.see(row, seed)).await?;
        Ok(payments)
    }

    fn see(&mut self, row: &dyn Fields, seed: i64) -> Result<(), StoreError> {
        let merchant_id = row.uuid(5)?;
        let (amount, currency) = (row.int(7)?, text_field(row, 8)?);
        let created_at = row.time(12)?.ok_or(StoreError::Column(12))?;
        let unchanging = Unchanging {
            merchant_id: MerchantId(merchant_id),
            order_no: text_field(row, 6)?,
            amount,
            currency,
            channel: text_field(row, 9)?,
            fee_bps: row.int(10)?,
            fee_amount: row.int(11)?,
            created_at,
        };
        let constant = unchanging.hashed(seed);
        let day = text_field(row, 13)?;
        let next = self.groups.len();
        let group = *self.groups.entry((merchant_id, day.to_owned(), currency.to_owned())).or_insert(next);
        self.rows.push(Payment {
            aggregate: row.int(0)?,
            version: row.int(2)?,
            status: PaymentStatus::parse(text_field(row, 1)?).ok_or(StoreError::Column(1))?,
            constant,
            paid_at: row.time(4)?.map(|at| at.timestamp_micros()),
            amount,
            captured: row.int(3)?,
            group,
        });
        Ok(())
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Whether each payment is what its events add up to, and no event is of another (I8, and with it I1 and I7).
    pub(super) fn are_folds(&self, histories: &Histories) -> bool {
        let is_fold = |row: &Payment| histories.life(row.aggregate, AggregateType::Payment).is_some_and(|life| row.is_fold(life));
        self.rows.iter().all(is_fold) && histories.count(AggregateType::Payment) == self.rows.len()
    }

    /// What analytics has to have counted once it is past every event, by merchant, day and currency.
    pub(super) fn counted(&self, histories: &Histories) -> BTreeMap<Vec<String>, Counted> {
        let mut counted = vec![Counted::default(); self.groups.len()];
        for row in &self.rows {
            let life = histories.life(row.aggregate, AggregateType::Payment);
            let (Some(group), Some(life)) = (counted.get_mut(row.group), life) else { continue };
            let is_success = life.last().1 == EventKind::PaymentSuccess;
            group.created += 1;
            group.success += i64::from(is_success);
            group.success_amount += if is_success { i128::from(row.amount) } else { 0 };
            group.failed += i64::from(life.has_failed());
        }
        let by = |(merchant, day, currency): &(Uuid, String, String)| vec![merchant.to_string(), day.clone(), currency.clone()];
        self.groups.iter().map(|(group, nth)| (by(group), counted.get(*nth).copied().unwrap_or_default())).collect()
    }
}

impl Payment {
    fn is_fold(&self, life: &Life) -> bool {
        let (version, kind) = life.last();
        let captured = if self.status == PaymentStatus::Success { self.amount } else { 0 };
        self.version == i64::from(version)
            && kind.payment_status() == Some(self.status)
            && self.constant == life.constant()
            && self.paid_at == life.paid_at()
            && self.captured == captured
    }
}

impl Orders {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut orders = Self::default();
        let see = &mut |row: &dyn Fields| {
            let status = OrderStatus::parse(text_field(row, 2)?).ok_or(StoreError::Column(2))?;
            orders.0.push((row.int(0)?, row.int(1)?, status));
            Ok(())
        };
        tx.scan(ORDERS, &[seed.into()], see).await?;
        Ok(orders)
    }

    /// Whether each order is what its last event says.
    pub(super) fn are_folds(&self, histories: &Histories) -> bool {
        self.0.iter().all(|(aggregate, version, status)| {
            let last = histories.life(*aggregate, AggregateType::Order).map(Life::last);
            last.is_some_and(|(last, kind)| *version == i64::from(last) && order_status(kind) == Some(*status))
        })
    }
}
