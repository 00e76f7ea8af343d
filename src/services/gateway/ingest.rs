//! The transaction that takes payments in: keys, payments and events of many requests in a few statements.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;

use crate::domain::MerchantId;
use crate::event::EncodedEvent;
use crate::fault::{self, Point};
use crate::http::error_body;
use crate::store::{StoreError, Tx};

use super::idempotency::{Flight, KEPT_DAYS};
use super::payment::Payment;
use super::refusal::duplicate_order;
use super::store::{self, Claim, StoredAnswer};

/// One request to be committed: a payment, or a refusal that is to be remembered under its key.
pub(super) struct Intake {
    /// With the event of its creation, written down while others were committed.
    pub(super) payment: Option<(Payment, EncodedEvent)>,
    /// Present where the request carried a key.
    pub(super) remember: Option<Remember>,
    /// What the caller is answered when all goes well.
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) trace_id: String,
}

/// Under which key an answer is remembered, and of which request.
pub(super) struct Remember {
    pub(super) flight: Arc<Flight>,
    pub(super) fingerprint: String,
}

/// What became of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its own answer stands.
    Stands,
    /// The order is taken by this payment.
    Duplicate(String),
    /// The key was used by the same request before.
    Replayed { status: u16, body: Vec<u8> },
    /// The key was used by another request before.
    Mismatch,
    /// What stood in the way went away meanwhile: the same request may succeed now.
    TryAgain,
}

impl Intake {
    fn key(&self) -> Option<(MerchantId, &str)> {
        self.remember.as_ref().map(|remember| (remember.flight.merchant_id(), remember.flight.key()))
    }

    /// Its key with its answer.
    fn claim<'a>(&'a self, remember: &'a Remember) -> Claim<'a> {
        let payment_no = self.payment.as_ref().map(|(payment, _)| payment.payment_no.as_str());
        remember.claim(self.status, payment_no, &self.body)
    }

    /// The answer that stands under its key.
    fn answer<'a>(&self, answers: &'a Answers) -> Option<&'a StoredAnswer> {
        self.key().and_then(|(merchant, key)| answers.get(&(merchant, key.to_owned())))
    }
}

impl Remember {
    fn claim<'a>(&'a self, status: u16, payment_no: Option<&'a str>, body: &'a [u8]) -> Claim<'a> {
        Claim { merchant_id: self.flight.merchant_id(), key: self.flight.key(), fingerprint: &self.fingerprint, payment_no, status, body }
    }
}

/// Takes a batch in; one outcome an item, in order.
///
/// The key is claimed first, with its answer, in the transaction of its payment: so a key can never be left half used, and
/// who loses the race for it finds the winner's answer.
pub(super) async fn ingest(tx: &mut Tx, batch: &[Intake]) -> Result<Vec<Outcome>, StoreError> {
    if tx.may_write_unseen() && are_apart(batch) { take_unseen(tx, batch).await } else { take_looking(tx, batch).await }
}

/// Whether no two payments are for one order.
fn are_apart(batch: &[Intake]) -> bool {
    let mut orders = HashSet::new();
    batch.iter().filter_map(|item| item.payment.as_ref()).all(|(payment, _)| orders.insert((payment.merchant_id, &payment.order_no)))
}

/// Takes a batch in as if no key were used and no order taken, which holds for almost every one.
async fn take_unseen(tx: &mut Tx, batch: &[Intake]) -> Result<Vec<Outcome>, StoreError> {
    let (payments, events): (Vec<&Payment>, Vec<&EncodedEvent>) =
        batch.iter().filter_map(|item| item.payment.as_ref()).map(|(payment, event)| (payment, event)).unzip();
    let claims: Vec<Claim<'_>> = batch.iter().filter_map(|item| item.remember.as_ref().map(|remember| item.claim(remember))).collect();
    let before = vec![store::new_claims(&claims, tx.now()), store::new_payments(&payments)?];
    tx.publish_behind(before, &events).await?;
    fault::reach(Point::IngestBegun);
    fault::reach(Point::IngestWritten);
    Ok(batch.iter().map(|_| Outcome::Stands).collect())
}

/// Takes a batch in and finds out whose key was used and whose order is taken.
async fn take_looking(tx: &mut Tx, batch: &[Intake]) -> Result<Vec<Outcome>, StoreError> {
    let mut settled: Vec<Option<Outcome>> = Vec::new();
    settled.resize_with(batch.len(), || None);
    claim_keys(tx, batch, &mut settled).await?;
    fault::reach(Point::IngestBegun);
    let open: Vec<Open<'_>> = batch
        .iter()
        .zip(&settled)
        .enumerate()
        .filter(|(_, (_, settled))| settled.is_none())
        .filter_map(|(index, (item, _))| item.payment.as_ref().map(|(payment, event)| Open { index, payment, event }))
        .collect();
    // Of two payments for one order in one batch, the later one loses as if it had come in the next.
    let mut orders = HashSet::new();
    let (open, second): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|open| orders.insert((open.payment.merchant_id, open.payment.order_no.as_str())));
    let payments: Vec<&Payment> = open.iter().map(|open| open.payment).collect();
    let inserted = store::insert_payments(tx, &payments).await?;
    let (made, mut refused) = if inserted == payments.len() as u64 {
        (open, Vec::new())
    } else {
        let made: HashSet<String> = store::present_payments(tx, &payments).await?.into_iter().collect();
        open.into_iter().partition(|open| made.contains(&open.payment.payment_no))
    };
    refused.extend(second);
    let events: Vec<&EncodedEvent> = made.iter().map(|open| open.event).collect();
    tx.publish_encoded(&events).await?;
    if !refused.is_empty() {
        refuse_duplicates(tx, batch, &refused, &mut settled).await?;
    }
    fault::reach(Point::IngestWritten);
    Ok(settled.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Stands)).collect())
}

