//! Compares what a journal says was acknowledged with what the database holds: nothing lost, changed or doubled, and the money
//! the same in payments, events and books.
//!
//! What was acknowledged never changes back, so every page of a journal may be judged on a snapshot of its own.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Currency, MerchantId, PaymentStatus};
use crate::ops::Reader;
use crate::store::{StoreError, Tx};

use super::LoadError;
use super::acked_report::{AckedReport, Class};
use super::drain::{self, Drain};
use super::facts::{self, Announced, Booked, Held};
use super::line::{Acked, RunLine};
use super::pages::{Page, Pages, Seen};
use super::subject::order_prefix;

/// What the database says of one page.
struct Facts {
    held: HashMap<String, Held>,
    created: HashMap<String, Vec<Announced>>,
    booked: HashMap<String, Vec<Booked>>,
    parked: HashSet<String>,
}

/// Compares the journal in this file.
pub async fn acked(reader: &Reader, journal: &Path) -> Result<AckedReport, LoadError> {
    let mut pages = Pages::open(journal)?;
    // After the journal was opened and before the rows are read: what it acknowledges is at least as far as this says.
    let stand = drain::look(reader).await?;
    let mut report = AckedReport::new(journal.display().to_string(), reader.ambient.now())?;
    let mut known = Known::default();
    while let Some(page) = pages.next()? {
        let page = Arc::new(page);
        let wanted = Arc::clone(&page);
        let facts = reader.store.read(async move |tx: &mut Tx| read(tx, &wanted).await).await?;
        report.judge_page(&page, &facts, &stand, &pages.seen.runs, &mut known);
    }
    report.note(&pages.seen);
    for run in pages.seen.runs {
        report.judge_run(reader, &run, &known).await?;
    }
    Ok(report)
}

/// What the acknowledgements have already told of their runs.
#[derive(Default)]
struct Known {
    /// Payments that are acknowledged and present, by run.
    present: HashMap<String, u64>,
    /// Payments that were found not to have exactly one event.
    uneven: HashSet<String>,
}

async fn read(tx: &mut Tx, page: &Page) -> Result<Facts, StoreError> {
    let created = numbers(&page.created);
    let paid = numbers(&page.paid);
    let all: Vec<&str> = [numbers(&page.created), numbers(&page.paid), numbers(&page.cancelled)].concat();
    Ok(Facts {
        held: facts::payments(tx, &all).await?,
        created: facts::created(tx, &created).await?,
        booked: facts::booked(tx, &paid).await?,
        parked: facts::parked(tx, &paid).await?.into_iter().collect(),
    })
}

fn numbers(acked: &[Acked]) -> Vec<&str> {
    acked.iter().map(|acked| acked.payment_no.as_str()).collect()
}

impl AckedReport {
    fn note(&mut self, seen: &Seen) {
        self.repeated = seen.repeated;
        self.unknown = seen.unknown;
        self.refused = seen.refused;
        self.torn = seen.torn;
    }

    fn judge_page(&mut self, page: &Page, facts: &Facts, stand: &Drain, runs: &[RunLine], known: &mut Known) {
        for acked in &page.created {
            self.created += 1;
            let is_present = self.judge_created(acked, facts);
            if is_present && let Some(run) = run_of(acked, runs) {
                *known.present.entry(run).or_default() += 1;
            }
            if facts.created.get(&acked.payment_no).map_or(0, Vec::len) != 1 {
                known.uneven.insert(acked.payment_no.clone());
            }
        }
        for acked in &page.paid {
            self.paid += 1;
            self.judge_paid(acked, facts, stand);
        }
        for acked in &page.cancelled {
            self.cancelled += 1;
            let status = facts.held.get(&acked.payment_no).map(|held| held.status);
            match status {
                None => self.lost(acked, "cancelled"),
                // Money that comes after a cancel is booked and given back, so a cancelled payment may end as paid.
                Some(PaymentStatus::Cancelled | PaymentStatus::Success) => {}
                Some(status) => self.find(Class::Lost, &acked.payment_no, format!("acknowledged as cancelled, and is {status}")),
            }
        }
    }

