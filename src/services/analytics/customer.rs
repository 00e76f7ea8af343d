use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::MerchantId;
use crate::event::{Event, EventKind, Payload, sha256_hex};
use crate::store::{Set, StoreError, Tx, Type};

const REMEMBER: Set = Set {
    sql: "INSERT INTO merchant_customers (merchant_id, customer_hash, first_paid_at) \
          SELECT merchant_id, customer_hash, first_paid_at FROM {rows} AS r WHERE NOT EXISTS (SELECT 1 FROM merchant_customers AS c \
          WHERE c.merchant_id = r.merchant_id AND c.customer_hash = r.customer_hash) RETURNING merchant_id, customer_hash",
    columns: &[("merchant_id", Type::Uuid), ("customer_hash", Type::Text), ("first_paid_at", Type::Time)],
};

/// Remembers who pays in this batch; the ids of those `order.paid` that are their customer's first with the merchant.
pub(super) async fn first_paid(tx: &mut Tx, events: &[Event]) -> Result<HashSet<Uuid>, StoreError> {
    let mut order = Vec::new();
    let mut first: HashMap<(MerchantId, String), &Event> = HashMap::new();
    for event in events {
        if let (EventKind::OrderPaid, Payload::Order(paid)) = (event.kind, &event.payload)
            && !paid.customer_email.expose().is_empty()
        {
            let customer = (paid.merchant_id, sha256_hex(paid.customer_email.expose().as_bytes()));
            first.entry(customer.clone()).or_insert_with(|| {
                order.push(customer);
                event
            });
        }
    }
    let rows: Vec<_> = order
        .iter()
        .filter_map(|customer| Some((customer, first.get(customer)?)))
        .map(|((merchant, hash), event)| vec![(*merchant).into(), hash.into(), event.timestamp.into()])
        .collect();
    let mut new = HashSet::new();
    for row in tx.query_set(&REMEMBER, &rows).await? {
        new.extend(first.get(&(row.get(0)?, row.get(1)?)).map(|event| event.event_id));
    }
    Ok(new)
}
