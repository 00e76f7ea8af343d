use crate::services::{Fact, FactState, Service, Subject};
use crate::store::{StoreError, Tx};

use super::query::intents;

/// What this service knows of a payment: its intent, and the sandbox's webhooks.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let service = Service::Channel.name();
    let mut facts = Vec::new();
    for intent in intents(tx, &subject.payment_no).await? {
        let (what, state) = match intent.intent_id {
            Some(intent_id) => (format!("intent {intent_id} made"), FactState::Done),
            None => ("intent asked for, without an answer".to_owned(), FactState::Missing),
        };
        let detail = format!("{}, {}", intent.provider, intent.status);
        facts.push(Fact { service, at: intent.created_at, what, detail, state, event_id: None });
    }
    let sql =
        "SELECT event_type, evt_id, attempts, created_at, delivered_at FROM sandbox_webhooks WHERE payment_no = $1 ORDER BY created_at";
    for row in tx.query(sql, &[(&subject.payment_no).into()]).await? {
        let (event_type, evt_id, attempts) = (row.get::<String>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?);
        let (at, what, state) = match row.get::<Option<_>>(4)? {
            Some(at) => (at, format!("webhook {event_type} delivered"), FactState::Done),
            None => (row.get(3)?, format!("webhook {event_type} not delivered"), FactState::Missing),
        };
        let detail = if attempts > 1 { format!("{evt_id}, {attempts} attempts") } else { evt_id };
        facts.push(Fact { service, at, what, detail, state, event_id: None });
    }
    Ok(facts)
}
