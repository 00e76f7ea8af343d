//! What the database knows of acknowledged payments: a page of numbers in, their facts out.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::domain::{Currency, MerchantId, PaymentStatus, Timestamp};
use crate::store::{Row, Set, StoreError, Tx, Type, Value};

const PAYMENTS: Set = Set {
    sql: "SELECT p.payment_no, p.merchant_id, p.order_no, p.amount, p.currency, p.status FROM {rows} AS r \
          JOIN payments AS p ON p.payment_no = r.wanted",
    columns: &[("wanted", Type::Text)],
};

const CREATED: Set = Set {
    sql: "SELECT e.aggregate_id, e.value, e.headers FROM {rows} AS r JOIN events AS e \
          ON e.aggregate_id = r.wanted AND e.aggregate_type = 'payment' AND e.event_type = 'payment.created'",
    columns: &[("wanted", Type::Text)],
};

const BOOKED: Set = Set {
    sql: "SELECT t.related_id, x.amount, x.currency, t.created_at FROM {rows} AS r \
          JOIN transactions AS t ON t.related_id = r.wanted AND t.source_event_type = 'payment.success' \
          JOIN transfers AS x ON x.source_event_id = t.source_event_id AND x.leg = 'payment_gross'",
    columns: &[("wanted", Type::Text)],
};

const PARKED: Set = Set {
    sql: "SELECT DISTINCT d.aggregate_id FROM {rows} AS r JOIN dlq AS d ON d.aggregate_id = r.wanted \
          AND d.grp = 'payctl.accounting' AND d.state IN ('failed', 'blocked', 'replaying')",
    columns: &[("wanted", Type::Text)],
};

/// A payment as the gateway holds it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) merchant_id: MerchantId,
    pub(super) order_no: String,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) status: PaymentStatus,
}

/// What one `payment.created` says.
#[derive(Debug, Clone)]
pub(super) struct Announced {
    pub(super) amount: i64,
    pub(super) currency: Currency,
    /// Whether its bytes are those that its header names.
    pub(super) whole: bool,
}

/// One booking of a payment.
#[derive(Debug, Clone)]
pub(super) struct Booked {
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) at: Timestamp,
}

#[derive(Deserialize)]
struct Envelope {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    amount: i64,
    currency: Currency,
}

#[derive(Deserialize)]
struct Headers {
    sha256: String,
}

pub(super) async fn payments(tx: &mut Tx, numbers: &[&str]) -> Result<HashMap<String, Held>, StoreError> {
    let held = |row: &Row| {
        let status: String = row.get(5)?;
        let status = PaymentStatus::parse(&status).ok_or(StoreError::Column(5))?;
        let held = Held { merchant_id: row.get(1)?, order_no: row.get(2)?, amount: row.get(3)?, currency: row.get(4)?, status };
        Ok((row.get(0)?, held))
    };
    tx.query_set(&PAYMENTS, &wanted(numbers)).await?.iter().map(held).collect()
}

pub(super) async fn created(tx: &mut Tx, numbers: &[&str]) -> Result<HashMap<String, Vec<Announced>>, StoreError> {
    let mut found: HashMap<String, Vec<Announced>> = HashMap::new();
    for row in tx.query_set(&CREATED, &wanted(numbers)).await? {
        let (value, headers): (Vec<u8>, String) = (row.get(1)?, row.get(2)?);
        let said = serde_json::from_slice::<Envelope>(&value).map(|envelope| envelope.payload).ok();
        let hash = serde_json::from_str::<Headers>(&headers).map(|headers| headers.sha256).unwrap_or_default();
        let whole = said.is_some() && hash == hex::encode(Sha256::digest(&value));
        // What cannot be read says nothing of money.
        let (amount, currency) = said.map_or((0, Currency::USD), |said| (said.amount, said.currency));
        found.entry(row.get(0)?).or_default().push(Announced { amount, currency, whole });
    }
    Ok(found)
}

/// The gross of every booking of their successes.
pub(super) async fn booked(tx: &mut Tx, numbers: &[&str]) -> Result<HashMap<String, Vec<Booked>>, StoreError> {
    let mut found: HashMap<String, Vec<Booked>> = HashMap::new();
    for row in tx.query_set(&BOOKED, &wanted(numbers)).await? {
        found.entry(row.get(0)?).or_default().push(Booked { amount: row.get(1)?, currency: row.get(2)?, at: row.get(3)? });
    }
    Ok(found)
}

/// Those of them that accounting has parked or holds.
pub(super) async fn parked(tx: &mut Tx, numbers: &[&str]) -> Result<Vec<String>, StoreError> {
    tx.query_set(&PARKED, &wanted(numbers)).await?.iter().map(|row| row.get(0)).collect()
}

fn wanted<'a>(numbers: &[&'a str]) -> Vec<Vec<Value<'a>>> {
    // Asked for twice, a payment would seem to have each event twice.
    let once: BTreeSet<&str> = numbers.iter().copied().collect();
    once.into_iter().map(|number| vec![Value::from(number)]).collect()
}

/// What a run left in the database, acknowledged or not.
#[derive(Debug, Clone)]
pub(super) struct Left {
    /// Its payments.
    pub(super) present: i64,
    /// Orders with more than one payment: an Idempotency-Key that had two effects.
    pub(super) doubled: Vec<String>,
    /// Payments that have not exactly one `payment.created`, each with how many.
    pub(super) uneven: Vec<(String, i64)>,
}

/// What the run whose orders start with `prefix` left behind.
pub(super) async fn left(tx: &mut Tx, merchant_id: MerchantId, prefix: &str) -> Result<Left, StoreError> {
    let length = i64::try_from(prefix.len()).unwrap_or_default();
    let params: [Value<'_>; 3] = [merchant_id.into(), length.into(), prefix.into()];
    let of_run = "FROM payments AS p WHERE p.merchant_id = $1 AND substr(p.order_no, 1, $2) = $3";
    let present = tx.query_one(&format!("SELECT count(*) {of_run}"), &params).await?;
    let doubled = tx.query(&format!("SELECT p.order_no {of_run} GROUP BY p.order_no HAVING count(*) > 1"), &params).await?;
    let events = "(SELECT count(*) FROM events AS e WHERE e.aggregate_id = p.payment_no AND e.aggregate_type = 'payment' \
                  AND e.event_type = 'payment.created')";
    let uneven = tx.query(&format!("SELECT p.payment_no, {events} {of_run} AND {events} <> 1"), &params).await?;
    Ok(Left {
        present: present.map_or(Ok(0), |row| row.get(0))?,
        doubled: doubled.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
        uneven: uneven.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?,
    })
}
