//! One file an invariant: SQL whose every row is a violation, or Rust where SQL cannot say it.

#[path = "I08.rs"]
mod state_is_fold;

use chrono::Days;

use crate::domain::Timestamp;
use crate::store::{StoreError, Tx};

use super::found::Found;

/// How long an idempotency key is kept.
const KEY_DAYS: Days = Days::new(30);

/// Those that begin with a few rows, or go through the tables page by page.
const LOOKED_UP: [&str; 6] = ["I8", "I9", "I14", "I15", "I16", "I33"];

/// What must hold at all times (the platform's correctness contract numbers them).
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// `I7`
    pub id: &'static str,
    /// What holds, in a few words.
    pub says: &'static str,
    /// What is counted as checked.
    pub subjects: &'static str,
    /// Counts it.
    pub(super) count: &'static str,
    check: Check,
}

/// How an invariant is checked.
#[derive(Debug, Clone, Copy)]
enum Check {
    /// Each row (subject, detail) is a violation.
    Sql(&'static str),
    /// The same over what is never changed once it is there, so that it can be asked as of any moment.
    SqlAsOf(&'static str),
    /// The same where there is an outbox; on the embedded engine committing is publishing, so that it cannot be broken.
    SqlOnServer(&'static str),
    /// The same in the words of each engine.
    SqlByEngine { embedded: &'static str, server: &'static str },
    /// Every payment equals the fold of its events.
    StateIsFold,
}

macro_rules! sql {
    ($file:literal) => {
        Check::Sql(include_str!($file))
    };
}

/// Every invariant that is checked here, by number.
pub const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I1",
        says: "what was acknowledged is durable",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: Check::SqlAsOf(include_str!("I01.sql")),
    },
    Invariant {
        id: "I2",
        says: "one payment for each merchant and idempotency key",
        subjects: "keys",
        count: "SELECT count(*) FROM idempotency",
        check: sql!("I02.sql"),
    },
    Invariant {
        id: "I4",
        says: "amounts are whole, positive and in a known currency",
        subjects: "amounts",
        count: "SELECT (SELECT count(*) FROM payments) + (SELECT count(*) FROM orders) + (SELECT count(*) FROM transfers)",
        check: sql!("I04.sql"),
    },
    Invariant {
        id: "I5",
        says: "states change by legal transitions, versions have no gap",
        subjects: "events",
        count: "SELECT count(*) FROM events",
        check: Check::SqlAsOf(include_str!("I05.sql")),
    },
    Invariant {
        id: "I6",
        says: "no more is refunded than was captured",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: sql!("I06.sql"),
    },
    Invariant {
        id: "I7",
        says: "one payment.created a payment, one event a version",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: Check::SqlAsOf(include_str!("I07.sql")),
    },
    Invariant {
        id: "I8",
        says: "each payment equals the fold of its events",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: Check::StateIsFold,
    },
    Invariant {
        id: "I9",
        says: "every event is published or waits in the outbox",
        subjects: "events",
        count: "SELECT count(*) FROM events",
        check: Check::SqlOnServer(include_str!("I09.sql")),
    },
    Invariant {
        id: "I10",
        says: "an event's bytes are those of its digest",
        subjects: "events",
        count: "SELECT count(*) FROM events",
        check: Check::SqlAsOf(include_str!("I10.sql")),
    },
    Invariant {
        id: "I11",
        says: "an aggregate's versions are stored in their order",
        subjects: "events",
        count: "SELECT count(*) FROM events",
        check: Check::SqlAsOf(include_str!("I11.sql")),
    },
    Invariant {
        id: "I12",
        says: "an event has at most one effect in a group",
        subjects: "effects",
        count: "SELECT (SELECT count(*) FROM transfers) + (SELECT count(*) FROM notifications) + (SELECT count(*) FROM payment_metrics)",
        check: sql!("I12.sql"),
    },
    Invariant {
        id: "I13",
        says: "no group has skipped an event",
        subjects: "events",
        count: "SELECT count(*) FROM events",
        check: Check::SqlByEngine {
            embedded: concat!(include_str!("I13.sql"), include_str!("I13_embedded.sql"), include_str!("I13_end.sql")),
            server: concat!(include_str!("I13.sql"), include_str!("I13_server.sql"), include_str!("I13_end.sql")),
        },
    },
    Invariant {
        id: "I14",
        says: "a group stands where its last event lies",
        subjects: "offsets",
        count: "SELECT count(*) FROM consumer_offsets",
        check: sql!("I14.sql"),
    },
    Invariant {
        id: "I15",
        says: "nothing overtakes a parked event of its aggregate",
        subjects: "parked",
        count: "SELECT count(*) FROM dlq WHERE state IN ('failed', 'blocked', 'replaying')",
        check: sql!("I15.sql"),
    },
    Invariant {
        id: "I16",
        says: "a dead letter has had no effect",
        subjects: "parked",
        count: "SELECT count(*) FROM dlq WHERE state IN ('failed', 'blocked', 'replaying')",
        check: sql!("I16.sql"),
    },
    Invariant {
        id: "I18",
        says: "a group is done with an event once",
        subjects: "marks",
        count: "SELECT count(*) FROM inbox",
        check: Check::SqlByEngine {
            embedded: concat!(include_str!("I18.sql"), include_str!("I18_embedded.sql"), include_str!("I18_end.sql")),
            server: concat!(include_str!("I18.sql"), include_str!("I18_server.sql"), include_str!("I18_end.sql")),
        },
    },
    Invariant {
        id: "I19",
        says: "debits equal credits",
        subjects: "transfers",
        count: "SELECT count(*) FROM transfers",
        check: sql!("I19.sql"),
    },
    Invariant {
        id: "I20",
        says: "balances are the sums of their transfers",
        subjects: "accounts",
        count: "SELECT count(*) FROM accounts",
        check: sql!("I20.sql"),
    },
    Invariant {
        id: "I21",
        says: "what happened cannot be changed",
        subjects: "guards",
        count: "SELECT 2",
        check: Check::SqlByEngine { embedded: include_str!("I21_embedded.sql"), server: include_str!("I21_server.sql") },
    },
    Invariant {
        id: "I22",
        says: "each success is booked once and completely",
        subjects: "bookings",
        count: "SELECT count(*) FROM transactions",
        check: sql!("I22.sql"),
    },
    Invariant {
        id: "I23",
        says: "no account is overdrawn that may not be",
        subjects: "accounts",
        count: "SELECT count(*) FROM accounts",
        check: sql!("I23.sql"),
    },
    Invariant {
        id: "I27",
        says: "fees are rounded once, half to even",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: Check::SqlAsOf(include_str!("I27.sql")),
    },
    Invariant {
        id: "I30",
        says: "each webhook of the channel has at most one effect",
        subjects: "webhooks",
        count: "SELECT count(*) FROM webhook_in",
        check: sql!("I30.sql"),
    },
    Invariant {
        id: "I32",
        says: "each mail is there, and there once",
        subjects: "mails",
        count: "SELECT count(*) FROM notifications",
        check: Check::SqlByEngine {
            embedded: concat!(include_str!("I32.sql"), include_str!("I32_embedded.sql"), include_str!("I32_end.sql")),
            server: concat!(include_str!("I32.sql"), include_str!("I32_server.sql"), include_str!("I32_end.sql")),
        },
    },
    Invariant {
        id: "I33",
        says: "nothing is given up without a name",
        subjects: "given up",
        count: "SELECT count(*) FROM dlq WHERE state = 'discarded'",
        check: sql!("I33.sql"),
    },
    Invariant {
        id: "I35",
        says: "what belongs to a merchant stays with it",
        subjects: "payments",
        count: "SELECT count(*) FROM payments",
        check: sql!("I35.sql"),
    },
];

impl Invariant {
    /// The invariant of this id, however its number is written: `I7`, `i07`, `7`.
    pub fn parse(text: &str) -> Option<&'static Self> {
        let digits = text.strip_prefix(['I', 'i']).unwrap_or(text);
        let number: u32 = digits.parse().ok()?;
        INVARIANTS.iter().find(|invariant| invariant.id == format!("I{number}"))
    }

