//! The channel's webhooks: believed or not, stored, answered, and applied afterwards by
//! [`super::inbox_worker::InboxWorker`].

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::config::{Ambient, Secret};
use crate::http::{ApiError, ErrorCode};
use crate::store::{Batch, Batcher, Class, Store, StoreError, Tx};
use crate::telemetry::{self, WEBHOOKS_RECEIVED};

use super::signature::{self, SignatureError};
use super::store::{self, NewWebhook};
use super::stripe_event::{EventHead, PAYMENT_FAILED};

const PROVIDER: &str = "stripe";

/// Takes webhooks in.
pub(super) struct Inbox {
    pub(super) ambient: Ambient,
    pub(super) secrets: Arc<Vec<Secret>>,
    /// Where they wait for the commit that many of them share; whether each was new.
    pub(super) arrivals: Batcher<Arrival, bool>,
}

/// A webhook that is believed.
pub(super) struct Arrival {
    head: EventHead,
    body: Bytes,
}

/// One bell a lane.
#[derive(Default)]
pub(super) struct Bells {
    declines: Notify,
    others: Notify,
}

/// Declines have to ask the channel first, which may take long; nothing else waits behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Declines,
    Others,
}

impl Lane {
    fn of(event_type: &str) -> Self {
        if event_type == PAYMENT_FAILED { Self::Declines } else { Self::Others }
    }

    pub(super) fn bell(self, bells: &Bells) -> &Notify {
        match self {
            Self::Declines => &bells.declines,
            Self::Others => &bells.others,
        }
    }
}

impl Inbox {
    /// Stores a webhook that is believed; it is durable when this returns. `header` is `Stripe-Signature`.
    pub(super) async fn receive<'h>(&self, mut header: impl Iterator<Item = &'h [u8]>, body: Bytes) -> Result<(), ApiError> {
        let one = header.next().filter(|_| header.next().is_none()).ok_or(SignatureError::Missing);
        let now_s = self.ambient.now().timestamp();
        if let Err(error) = one.and_then(|one| signature::verify(one, &body, &self.secrets, now_s)) {
            received(error.label());
            return Err(ApiError::new(ErrorCode::InvalidWebhookSignature, error.to_string()));
        }
        let Some(head) = EventHead::parse(&body) else {
            received("unreadable");
            return Err(ApiError::field("id", "the body is not an event with an id and a type"));
        };
        let stored = self.arrivals.submit(Arrival { head, body }).await;
        received(match stored {
            Ok(true) => "stored",
            Ok(false) => "duplicate",
            Err(_) => "failed",
        });
        stored.map(drop).map_err(ApiError::from)
    }
}

fn received(outcome: &'static str) {
    telemetry::count(&WEBHOOKS_RECEIVED, &[("outcome", outcome)], 1);
}

/// Stores webhooks in one commit; whether each was new. It rings here and not where they came in, since a sender that hangs
/// up after its last byte would else leave a stored webhook that nobody applies until the next one comes.
pub(super) async fn store_arrivals(store: &Store, bells: &Bells, batch: Batch<Arrival>) -> Result<Vec<bool>, StoreError> {
    let (arrivals, lanes) = (batch.clone(), batch);
    let stored = store.write_by_keys(Class::Ingress, async move |tx: &mut Tx| insert(tx, &arrivals).await).await;
    for lane in [Lane::Declines, Lane::Others] {
        // Where it is not known whether they are there, looking for them does no harm.
        let may_be_due = |(at, arrival): (usize, &Arrival)| {
            let is_stored = stored.as_ref().map_or(true, |new| new.get(at).copied().unwrap_or(false));
            is_stored && Lane::of(&arrival.head.event_type) == lane
        };
        if lanes.iter().enumerate().any(may_be_due) {
            lane.bell(bells).notify_one();
        }
    }
    stored
}

async fn insert(tx: &mut Tx, arrivals: &[Arrival]) -> Result<Vec<bool>, StoreError> {
    let mut told = HashSet::new();
    let first: Vec<bool> = arrivals.iter().map(|arrival| told.insert(arrival.head.id.as_str())).collect();
    let webhooks: Vec<NewWebhook<'_>> = arrivals
        .iter()
        .zip(&first)
        .filter(|(_, first)| **first)
        .map(|(Arrival { head, body }, _)| NewWebhook {
            evt_id: &head.id,
            provider: PROVIDER,
            event_type: &head.event_type,
            payment_no: head.payment_no.as_deref(),
            raw: body,
        })
        .collect();
    let new = store::insert_webhooks(tx, &webhooks).await?;
    Ok(arrivals.iter().zip(first).map(|(arrival, first)| first && new.contains(&arrival.head.id)).collect())
}
