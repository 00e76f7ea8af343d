//! What an event books, by today's rules and without booking it.

use crate::config::Ambient;
use crate::domain::{Currency, MerchantId};
use crate::event::Event;
use crate::services::HandleError;

use super::booking::{Booking, Names};

/// What an event comes to in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose account it moves.
    pub merchant: MerchantId,
    /// In which currency.
    pub currency: Currency,
    /// The payment, refund, settlement or withdrawal that it books.
    pub related_id: String,
    /// Every leg, by its name.
    pub legs: Vec<PostedLeg>,
}

/// One transfer of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedLeg {
    /// The leg's name: `payment_gross`, `payment_fee`.
    pub leg: &'static str,
    /// The account debited.
    pub debit: String,
    /// The account credited.
    pub credit: String,
    /// Minor units.
    pub amount: i64,
}

/// What an event books; nothing where it moves no money, an error where the books refuse it.
pub fn posting_of(event: &Event, ambient: &Ambient) -> Result<Option<Posting>, HandleError> {
    let Some(booking) = Booking::of(event, &mut Names::default(), ambient)? else { return Ok(None) };
    let legs = booking.legs.iter().map(|leg| PostedLeg {
        leg: leg.kind.as_str(),
        debit: leg.debit.name.clone(),
        credit: leg.credit.name.clone(),
        amount: leg.amount,
    });
    let legs = legs.collect();
    Ok(Some(Posting { merchant: booking.merchant, currency: booking.currency, related_id: booking.related_id.to_owned(), legs }))
}
