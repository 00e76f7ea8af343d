use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Ambient;
use crate::domain::{Account, Currency, Leg, MerchantId, NumberKind, TransferKind};
use crate::event::{Event, EventKind, Payload, PaymentPayload};
use crate::fault::{self, Point};
use crate::services::HandleError;

/// One event on its way into the books.
pub(super) struct Booking<'a> {
    pub(super) event: &'a Event,
    pub(super) transaction_id: String,
    pub(super) merchant: MerchantId,
    pub(super) currency: Currency,
    pub(super) description: String,
    /// The payment that it books.
    pub(super) related_id: &'a str,
    /// The merchant's account that it moves.
    pub(super) account: Arc<NamedAccount>,
    /// What it adds to that account: credits less debits.
    pub(super) net: i64,
    pub(super) legs: Vec<BookingLeg>,
}

/// A leg whose accounts are named as the tables name them.
pub(super) struct BookingLeg {
    pub(super) kind: TransferKind,
    pub(super) debit: Arc<NamedAccount>,
    pub(super) credit: Arc<NamedAccount>,
    pub(super) amount: i64,
}

/// An account with its name written out.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedAccount {
    pub(super) name: String,
    pub(super) account: Account,
}

/// The accounts of a batch, each named once however many events touch it.
#[derive(Default)]
pub(super) struct Names(HashMap<Account, Arc<NamedAccount>>);

impl Names {
    fn of(&mut self, account: Account) -> Arc<NamedAccount> {
        if let Some(named) = self.0.get(&account) {
            return Arc::clone(named);
        }
        let named = Arc::new(NamedAccount { name: account.to_string(), account: account.clone() });
        self.0.insert(account, Arc::clone(&named));
        named
    }
}

impl<'a> Booking<'a> {
    /// What an event books; nothing where it moves no money.
    pub(super) fn of(event: &'a Event, names: &mut Names, ambient: &Ambient) -> Result<Option<Self>, HandleError> {
        match (&event.payload, event.kind) {
            (Payload::Payment(payment), EventKind::PaymentSuccess) => Self::of_payment(event, payment, names, ambient).map(Some),
            _ => Ok(None),
        }
    }

    fn of_payment(event: &'a Event, payment: &'a PaymentPayload, names: &mut Names, ambient: &Ambient) -> Result<Self, HandleError> {
        if payment.amount <= 0 || !(0..=payment.amount).contains(&payment.fee_amount) {
            return Err(HandleError::poison("INVALID_AMOUNT", "the amount is not positive, or the fee lies outside 0 and the amount"));
        }
        if fault::is_multiple(Point::RefusesAmounts, payment.amount) {
            let message = format!("the books refuse payment {} of {}", payment.payment_no, payment.amount);
            return Err(HandleError::poison("ACCOUNT_REFUSED", message));
        }
        let merchant = payment.merchant_id;
        let legs = Leg::of_payment(&payment.channel, merchant, payment.amount, payment.fee_amount);
        let legs = legs.into_iter().map(|leg| BookingLeg {
            kind: leg.kind,
            debit: names.of(leg.debit),
            credit: names.of(leg.credit),
            amount: leg.amount_minor,
        });
        Ok(Self {
            event,
            transaction_id: ambient.number(NumberKind::Transaction),
            merchant,
            currency: payment.currency,
            description: format!("payment {} of order {}", payment.payment_no, payment.order_no),
            related_id: &payment.payment_no,
            legs: legs.collect(),
            account: names.of(Account::MerchantPending(merchant)),
            net: payment.amount - payment.fee_amount,
        })
    }
}