    /// Whether the payment is there.
    fn judge_created(&mut self, acked: &Acked, facts: &Facts) -> bool {
        if let Some(sums) = self.money(acked.currency) {
            sums.accepted = sums.accepted.saturating_add(acked.amount);
        }
        let events = facts.created.get(&acked.payment_no).map(Vec::as_slice).unwrap_or_default();
        for event in events {
            if let Some(sums) = self.money(event.currency) {
                sums.events = sums.events.saturating_add(event.amount);
            }
        }
        let Some(held) = facts.held.get(&acked.payment_no) else {
            self.lost(acked, "created");
            return false;
        };
        let before = self.counts.values().sum::<u64>();
        if let Some(difference) = difference(acked, held) {
            self.find(Class::Corrupt, &acked.payment_no, difference);
        }
        match events {
            [] => self.find(Class::Half, &acked.payment_no, "has no payment.created event".to_owned()),
            [event] if !event.whole => {
                self.find(Class::Corrupt, &acked.payment_no, "its payment.created event is not what its hash says".to_owned());
            }
            [event] if (event.amount, event.currency) != (held.amount, held.currency) => {
                self.find(Class::Corrupt, &acked.payment_no, "its payment.created event speaks of other money".to_owned());
            }
            [_] => {}
            more => self.find(Class::Duplicate, &acked.payment_no, format!("has {} payment.created events", more.len())),
        }
        self.ok += u64::from(self.counts.values().sum::<u64>() == before);
        true
    }

    fn judge_paid(&mut self, acked: &Acked, facts: &Facts, stand: &Drain) {
        if let Some(sums) = self.money(acked.currency) {
            sums.paid = sums.paid.saturating_add(acked.amount);
        }
        let Some(held) = facts.held.get(&acked.payment_no) else { return self.lost(acked, "paid") };
        let bookings = facts.booked.get(&acked.payment_no).map(Vec::as_slice).unwrap_or_default();
        for booking in bookings {
            if let Some(sums) = self.money(booking.currency) {
                sums.ledger = sums.ledger.saturating_add(booking.amount);
            }
            let took_us = acked.due_us.map(|due_us| booking.at.timestamp_micros().saturating_sub(due_us));
            if let Some(took_us) = took_us.and_then(|took_us| u64::try_from(took_us).ok()) {
                self.to_books.record(Duration::from_micros(took_us));
            }
        }
        match bookings {
            [] if facts.parked.contains(&acked.payment_no) => {
                self.find(Class::Parked, &acked.payment_no, "paid, and parked on its way to the books".to_owned());
            }
            [] if stand.is_under_way() => {
                self.find(Class::Waiting, &acked.payment_no, format!("paid, {}, and not in the books yet", held.status));
            }
            [] => self.find(Class::Unbooked, &acked.payment_no, format!("paid, {}, and in no book", held.status)),
            [booking] if (booking.amount, booking.currency) == (acked.amount, acked.currency) => {}
            [booking] => {
                let booked = money(booking.amount, booking.currency);
                let detail = format!("paid {} and booked {booked}", money(acked.amount, acked.currency));
                self.find(Class::Corrupt, &acked.payment_no, detail);
            }
            more => self.find(Class::Duplicate, &acked.payment_no, format!("is booked {} times", more.len())),
        }
    }

    fn lost(&mut self, acked: &Acked, promised: &str) {
        self.find(Class::Lost, &acked.payment_no, format!("acknowledged as {promised}, and not in the database"));
    }

    /// What a run left beside what it acknowledged: allowed, where it is whole and single.
    async fn judge_run(&mut self, reader: &Reader, run: &RunLine, known: &Known) -> Result<(), LoadError> {
        let (merchant_id, prefix): (MerchantId, String) = (run.merchant_id, order_prefix(&run.run));
        let left = reader.store.read(async move |tx: &mut Tx| facts::left(tx, merchant_id, &prefix).await).await?;
        let acknowledged = known.present.get(&run.run).copied().unwrap_or_default();
        self.recovered += u64::try_from(left.present).unwrap_or_default().saturating_sub(acknowledged);
        for order_no in left.doubled {
            self.find(Class::Duplicate, &order_no, "has several payments for one Idempotency-Key".to_owned());
        }
        for (payment_no, events) in left.uneven.into_iter().filter(|(payment_no, _)| !known.uneven.contains(payment_no)) {
            self.find(Class::Half, &payment_no, format!("has {events} payment.created events where one is due"));
        }
        Ok(())
    }
}

fn run_of(acked: &Acked, runs: &[RunLine]) -> Option<String> {
    let order_no = acked.order_no.as_deref()?;
    runs.iter().find(|run| order_no.starts_with(&order_prefix(&run.run))).map(|run| run.run.clone())
}

fn difference(acked: &Acked, held: &Held) -> Option<String> {
    if (acked.amount, acked.currency) != (held.amount, held.currency) {
        let (said, is) = (money(acked.amount, acked.currency), money(held.amount, held.currency));
        return Some(format!("acknowledged with {said}, and is {is}"));
    }
    if acked.merchant_id != held.merchant_id {
        return Some(format!("acknowledged to merchant {}, and is of {}", acked.merchant_id, held.merchant_id));
    }
    let order_no = acked.order_no.as_deref().filter(|order_no| *order_no != held.order_no)?;
    Some(format!("acknowledged for order {order_no}, and is for {}", held.order_no))
}

fn money(amount: i64, currency: Currency) -> String {
    crate::domain::Money::new(amount, currency).to_string()
}
