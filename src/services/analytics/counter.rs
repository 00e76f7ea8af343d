use chrono::NaiveDate;

use crate::domain::Currency;
use crate::event::Extra;
use crate::store::{Row, Set, StoreError, Type, Value};

/// Which row of a table of counters: whose, of which UTC day, in which currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The merchant or the channel.
    pub(super) owner: String,
    pub(super) date: NaiveDate,
    pub(super) currency: Currency,
}

impl Key {
    /// Reads the columns owner, date, currency from `first` on.
    pub(super) fn read(row: &Row, first: usize) -> Result<Self, StoreError> {
        let date = row.get::<String>(first + 1)?.parse().map_err(|_| StoreError::Column(first + 1))?;
        Ok(Self { owner: row.get(first)?, date, currency: row.get(first + 2)? })
    }
}

/// The counters of one table: as deltas of a batch, and as totals when read.
pub(super) trait Counters: Default {
    /// `payment`, `channel` or `merchant`.
    const METRICS: &'static str;
    /// Adds a set of deltas and answers with owner, date, currency, version and the new totals.
    const ADD: Set;
    /// Owner, date, currency and totals of an owner ($1) between two dates ($2, $3).
    const SELECT: &'static str;
    /// Owner, date, currency and totals of every row.
    const ALL: &'static str;
    /// The columns of the counters, in their order.
    const NAMES: &'static [&'static str];
    /// The currencies that an owner ($1) has rows in.
    const CURRENCIES: &'static str;

    /// In the order of the columns.
    fn values(&self) -> Vec<i64>;
    /// Reads the counters' columns from `first` on.
    fn read(row: &Row, first: usize) -> Result<Self, StoreError>;
    /// The counters by name.
    fn extra(&self) -> Extra;

    /// The row of [`Counters::ADD`] for these deltas.
    fn row(&self, key: &Key) -> Vec<Value<'static>> {
        let mut row = vec![key.owner.clone().into(), key.date.to_string().into(), key.currency.into()];
        row.extend(self.values().into_iter().map(Value::Int));
        row
    }
}

/// Declares a table once: the struct of its counters, and the statements that add to it and read it.
macro_rules! counters {
    ($(#[$doc:meta])* $name:ident is $metrics:literal in $table:literal by $owner:literal as $owner_type:ident { $($field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct $name { $(pub(super) $field: i64,)+ }

        impl Counters for $name {
            const METRICS: &'static str = $metrics;
            const ADD: Set = Set {
                sql: concat!(
                    "INSERT INTO ", $table, " (", $owner, ", date, currency", $(", ", stringify!($field),)+
                    ") SELECT ", $owner, ", date, currency", $(", ", stringify!($field),)+ " FROM {rows} WHERE true ",
                    "ON CONFLICT (", $owner, ", date, currency) DO UPDATE SET version = ", $table, ".version + 1",
                    $(", ", stringify!($field), " = ", $table, ".", stringify!($field), " + excluded.", stringify!($field),)+
                    " RETURNING ", $owner, ", date, currency, version", $(", ", stringify!($field),)+
                ),
                columns: &[
                    ($owner, Type::$owner_type),
                    ("date", Type::Text),
                    ("currency", Type::Text),
                    $((stringify!($field), Type::Int),)+
                ],
            };
            const SELECT: &'static str = concat!(
                "SELECT ", $owner, ", date, currency", $(", ", stringify!($field),)+ " FROM ", $table,
                " WHERE ", $owner, " = $1 AND date >= $2 AND date <= $3 ORDER BY date, currency"
            );
            const ALL: &'static str = concat!("SELECT ", $owner, ", date, currency", $(", ", stringify!($field),)+ " FROM ", $table);
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
            const CURRENCIES: &'static str =
                concat!("SELECT DISTINCT currency FROM ", $table, " WHERE ", $owner, " = $1 ORDER BY currency");

            fn values(&self) -> Vec<i64> {
                vec![$(self.$field),+]
            }

            fn read(row: &Row, first: usize) -> Result<Self, StoreError> {
                let mut columns = first..;
                let mut next = || row.get(columns.next().unwrap_or(usize::MAX));
                Ok(Self { $($field: next()?,)+ })
            }

            fn extra(&self) -> Extra {
                Extra::from_iter([$((stringify!($field).to_owned(), self.$field.into())),+])
            }
        }
    };
}

counters! {
    /// What a merchant's payments came to.
    PaymentCounters is "payment" in "payment_metrics" by "merchant_id" as Uuid {
        total_payments, success_payments, failed_payments, total_amount, success_amount, total_refunds, total_refund_amount,
    }
}

counters! {
    /// What went through a channel.
    ChannelCounters is "channel" in "channel_metrics" by "channel" as Text {
        total_transactions, success_transactions, failed_transactions, total_amount, success_amount, latency_ms_sum,
    }
}

counters! {
    /// What a merchant's orders came to.
    MerchantCounters is "merchant" in "merchant_metrics" by "merchant_id" as Uuid {
        total_orders, completed_orders, cancelled_orders, total_revenue, total_fees, net_revenue, new_customers, returning_customers,
    }
}
