use std::collections::HashMap;

use uuid::Uuid;

use crate::config::Ambient;
use crate::domain::{MerchantId, Timestamp};
use crate::event::{AccountingExtra, AccountingPayload, Cause, EntryType, EventKind, LedgerEntry, NewEvent, Payload};

use crate::services::Service;

use super::booking::Booking;
use super::movement::{AccountKey, Movement, Posted};

/// Whose events those on the platform's own accounts are: no merchant's, so that all of them share one partition, in
/// order, and no merchant sees them.
const PLATFORM: MerchantId = MerchantId(Uuid::nil());

/// What the books say of a batch: one event a booking, one an account.
pub(super) fn announcements(
    bookings: &[Booking<'_>],
    posted: &[(AccountKey, Movement, Posted)],
    now: Timestamp,
    ambient: &Ambient,
) -> Vec<NewEvent> {
    // Each merchant's account as it stood before the batch; every booking moves it on.
    let mut running: HashMap<(&str, crate::domain::Currency), i64> = posted
        .iter()
        .filter(|((account, _), ..)| account.account.merchant().is_some())
        .map(|((account, currency), movement, after)| {
            let before = (after.credits - movement.credits) - (after.debits - movement.debits);
            ((account.name.as_str(), *currency), before)
        })
        .collect();
    let mut events = Vec::with_capacity(bookings.len() + posted.len());
    for booking in bookings {
        let balance = running.entry((booking.account.name.as_str(), booking.currency)).or_default();
        *balance += booking.net;
        events.push(transaction_created(booking, *balance, now, ambient));
    }
    for ((account, currency), movement, after) in posted {
        if let Some(last) = bookings.get(movement.last) {
            let kind = account.account.kind();
            let payload = AccountingPayload {
                transaction_id: last.transaction_id.clone(),
                account_id: account.name.clone(),
                merchant_id: account.account.merchant().unwrap_or(PLATFORM),
                entry_type: if movement.credits >= movement.debits { EntryType::Credit } else { EntryType::Debit },
                amount: (movement.credits - movement.debits).saturating_abs(),
                balance: kind.balance(after.debits, after.credits),
                currency: *currency,
                description: format!("balance of {}", account.name),
                // It sums up every booking of the batch, so it speaks of no single payment.
                related_id: String::new(),
                created_at: now,
                extra: AccountingExtra::default(),
            };
            let aggregate = (format!("{}/{currency}", account.name), after.version);
            events.push(event(EventKind::BalanceUpdated, aggregate, last, payload, now, ambient));
        }
    }
    events
}

fn transaction_created(booking: &Booking<'_>, balance: i64, now: Timestamp, ambient: &Ambient) -> NewEvent {
    let entries = booking.legs.iter().map(|leg| LedgerEntry {
        kind: leg.kind.as_str().to_owned(),
        debit: leg.debit.name.clone(),
        credit: leg.credit.name.clone(),
        amount: leg.amount,
    });
    let payload = AccountingPayload {
        transaction_id: booking.transaction_id.clone(),
        account_id: booking.account.name.clone(),
        merchant_id: booking.merchant,
        entry_type: if booking.net >= 0 { EntryType::Credit } else { EntryType::Debit },
        amount: booking.net.saturating_abs(),
        balance,
        currency: booking.currency,
        description: booking.description.clone(),
        related_id: booking.related_id.to_owned(),
        created_at: now,
        extra: AccountingExtra { entries: entries.collect() },
    };
    event(EventKind::TransactionCreated, (booking.transaction_id.clone(), 1), booking, payload, now, ambient)
}

fn event(
    kind: EventKind,
    (aggregate_id, aggregate_version): (String, i64),
    booking: &Booking<'_>,
    payload: AccountingPayload,
    now: Timestamp,
    ambient: &Ambient,
) -> NewEvent {
    NewEvent {
        event_id: ambient.uuid(),
        kind,
        topic: kind.topic(),
        aggregate_id,
        aggregate_version,
        merchant_id: Some(payload.merchant_id),
        key: payload.merchant_id.to_string(),
        timestamp: now,
        cause: Cause::of(booking.event),
        producer: Service::Accounting.name(),
        payload: Payload::Accounting(Box::new(payload)),
    }
}
