use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::Timestamp;
use crate::ops::verify::settings::{set_lookups, set_shared_out};
use crate::store::{StoreError, Tx};

use super::effects::{Books, Mails};
use super::events::{self, Events};
use super::marks::Marks;
use super::payments::{Orders, Payments};
use super::proof::{Proof, Whole};
use super::rest::Rest;

/// Ranges of events, each for whoever is free.
const RANGES: i64 = 2;

/// A part of the reading, for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Events(i64),
    Marks,
    Payments,
    Orders,
    Books,
    Mails,
    /// What is asked about few rows.
    Rest,
}

/// Those that take longest come first.
const PARTS: [Part; 8] =
    [Part::Events(0), Part::Events(1), Part::Marks, Part::Payments, Part::Books, Part::Mails, Part::Orders, Part::Rest];

/// What the parts have found.
#[derive(Debug, Default)]
struct Found {
    events: [Option<Events>; 2],
    marks: Option<Marks>,
    payments: Option<Payments>,
    orders: Option<Orders>,
    books: Option<Books>,
    mails: Option<Mails>,
    rest: Option<Rest>,
    done: usize,
}

/// A reading under way, shared among connections that see one moment.
pub(in crate::ops::verify) struct Reading {
    seed: i64,
    pub(in crate::ops::verify) started: Timestamp,
    todo: Mutex<VecDeque<Part>>,
    found: Mutex<Found>,
}

/// What reading one part came to.
pub(in crate::ops::verify) enum Progress {
    /// Nothing was left to read.
    Idle,
    /// Others are still at it.
    Going,
    /// It was the last one.
    Done(Proof),
}

impl Reading {
    pub(in crate::ops::verify) fn new(seed: u64, started: Timestamp) -> Self {
        // A seed of 0 would be none on the server.
        Self { seed: (seed | 1).cast_signed(), started, todo: Mutex::new(PARTS.into()), found: Mutex::default() }
    }

    /// Reads the next part that nobody has begun.
    pub(in crate::ops::verify) async fn go_on(&self, tx: &mut Tx) -> Result<Progress, StoreError> {
        let Some(part) = lock(&self.todo).pop_front() else { return Ok(Progress::Idle) };
        self.read(tx, part).await?;
        let mut found = lock(&self.found);
        found.done += 1;
        if found.done < PARTS.len() {
            return Ok(Progress::Going);
        }
        let found = std::mem::take(&mut *found);
        Ok(Progress::Done(found.proof()?))
    }

    /// Leaves the rest unread: the snapshot is lost.
    pub(in crate::ops::verify) fn give_up(&self) {
        lock(&self.todo).clear();
    }

    async fn read(&self, tx: &mut Tx, part: Part) -> Result<(), StoreError> {
        let seed = self.seed;
        match part {
            Part::Events(nth) => {
                set_shared_out(tx, false).await?;
                let range = events::range(tx, nth, RANGES).await?;
                let read = events::read(tx, seed, range).await?;
                set_shared_out(tx, true).await?;
                let mut found = lock(&self.found);
                *(if nth == 0 { &mut found.events[0] } else { &mut found.events[1] }) = Some(read);
            }
            Part::Marks => {
                set_lookups(tx, false).await?;
                let mut marks = Marks::read(tx, seed).await?;
                set_lookups(tx, true).await?;
                marks.look_up(tx, seed).await?;
                lock(&self.found).marks = Some(marks);
            }
            Part::Payments => {
                let payments = Payments::read(tx, seed).await?;
                lock(&self.found).payments = Some(payments);
            }
            Part::Orders => {
                let orders = Orders::read(tx, seed).await?;
                lock(&self.found).orders = Some(orders);
            }
            Part::Books => {
                set_lookups(tx, false).await?;
                let books = Books::read(tx, seed).await?;
                lock(&self.found).books = Some(books);
            }
            Part::Mails => {
                let mails = Mails::read(tx, seed).await?;
                lock(&self.found).mails = Some(mails);
            }
            Part::Rest => {
                set_lookups(tx, false).await?;
                let rest = Rest::read(tx).await?;
                lock(&self.found).rest = Some(rest);
            }
        }
        Ok(())
    }
}

impl Found {
    fn proof(self) -> Result<Proof, StoreError> {
        let lost = || StoreError::Unavailable("the connection to the database was lost".to_owned());
        let [Some(mut events), Some(later)] = self.events else { return Err(lost()) };
        events.join(later);
        let (Some(marks), Some(payments), Some(orders)) = (self.marks, self.payments, self.orders) else { return Err(lost()) };
        let (Some(books), Some(mails), Some(rest)) = (self.books, self.mails, self.rest) else { return Err(lost()) };
        Ok(Whole { events, marks, payments, orders, books, mails, rest }.proof())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
