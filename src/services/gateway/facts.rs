use crate::domain::{Money, PaymentStatus, Timestamp};
use crate::event::EventKind;
use crate::services::{Fact, FactState, Service, Subject};
use crate::store::{StoreError, Tx};

use super::payment::Payment;
use super::store;

/// What the gateway knows of a payment beside its events: the key it was made with, the channel's webhooks, reviews.
pub async fn facts(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let Some(payment) = store::find_payment(tx, &subject.payment_no).await? else { return Ok(Vec::new()) };
    let mut facts = vec![created(&payment, subject)];
    facts.extend(waiting(&payment));
    facts.extend(webhooks(tx, &payment).await?);
    facts.extend(reviews(tx, &payment).await?);
    Ok(facts)
}

fn fact(at: Timestamp, what: impl Into<String>, detail: String, state: FactState) -> Fact {
    Fact { service: Service::Gateway.name(), at, what: what.into(), detail, state, event_id: None }
}

fn created(payment: &Payment, subject: &Subject) -> Fact {
    let key = payment.idempotency_key.as_ref().map_or_else(|| "no idempotency key".to_owned(), |key| format!("idempotency key {key}"));
    let fee = Money::new(payment.fee_amount, payment.currency);
    let detail = format!("{} for order {}, fee {fee}, {key}", payment.money(), payment.order_no);
    let event_id = subject.event(EventKind::PaymentCreated).map(|event| event.event_id);
    Fact { event_id, ..fact(payment.created_at, "payment taken", detail, FactState::Done) }
}

fn waiting(payment: &Payment) -> Option<Fact> {
    match payment.status {
        PaymentStatus::Pending => {
            let detail = format!("expires {}", crate::domain::format_timestamp(payment.expires_at));
            Some(fact(payment.updated_at, "waiting for the payer", detail, FactState::Waiting))
        }
        PaymentStatus::Processing => {
            let detail = payment.intent_id.as_ref().map_or_else(String::new, |intent| format!("intent {intent}"));
            Some(fact(payment.updated_at, "waiting for the payer", detail, FactState::Waiting))
        }
        _ => None,
    }
}

async fn webhooks(tx: &mut Tx, payment: &Payment) -> Result<Vec<Fact>, StoreError> {
    let mut facts = Vec::new();
    for webhook in store::webhooks_of(tx, &payment.payment_no).await? {
        let detail = webhook.note.map_or_else(|| webhook.evt_id.clone(), |note| format!("{}: {note}", webhook.evt_id));
        let name = webhook.event_type;
        let at = webhook.applied_at.unwrap_or(webhook.received_at);
        facts.push(match webhook.state.as_str() {
            "received" => fact(webhook.received_at, format!("webhook {name} to be applied"), detail, FactState::Missing),
            "review" => fact(at, format!("webhook {name} put up for review"), detail, FactState::Failed),
            state => fact(at, format!("webhook {name} {state}"), detail, FactState::Done),
        });
    }
    Ok(facts)
}

async fn reviews(tx: &mut Tx, payment: &Payment) -> Result<Vec<Fact>, StoreError> {
    let reviews = store::reviews_of(tx, &payment.payment_no).await?;
    let facts = reviews.into_iter().map(|review| match review.resolved_at {
        Some(at) => fact(at, format!("review {} resolved", review.kind), review.detail, FactState::Done),
        None => fact(review.created_at, format!("review {} open", review.kind), review.detail, FactState::Failed),
    });
    Ok(facts.collect())
}