    pub(super) async fn count(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        tx.query_one(self.count, &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Whether it looks a few rows up instead of joining whole tables.
    pub(super) fn is_looked_up(&self) -> bool {
        LOOKED_UP.contains(&self.id)
    }

    /// Whether it can be answered as of a moment that is past.
    pub const fn looks_back(&self) -> bool {
        matches!(self.check, Check::SqlAsOf(_))
    }

    /// Its SQL, where that may be asked as of a moment.
    #[cfg(test)]
    pub(super) const fn text(&self) -> &'static str {
        if let Check::SqlAsOf(sql) = self.check { sql } else { "" }
    }

    pub(super) async fn check(&self, tx: &mut Tx, as_of: Option<Timestamp>) -> Result<Found, StoreError> {
        match self.check {
            Check::Sql(sql) => Found::by_sql(tx, sql, tx.now().checked_sub_days(KEY_DAYS)).await,
            Check::SqlAsOf(sql) => Found::by_sql(tx, sql, as_of).await,
            Check::SqlOnServer(sql) | Check::SqlByEngine { server: sql, .. } if tx.has_outbox() => Found::by_sql(tx, sql, None).await,
            Check::SqlByEngine { embedded: sql, .. } => Found::by_sql(tx, sql, None).await,
            Check::SqlOnServer(_) => Ok(Found::default()),
            Check::StateIsFold => state_is_fold::check(tx).await,
        }
    }
}
