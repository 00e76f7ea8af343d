use std::collections::HashMap;

use uuid::Uuid;

use crate::event::EventKind;
use crate::store::{Set, StoreError, Tx, Type, Value};

const BOOKED: Set = Set {
    sql: "SELECT t.source_event_id, t.transaction_id FROM {rows} AS r JOIN transactions AS t ON t.source_event_id = r.event_id",
    columns: &[("event_id", Type::Uuid)],
};

/// Those of `events` that are in the books, each with its transaction.
pub async fn effects(tx: &mut Tx, events: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = events.iter().map(|id| vec![(*id).into()]).collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    tx.query_set(&BOOKED, &rows).await?.iter().map(|row| Ok((row.get(0)?, format!("booked {}", row.get::<String>(1)?)))).collect()
}

/// Whether an event of this type must be in the books once it has been handled.
pub fn owes_effect(kind: &str) -> bool {
    EventKind::parse(kind) == Some(EventKind::PaymentSuccess)
}
