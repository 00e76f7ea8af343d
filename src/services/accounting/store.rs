use std::collections::{HashMap, HashSet};

use crate::domain::Currency;
use crate::services::HandleError;
use crate::store::{Set, StoreError, Tx, Type, Value};

use super::booking::Booking;
use super::movement::{AccountKey, Movement, Movements, Posted, overflow};

/// Only a repeated source event is passed over; a transaction number that is taken by chance is an error, and tried again.
const OPEN_TRANSACTIONS: Set = Set {
    sql: "INSERT INTO transactions (transaction_id, source_event_id, source_event_type, merchant_id, currency, description, related_id, occurred_at, created_at) \
          SELECT transaction_id, source_event_id, source_event_type, merchant_id, currency, description, related_id, occurred_at, created_at \
          FROM {rows} AS r WHERE NOT EXISTS (SELECT 1 FROM transactions AS t WHERE t.source_event_id = r.source_event_id) RETURNING transaction_id",
    columns: &[
        ("transaction_id", Type::Text),
        ("source_event_id", Type::Uuid),
        ("source_event_type", Type::Text),
        ("merchant_id", Type::Uuid),
        ("currency", Type::Text),
        ("description", Type::Text),
        ("related_id", Type::Text),
        ("occurred_at", Type::Time),
        ("created_at", Type::Time),
    ],
};

const ADD_TRANSFERS: Set = Set {
    sql: "INSERT INTO transfers (transaction_id, source_event_id, leg, debit, credit, amount, currency, created_at) \
          SELECT transaction_id, source_event_id, leg, debit, credit, amount, currency, created_at FROM {rows} WHERE true",
    columns: &[
        ("transaction_id", Type::Text),
        ("source_event_id", Type::Uuid),
        ("leg", Type::Text),
        ("debit", Type::Text),
        ("credit", Type::Text),
        ("amount", Type::Int),
        ("currency", Type::Text),
        ("created_at", Type::Time),
    ],
};

/// A row whose sums have no room for the movement is not returned.
const MOVE_BALANCES: Set = Set {
    sql: "INSERT INTO accounts (account, currency, kind, merchant_id, debits_posted, credits_posted, version, created_at, updated_at) \
          SELECT account, currency, kind, merchant_id, debits, credits, 1, moved_at, moved_at FROM {rows} WHERE true \
          ON CONFLICT (account, currency) DO UPDATE SET debits_posted = accounts.debits_posted + excluded.debits_posted, \
          credits_posted = accounts.credits_posted + excluded.credits_posted, version = accounts.version + 1, updated_at = excluded.updated_at \
          WHERE accounts.debits_posted <= 9223372036854775807 - excluded.debits_posted \
          AND accounts.credits_posted <= 9223372036854775807 - excluded.credits_posted \
          RETURNING account, currency, debits_posted, credits_posted, version",
    columns: &[
        ("account", Type::Text),
        ("currency", Type::Text),
        ("kind", Type::Text),
        ("merchant_id", Type::Uuid),
        ("debits", Type::Int),
        ("credits", Type::Int),
        ("moved_at", Type::Time),
    ],
};

/// Opens a transaction for each booking and leaves only those in `bookings` whose event has not been booked before.
pub(super) async fn open_transactions(tx: &mut Tx, bookings: &mut Vec<Booking<'_>>) -> Result<(), StoreError> {
    let now = tx.now();
    let mut told = HashSet::new();
    bookings.retain(|booking| told.insert(booking.event.event_id));
    let rows: Vec<Vec<Value<'_>>> = bookings
        .iter()
        .map(|booking| {
            vec![
                (&booking.transaction_id).into(),
                booking.event.event_id.into(),
                booking.event.kind.as_str().into(),
                booking.merchant.into(),
                booking.currency.into(),
                (&booking.description).into(),
                booking.related_id.into(),
                booking.event.timestamp.into(),
                now.into(),
            ]
        })
        .collect();
    let opened = tx.query_set(&OPEN_TRANSACTIONS, &rows).await?;
    if opened.len() < bookings.len() {
        let opened: HashSet<String> = opened.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        bookings.retain(|booking| opened.contains(&booking.transaction_id));
    }
    Ok(())
}

/// Writes every leg.
pub(super) async fn add_transfers(tx: &mut Tx, bookings: &[Booking<'_>]) -> Result<(), StoreError> {
    let now = tx.now();
    let legs = bookings.iter().flat_map(|booking| booking.legs.iter().map(move |leg| (booking, leg)));
    let rows: Vec<Vec<Value<'_>>> = legs
        .map(|(booking, leg)| {
            vec![
                (&booking.transaction_id).into(),
                booking.event.event_id.into(),
                leg.kind.as_str().into(),
                (&leg.debit.name).into(),
                (&leg.credit.name).into(),
                leg.amount.into(),
                booking.currency.into(),
                now.into(),
            ]
        })
        .collect();
    tx.execute_set(&ADD_TRANSFERS, &rows).await.map(|_| ())
}

/// Moves each account once, and says how it stands then.
pub(super) async fn move_balances(tx: &mut Tx, moved: Movements) -> Result<Vec<(AccountKey, Movement, Posted)>, HandleError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = moved
        .iter()
        .map(|((account, currency), movement)| {
            vec![
                (&account.name).into(),
                (*currency).into(),
                account.account.kind().as_str().into(),
                account.account.merchant().into(),
                movement.debits.into(),
                movement.credits.into(),
                now.into(),
            ]
        })
        .collect();
    let mut posted: HashMap<(String, Currency), Posted> = HashMap::with_capacity(moved.len());
    for row in tx.query_set(&MOVE_BALANCES, &rows).await? {
        let after = Posted { debits: row.get(2)?, credits: row.get(3)?, version: row.get(4)? };
        posted.insert((row.get(0)?, row.get(1)?), after);
    }
    moved
        .into_iter()
        .map(|((account, currency), movement)| {
            let after = posted.remove(&(account.name.clone(), currency)).ok_or_else(|| overflow(&account.name))?;
            Ok(((account, currency), movement, after))
        })
        .collect()
}
