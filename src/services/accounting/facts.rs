use crate::domain::{Currency, Money, Timestamp};
use crate::event::EventKind;
use crate::services::{Fact, FactState, Service, Subject};
use crate::store::{StoreError, Tx};

use super::query;

/// Whether and how the payment's success has been booked.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let Some(success) = subject.event(EventKind::PaymentSuccess) else { return Ok(Vec::new()) };
    let booked =
        tx.query_one("SELECT transaction_id, created_at FROM transactions WHERE source_event_id = $1", &[success.event_id.into()]).await?;
    let fact = |at: Timestamp, what: String, detail: String, state: FactState| Fact {
        service: Service::Accounting.name(),
        at,
        what,
        detail,
        state,
        event_id: Some(success.event_id),
    };
    let Some(row) = booked else {
        return Ok(vec![fact(success.at, "booking".to_owned(), "payment.success is not in the books".to_owned(), FactState::Missing)]);
    };
    let (transaction_id, created_at) = (row.get::<String>(0)?, row.get(1)?);
    let legs = query::legs_of(tx, &[success.event_id.to_string()]).await?;
    let what = format!("booked {transaction_id}");
    Ok(vec![if legs.is_empty() {
        fact(created_at, what, "the transaction has no legs".to_owned(), FactState::Failed)
    } else {
        let legs: Vec<String> = legs.iter().map(|leg| sentence(&leg.debit, &leg.credit, leg.amount, leg.currency)).collect();
        fact(created_at, what, legs.join("; "), FactState::Done)
    }])
}

fn sentence(debit: &str, credit: &str, amount: i64, currency: Currency) -> String {
    format!("debit {debit} {} credit {credit}", Money::new(amount, currency))
}
