//! Bookings and mails once, to be held against the events that they are about.

use std::collections::BTreeMap;

use crate::event::EventKind;
use crate::store::{StoreError, Tx};

use super::adding::{Adding, Groups};
use super::events::{Events, Kind};
use super::marks::Marks;
use super::sum::Sum;

/// What accounting has booked.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// By type of the source: each booking's event and payment together.
    booked: BTreeMap<String, Sum>,
    /// By leg: what is there, all of it together.
    legs: BTreeMap<String, Sum>,
    /// By leg: what has to be there of these bookings.
    due: [(&'static str, Sum); 2],
    /// Bookings in another currency than their payment's, or of none.
    foreign: i64,
}

/// What the mails are about.
#[derive(Debug, Default)]
pub(super) struct Mails {
    of: BTreeMap<String, Kind>,
    /// Those that contradict themselves, or bear another's Message-ID.
    wrong: i64,
}

/// What there has to be a mail about.
pub(super) const TOLD: [EventKind; 9] = [
    EventKind::PaymentCreated,
    EventKind::PaymentSuccess,
    EventKind::PaymentFailed,
    EventKind::OrderCreated,
    EventKind::OrderPaid,
    EventKind::OrderCancelled,
    EventKind::OrderShipped,
    EventKind::RefundSuccess,
    EventKind::RefundFailed,
];

const BOOKED: Adding = Adding {
    by: &["source_event_type"],
    hashes: &["hashtextextended(related_id, uuid_hash_extended(source_event_id, $1))"],
    from: "transactions",
};
// Amounts are hashed as texts: the server's hash of a number is one of its two halves laid over each other.
const LEGS: Adding = Adding {
    by: &["leg"],
    hashes: &["hashtextextended(debit, hashtextextended(credit, hashtextextended(currency, \
        hashtextextended(CAST(amount AS TEXT), hashtextextended(transaction_id, uuid_hash_extended(source_event_id, $1))))))"],
    from: "transfers",
};
/// By whether a booking is in the currency of its payment.
const DUE: Adding = Adding {
    by: &["x.is_foreign"],
    hashes: &[
        "hashtextextended(x.clearing, hashtextextended(x.pending, hashtextextended(x.currency, hashtextextended(CAST(x.amount AS TEXT), x.booking))))",
        "CASE WHEN x.fee_amount > 0 THEN hashtextextended(x.pending, hashtextextended('fee_income', hashtextextended(x.currency, \
         hashtextextended(CAST(x.fee_amount AS TEXT), x.booking)))) END",
    ],
    from: "(SELECT p.amount, p.fee_amount, p.currency, CASE WHEN t.currency = p.currency THEN 0 ELSE 1 END AS is_foreign, \
        'channel_clearing:' || p.channel AS clearing, 'merchant_pending:' || CAST(p.merchant_id AS TEXT) AS pending, \
        hashtextextended(t.transaction_id, uuid_hash_extended(t.source_event_id, $1)) AS booking \
        FROM transactions t JOIN payments p ON p.payment_no = t.related_id) AS x",
};
/// Apart from the others are those that contradict themselves or bear another's Message-ID, which begins with the event's id.
const MAILS: Adding = Adding {
    by: &[
        "source_event_type",
        "CASE WHEN (status = 'sent') = (sent_at IS NOT NULL) AND substr(message_id, 2, 36) = CAST(source_event_id AS TEXT) THEN 0 ELSE 1 END",
    ],
    hashes: &["uuid_hash_extended(source_event_id, $1)", "hashtextextended(payment_no, uuid_hash_extended(source_event_id, $1))"],
    from: "notifications",
};

fn first(sums: &[Sum]) -> Sum {
    sums.first().copied().unwrap_or_default()
}

/// The sums of groups that have one name.
fn named(groups: Groups) -> BTreeMap<String, Sum> {
    groups.into_iter().filter_map(|(by, sums)| by.into_iter().next().map(|name| (name, first(&sums)))).collect()
}

impl Books {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut books = Self { booked: named(BOOKED.up(tx, seed).await?), legs: named(LEGS.up(tx, seed).await?), ..Self::default() };
        for (by, sums) in DUE.up(tx, seed).await? {
            if by.first().is_some_and(|is_foreign| is_foreign == "0") {
                books.due = [("payment_gross", first(&sums)), ("payment_fee", sums.get(1).copied().unwrap_or_default())];
            } else {
                books.foreign += first(&sums).count;
            }
        }
        Ok(books)
    }

    /// How many bookings there are.
    pub(super) fn count(&self) -> i64 {
        self.booked.values().map(|sum| sum.count).sum()
    }

    /// Whether every success is booked once, with its legs and no other, and nothing else is (I22).
    pub(super) fn are_complete(&self, events: &Events, marks: &Marks) -> bool {
        let successes = events.kinds.get(EventKind::PaymentSuccess.as_str()).map(|kind| kind.pairs).unwrap_or_default();
        let of_success = self.booked.get(EventKind::PaymentSuccess.as_str()).copied().unwrap_or_default();
        let legs = |leg: &str| self.legs.get(leg).copied().unwrap_or_default();
        let is_one_of_these = |leg: &String| self.due.iter().any(|(name, _)| name == leg);
        successes.minus(marks.unbooked()) == of_success
            && of_success.count == self.count()
            && self.foreign == 0
            && self.due.iter().all(|(leg, due)| legs(leg) == *due)
            && self.legs.keys().all(is_one_of_these)
    }
}

impl Mails {
    pub(super) async fn read(tx: &mut Tx, seed: i64) -> Result<Self, StoreError> {
        let mut mails = Self::default();
        for (by, sums) in MAILS.up(tx, seed).await? {
            let [kind, is_wrong] = by.as_slice() else { continue };
            let (ids, pairs) = (first(&sums), sums.get(1).copied().unwrap_or_default());
            mails.wrong += if is_wrong == "0" { 0 } else { ids.count };
            let of_kind = mails.of.entry(kind.clone()).or_default();
            *of_kind = Kind { ids: of_kind.ids.plus(ids), pairs: of_kind.pairs.plus(pairs) };
        }
        Ok(mails)
    }

    /// How many mails there are.
    pub(super) fn count(&self) -> i64 {
        self.of.values().map(|kind| kind.ids.count).sum()
    }

    /// Whether there is one mail about each event that one is due about, and about nothing else (I32).
    pub(super) fn are_complete(&self, events: &Events) -> bool {
        let of = |kind: EventKind| {
            let said = events.kinds.get(kind.as_str()).copied().unwrap_or_default();
            let told = self.of.get(kind.as_str()).copied().unwrap_or_default();
            let happens_once = matches!(kind, EventKind::PaymentCreated | EventKind::PaymentSuccess);
            said.ids == told.ids && (!happens_once || said.pairs == told.pairs)
        };
        let is_due = |kind: &String| TOLD.iter().any(|told| told.as_str() == kind);
        self.wrong == 0 && TOLD.iter().all(|kind| of(*kind)) && self.of.keys().all(is_due)
    }
}