/// An item whose key was free, or that has none.
struct Open<'a> {
    index: usize,
    payment: &'a Payment,
    event: &'a EncodedEvent,
}

/// Settles the items whose key was used before.
///
/// A key is in the air once at a time, so it stands once in a batch: who did not win it lost to an earlier transaction.
async fn claim_keys(tx: &mut Tx, batch: &[Intake], settled: &mut [Option<Outcome>]) -> Result<(), StoreError> {
    let keyed: Vec<Keyed<'_>> =
        batch.iter().enumerate().filter_map(|(index, item)| item.remember.as_ref().map(|remember| (index, item, remember))).collect();
    if claim(tx, &keyed).await? == keyed.len() as u64 {
        return Ok(());
    }
    let now = tx.now();
    let cutoff = now - TimeDelta::days(KEPT_DAYS);
    let mut answers = find_answers(tx, &keyed).await?;
    let is_old = |(_, item, _): &Keyed<'_>| item.answer(&answers).is_some_and(|answer| answer.created_at < cutoff);
    let old: Vec<Keyed<'_>> = keyed.iter().filter(|keyed| is_old(keyed)).copied().collect();
    if !old.is_empty() {
        let keys: Vec<(MerchantId, &str)> = old.iter().filter_map(|(_, item, _)| item.key()).collect();
        store::release(tx, &keys).await?;
        claim(tx, &old).await?;
        answers.extend(find_answers(tx, &old).await?);
    }
    for (index, item, remember) in keyed {
        let outcome = match item.answer(&answers) {
            Some(answer) if answer.created_at == now && answer.body == item.body => continue,
            Some(answer) if answer.fingerprint == remember.fingerprint => {
                Outcome::Replayed { status: answer.status, body: answer.body.clone() }
            }
            Some(_) => Outcome::Mismatch,
            None => Outcome::TryAgain,
        };
        if let Some(place) = settled.get_mut(index) {
            *place = Some(outcome);
        }
    }
    Ok(())
}

type Keyed<'a> = (usize, &'a Intake, &'a Remember);

/// Claims the keys of these items that are free; how many were.
async fn claim(tx: &mut Tx, keyed: &[Keyed<'_>]) -> Result<u64, StoreError> {
    let claims: Vec<Claim<'_>> = keyed.iter().map(|(_, item, remember)| item.claim(remember)).collect();
    store::claim(tx, &claims).await
}

type Answers = HashMap<(MerchantId, String), StoredAnswer>;

async fn find_answers(tx: &mut Tx, keyed: &[Keyed<'_>]) -> Result<Answers, StoreError> {
    let keys: Vec<(MerchantId, &str)> = keyed.iter().filter_map(|(_, item, _)| item.key()).collect();
    let answers = store::find_answers(tx, &keys).await?;
    Ok(answers.into_iter().map(|answer| ((answer.merchant_id, answer.key.clone()), answer)).collect())
}

/// Settles the items whose order is taken, and remembers that answer under their keys.
async fn refuse_duplicates(tx: &mut Tx, batch: &[Intake], refused: &[Open<'_>], settled: &mut [Option<Outcome>]) -> Result<(), StoreError> {
    let orders: HashSet<(MerchantId, &str)> =
        refused.iter().map(|open| (open.payment.merchant_id, open.payment.order_no.as_str())).collect();
    let orders: Vec<(MerchantId, &str)> = orders.into_iter().collect();
    let standing: HashMap<(MerchantId, String), String> = store::standing_payments(tx, &orders).await?.into_iter().collect();
    let mut bodies: Vec<(&Intake, Vec<u8>)> = Vec::new();
    let mut released: Vec<(MerchantId, &str)> = Vec::new();
    for Open { index, payment, .. } in refused {
        let (Some(item), Some(place)) = (batch.get(*index), settled.get_mut(*index)) else { continue };
        if let Some(payment_no) = standing.get(&(payment.merchant_id, payment.order_no.clone())) {
            *place = Some(Outcome::Duplicate(payment_no.clone()));
            bodies.push((item, error_body(&duplicate_order(payment_no), &item.trace_id)));
        } else {
            *place = Some(Outcome::TryAgain);
            released.extend(item.key());
        }
    }
    let overwritten: Vec<Claim<'_>> =
        bodies.iter().filter_map(|(item, body)| item.remember.as_ref().map(|remember| remember.claim(409, None, body))).collect();
    store::overwrite(tx, &overwritten).await?;
    store::release(tx, &released).await
}
