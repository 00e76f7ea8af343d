//! What notices of the channel make of payments: decided in memory, over all notices of a batch in their order.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::config::Ambient;
use crate::domain::{MerchantId, PaymentStatus, Step, Timestamp, from_stripe};
use crate::event::{AuditPayload, Cause, NewEvent};

use super::change::Change;
use super::payment::{PRODUCER, Payment};
use super::store::{Finished, Review, WebhookState};
use super::stripe_event::{Notice, Says};

/// The payments of a batch of notices, and what the notices come to.
pub(super) struct Fold<'a> {
    pub(super) changes: Vec<Change>,
    pub(super) finished: Vec<Finished>,
    pub(super) reviews: Vec<Review>,
    pub(super) audits: Vec<NewEvent>,
    by_number: HashMap<String, usize>,
    by_intent: HashMap<String, usize>,
    /// Orders with the payment that takes them; a late success of another does not take them back.
    taken: Taken,
    now: Timestamp,
    ambient: &'a Ambient,
    is_production: bool,
}

type Taken = HashMap<(MerchantId, String), String>;

/// What one notice comes to.
enum Verdict {
    Applied(Option<&'static str>),
    Ignored(String),
    Review(&'static str, String),
}

impl<'a> Fold<'a> {
    pub(super) fn new(payments: Vec<Payment>, now: Timestamp, ambient: &'a Ambient, is_production: bool) -> Self {
        let mut fold = Self {
            changes: Vec::new(),
            finished: Vec::new(),
            reviews: Vec::new(),
            audits: Vec::new(),
            by_number: HashMap::new(),
            by_intent: HashMap::new(),
            taken: Taken::new(),
            now,
            ambient,
            is_production,
        };
        for payment in payments {
            let index = fold.changes.len();
            if fold.by_number.insert(payment.payment_no.clone(), index).is_none() {
                fold.by_intent.extend(payment.intent_id.clone().map(|intent| (intent, index)));
                fold.changes.push(Change::of(payment));
            }
        }
        fold
    }

    /// The orders of payments that would come to life again; [`Fold::take`] those that another payment has.
    pub(super) fn dormant_orders(&self) -> Vec<(MerchantId, &str)> {
        let dormant = self.changes.iter().map(|change| &change.payment).filter(|payment| !payment.occupies_order);
        let orders: HashSet<(MerchantId, &str)> = dormant.map(|payment| (payment.merchant_id, payment.order_no.as_str())).collect();
        orders.into_iter().collect()
    }

    /// Hears of orders that are taken, each with the payment that takes it.
    pub(super) fn take(&mut self, orders: Vec<((MerchantId, String), String)>) {
        self.taken.extend(orders);
    }

    /// Applies the next notice.
    pub(super) fn apply(&mut self, notice: &Notice) {
        let Some(index) = self.find(notice) else {
            let note = if notice.says == Says::Other { "moves no payment" } else { "no payment has this intent" };
            self.finish(notice, None, WebhookState::Ignored, Some(note.to_owned()));
            return;
        };
        let Some(change) = self.changes.get_mut(index) else { return };
        let before = change.payment.status;
        let verdict = match &notice.says {
            Says::Succeeded { amount, currency } => {
                let mismatch = mismatch(&change.payment, *amount, currency, notice.livemode, self.is_production);
                succeed(change, notice, mismatch, &mut self.taken, self.now, self.ambient)
            }
            Says::Processing => follow(change, notice, PaymentStatus::Processing, self.now, self.ambient),
            Says::Canceled => follow(change, notice, PaymentStatus::Cancelled, self.now, self.ambient),
            Says::Failed(Some(state)) if !state.is_closed() => {
                Verdict::Ignored(format!("declined, but the channel says {}: left to that notice", state.as_str()))
            }
            Says::Failed(Some(_)) => follow(change, notice, PaymentStatus::Failed, self.now, self.ambient),
            // Not asked, since there was nothing left to fail.
            Says::Failed(None) => Verdict::Ignored(format!("the payment is {before} already")),
            Says::Other => Verdict::Ignored("moves no payment".to_owned()),
        };
        let intent = change.payment.intent_id.clone();
        self.by_intent.extend(intent.map(|intent| (intent, index)));
        match verdict {
            Verdict::Applied(None) => self.finish(notice, Some(index), WebhookState::Applied, None),
            Verdict::Applied(Some(kind)) => {
                let note = format!("the payment was {before} when the money came");
                self.review(notice, index, kind, before, note.clone());
                self.finish(notice, Some(index), WebhookState::Applied, Some(note));
            }
            Verdict::Ignored(note) => self.finish(notice, Some(index), WebhookState::Ignored, Some(note)),
            Verdict::Review(kind, note) => {
                self.review(notice, index, kind, before, note.clone());
                self.finish(notice, Some(index), WebhookState::Review, Some(note));
            }
        }
    }

    /// The payment that a decline would fail, for which the channel has to be asked first.
    pub(super) fn to_be_failed(&self, notice: &Notice) -> Option<&Payment> {
        let payment = self.find(notice).and_then(|index| self.changes.get(index)).map(|change| &change.payment);
        payment.filter(|payment| payment.status.step(PaymentStatus::Failed) == Step::Apply && !is_other_intent(payment, notice))
    }

    /// By intent, else by the number that we gave the intent when it was made.
    fn find(&self, notice: &Notice) -> Option<usize> {
        let by_intent = notice.intent_id.as_ref().and_then(|intent| self.by_intent.get(intent));
        by_intent.or_else(|| notice.payment_no.as_ref().and_then(|number| self.by_number.get(number))).copied()
    }

    fn finish(&mut self, notice: &Notice, index: Option<usize>, state: WebhookState, note: Option<String>) {
        let payment_no = index.and_then(|index| self.changes.get(index)).map(|change| change.payment.payment_no.clone());
        self.finished.push(Finished { evt_id: notice.evt_id.clone(), state, payment_no, note });
    }

    fn review(&mut self, notice: &Notice, index: usize, kind: &'static str, before: PaymentStatus, detail: String) {
        let Some(change) = self.changes.get(index) else { return };
        let audit = review_audit(&change.payment, before, kind, &notice.evt_id, &detail, self.now, self.ambient);
        self.audits.push(audit);
        self.reviews.push(Review {
            id: self.ambient.uuid(),
            source_id: notice.evt_id.clone(),
            payment_no: Some(change.payment.payment_no.clone()),
            merchant_id: Some(change.payment.merchant_id),
            kind,
            detail,
        });
    }
}

fn succeed(
    change: &mut Change,
    notice: &Notice,
    mismatch: Option<Verdict>,
    taken: &mut Taken,
    now: Timestamp,
    ambient: &Ambient,
) -> Verdict {
    let before = change.payment.status;
    if before == PaymentStatus::Success {
        return if is_other_intent(&change.payment, notice) {
            Verdict::Review("second_success", "a second intent of a paid payment succeeded".to_owned())
        } else {
            Verdict::Ignored("paid already".to_owned())
        };
    }
    if let Some(mismatch) = mismatch {
        return mismatch;
    }
    // Whichever intent brought the money is the one that a refund goes back to.
    change.payment.intent_id.clone_from(&notice.intent_id);
    change.step(PaymentStatus::Success, now, ambient, &notice.evt_id);
    if before.occupies_order() {
        return Verdict::Applied(None);
    }
    let payment = &mut change.payment;
    let holder = taken.entry((payment.merchant_id, payment.order_no.clone())).or_insert_with(|| payment.payment_no.clone());
    payment.occupies_order = *holder == payment.payment_no;
    Verdict::Applied(Some("late_success"))
}

/// Takes the payment to where the channel says its intent is, unless it is further on already.
fn follow(change: &mut Change, notice: &Notice, to: PaymentStatus, now: Timestamp, ambient: &Ambient) -> Verdict {
    if is_other_intent(&change.payment, notice) {
        return Verdict::Ignored("speaks of another intent than the payment's".to_owned());
    }
    let before = change.payment.status;
    if before.step(to) != Step::Apply {
        return Verdict::Ignored(format!("the payment is {before} already"));
    }
    change.payment.intent_id.clone_from(&notice.intent_id);
    change.step(to, now, ambient, &notice.evt_id);
    Verdict::Applied(None)
}

fn is_other_intent(payment: &Payment, notice: &Notice) -> bool {
    matches!((&payment.intent_id, &notice.intent_id), (Some(ours), Some(theirs)) if ours != theirs)
}

/// Why the money that came is not the money that was asked for.
fn mismatch(payment: &Payment, amount: i64, currency: &str, livemode: bool, is_production: bool) -> Option<Verdict> {
    if currency != payment.currency.as_str() {
        return Some(Verdict::Review("currency_mismatch", format!("{currency:.8} came instead of {}", payment.currency)));
    }
    if from_stripe(amount, payment.currency) != Ok(payment.money()) {
        let detail = format!("{amount} in the channel's unit came instead of {}", payment.money());
        return Some(Verdict::Review("amount_mismatch", detail));
    }
    (is_production && !livemode).then(|| Verdict::Review("test_mode", "the money is of the channel's test mode".to_owned()))
}

/// The audit record of putting a payment up for review.
fn review_audit(
    payment: &Payment,
    before: PaymentStatus,
    kind: &str,
    source: &str,
    reason: &str,
    now: Timestamp,
    ambient: &Ambient,
) -> NewEvent {
    let cause = Cause { correlation_id: payment.payment_no.clone(), causation_id: source.to_owned(), trace_id: payment.trace_id.clone() };
    let what = AuditPayload {
        actor: PRODUCER.to_owned(),
        action: "payment.review".to_owned(),
        target: payment.payment_no.clone(),
        before: json!({"status": before}),
        after: json!({"status": payment.status, "review": kind}),
        reason: reason.to_owned(),
    };
    NewEvent::audit([ambient.uuid(), ambient.uuid()], (now, Some(payment.merchant_id)), (PRODUCER, cause), what)
}
