use futures_util::future::BoxFuture;

use crate::domain::Timestamp;
use crate::store::{Class, Store, StoreError, Tx, Value};

use super::provider::{Closing, Intent, IntentStatus, NewIntent, Provider, ProviderError, ProviderKind};
use super::store::{IntentRow, find, is_closed};
use super::stripe::{StripeApi, StripeError, StripeIntent, create_request};

/// A create without an answer is re-sent under its key for so long; Stripe forgets keys after 24 hours.
const RESEND: chrono::TimeDelta = chrono::TimeDelta::hours(23);
/// Longer than any call takes: whoever sent and crashed is waited for.
const LEASE: chrono::TimeDelta = chrono::TimeDelta::seconds(15);
/// After a call without an answer.
const RESEND_PAUSE: chrono::TimeDelta = chrono::TimeDelta::seconds(3);
/// How far Stripe's clock may be from ours.
const CLOCK_SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// Stripe behind the provider's interface.
///
/// The row comes first: it is committed before anything is sent, so that a crash, a second tab or a call without an answer
/// finds it, and the create goes out again unchanged, under the same key.
pub(super) struct Live {
    store: Store,
    api: StripeApi,
}

/// What the row says is to be done.
enum Claim {
    /// Stripe has answered before.
    Known(Intent),
    /// Send the create; this caller holds the row.
    Send(Unanswered),
    /// It is too late to send: look for what was made.
    Search(Unanswered),
}

/// A create that has no answer yet.
struct Unanswered {
    payment_no: String,
    request: String,
    /// Nobody has sent it before.
    is_first: bool,
    since: Timestamp,
    resend_until: Timestamp,
}

impl Live {
    pub(super) const fn new(store: Store, api: StripeApi) -> Self {
        Self { store, api }
    }

    async fn make(&self, payment: &NewIntent) -> Result<Intent, ProviderError> {
        let request = create_request(payment).map_err(|error| ProviderError::Refused(error.to_string()))?;
        let payment = payment.clone();
        let claimed = self.store.write(Class::Ingress, async move |tx| {
            let row = find(tx, &payment.payment_no).await?;
            if row.as_ref().is_none_or(|row| row.status == IntentStatus::Unknown) && is_closed(tx, &payment.payment_no).await? {
                return Err(ProviderError::Closed);
            }
            match row {
                Some(row) => claim(tx, row).await,
                None => insert(tx, &payment, &request).await,
            }
        });
        match claimed.await? {
            Claim::Known(intent) => Ok(intent),
            Claim::Send(unanswered) => self.send(unanswered).await,
            Claim::Search(unanswered) => {
                let payment_no = unanswered.payment_no.clone();
                let found = self.search(unanswered).await?;
                found.ok_or_else(|| ProviderError::Unavailable(format!("stripe lost the intent of {payment_no}")))
            }
        }
    }

    /// Sends the create, for the first time or again, and writes down what came of it.
    async fn send(&self, unanswered: Unanswered) -> Result<Intent, ProviderError> {
        let Unanswered { payment_no, request, is_first, .. } = unanswered;
        match self.api.create(&payment_no, request).await {
            Ok(made) => self.settle(&payment_no, made).await,
            // With the key still known, a definite no also says that no earlier try made anything.
            Err(error @ StripeError::Refused { .. }) => {
                self.forget(&payment_no).await?;
                Err(error.into())
            }
            Err(error @ StripeError::Transient(_)) if is_first => {
                self.forget(&payment_no).await?;
                Err(error.into())
            }
            Err(error) => {
                let is_replayed = matches!(error, StripeError::UnknownOutcome { is_replayed: true, .. });
                self.release(&payment_no, is_replayed).await?;
                Err(error.into())
            }
        }
    }

    async fn search(&self, unanswered: Unanswered) -> Result<Option<Intent>, ProviderError> {
        let Unanswered { payment_no, since, resend_until, .. } = unanswered;
        match self.api.search(&payment_no, since - CLOCK_SLACK, resend_until + CLOCK_SLACK).await {
            Ok(Some(found)) => self.settle(&payment_no, found).await.map(Some),
            other => {
                self.release(&payment_no, false).await?;
                Ok(other.map(|_| None)?)
            }
        }
    }

    /// Writes down what Stripe says of the intent.
    async fn settle(&self, payment_no: &str, seen: StripeIntent) -> Result<Intent, ProviderError> {
        let intent = Intent { intent_id: seen.intent_id, status: seen.status, is_declined: false, client_secret: seen.client_secret };
        let (no, row) = (payment_no.to_owned(), intent.clone());
        let write = self.store.write(Class::Ingress, async move |tx| {
            let now = tx.now();
            let secret = row.client_secret.as_ref().map(|secret| secret.expose().to_owned());
            tx.execute(
                "UPDATE channel_intents SET intent_id = $2, status = $3, client_secret = coalesce($4, client_secret), lease_until = NULL, \
                 updated_at = $5 WHERE payment_no = $1 AND status NOT IN ('succeeded', 'canceled')",
                &[(&no).into(), (&row.intent_id).into(), row.status.as_str().into(), secret.into(), now.into()],
            )
            .await
        });
        write.await.map_err(ProviderError::Store)?;
        Ok(intent)
    }

    /// Nothing was made: the next try starts from nothing.
    async fn forget(&self, payment_no: &str) -> Result<(), StoreError> {
        let no = payment_no.to_owned();
        let sql = "DELETE FROM channel_intents WHERE payment_no = $1 AND status = 'unknown'";
        self.store.write(Class::Ingress, async move |tx| tx.execute(sql, &[(&no).into()]).await.map(|_| ())).await
    }

    /// Lets others try, soon; with `is_over` only by searching.
    async fn release(&self, payment_no: &str, is_over: bool) -> Result<(), StoreError> {
        let no = payment_no.to_owned();
        let write = self.store.write(Class::Ingress, async move |tx| {
            let now = tx.now();
            let over = is_over.then_some(now);
            tx.execute(
                "UPDATE channel_intents SET lease_until = $2, resend_until = coalesce($3, resend_until), updated_at = $4 \
                 WHERE payment_no = $1 AND status = 'unknown'",
                &[(&no).into(), (now + RESEND_PAUSE).into(), over.into(), now.into()],
            )
            .await
            .map(|_| ())
        });
        write.await
    }

    async fn look(&self, payment_no: &str) -> Result<Option<Intent>, ProviderError> {
        let no = payment_no.to_owned();
        let row = self.store.read(async move |tx| find(tx, &no).await).await?;
        match row.and_then(IntentRow::intent) {
            Some(intent) if !intent.status.is_final() => {
                let seen = self.api.retrieve(&intent.intent_id).await?;
                self.settle(payment_no, seen).await.map(Some)
            }
            settled => Ok(settled),
        }
    }

    async fn close(&self, payment_no: &str) -> Result<Closing, ProviderError> {
        let no = payment_no.to_owned();
        let claimed = self.store.write(Class::Ingress, async move |tx| match find(tx, &no).await? {
            Some(row) => claim(tx, row).await.map(Some),
            None => Ok(None),
        });
        let intent = match claimed.await? {
            None => return Ok(Closing::None),
            // Money on its way arrives or comes back without telling us.
            Some(Claim::Known(intent)) if intent.status.is_moving() => self.look(payment_no).await?.unwrap_or(intent),
            Some(Claim::Known(intent)) => intent,
            // What may exist has to be known before it can be closed: the same create answers it, or makes it once.
            Some(Claim::Send(unanswered)) => match self.send(unanswered).await {
                Err(ProviderError::Refused(_)) => return Ok(Closing::None),
                sent => sent?,
            },
            Some(Claim::Search(unanswered)) => {
                let Some(intent) = self.search(unanswered).await? else {
                    self.forget_closed(payment_no).await?;
                    return Ok(Closing::None);
                };
                intent
            }
        };
        self.close_intent(payment_no, intent).await
    }

    async fn close_intent(&self, payment_no: &str, mut intent: Intent) -> Result<Closing, ProviderError> {
        let key = format!("{payment_no}:cancel");
        // The second round is for an answer that Stripe only repeats from an earlier try: closing twice is harmless.
        for key in [Some(key.as_str()), None] {
            if let Some(closing) = closing_of(&intent) {
                return Ok(closing);
            }
            let is_replayed = match self.api.cancel(&intent.intent_id, key).await {
                Ok(seen) => {
                    intent = self.settle(payment_no, seen).await?;
                    continue;
                }
                Err(StripeError::Refused { is_replayed, .. } | StripeError::UnknownOutcome { is_replayed, .. }) => is_replayed,
                Err(error) => return Err(error.into()),
            };
            let seen = self.api.retrieve(&intent.intent_id).await?;
            intent = self.settle(payment_no, seen).await?;
            if !is_replayed {
                break;
            }
        }
        closing_of(&intent).ok_or_else(|| ProviderError::Unavailable("stripe did not close the intent".to_owned()))
    }

    /// Drops a create of which no trace was found, where none can follow it.
    async fn forget_closed(&self, payment_no: &str) -> Result<(), StoreError> {
        let no = payment_no.to_owned();
        let sql = "DELETE FROM channel_intents WHERE payment_no = $1 AND status = 'unknown' \
                   AND EXISTS (SELECT 1 FROM channel_closed WHERE channel_closed.payment_no = $1)";
        self.store.write(Class::Ingress, async move |tx| tx.execute(sql, &[(&no).into()]).await.map(|_| ())).await
    }
}

impl Provider for Live {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Stripe
    }

    fn create<'a>(&'a self, payment: &'a NewIntent) -> BoxFuture<'a, Result<Intent, ProviderError>> {
        Box::pin(self.make(payment))
    }

    fn retrieve<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<Intent>, ProviderError>> {
        Box::pin(self.look(payment_no))
    }

    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Closing, ProviderError>> {
        Box::pin(self.close(payment_no))
    }
}

impl From<StripeError> for ProviderError {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Refused { code, .. } => Self::Refused(code),
            StripeError::Transient(reason) => Self::Unavailable(reason),
            StripeError::UnknownOutcome { reason, .. } => Self::UnknownOutcome(reason),
        }
    }
}

fn closing_of(intent: &Intent) -> Option<Closing> {
    match intent.status {
        IntentStatus::Canceled => Some(Closing::Closed(intent.intent_id.clone())),
        IntentStatus::Succeeded => Some(Closing::Succeeded(intent.intent_id.clone())),
        status if status.is_moving() => Some(Closing::Processing(intent.intent_id.clone())),
        _ => None,
    }
}

async fn insert(tx: &mut Tx, payment: &NewIntent, request: &str) -> Result<Claim, ProviderError> {
    let now = tx.now();
    let resend_until = now + RESEND;
    let inserted = tx
        .execute(
            "INSERT INTO channel_intents \
             (intent_id, payment_no, merchant_id, order_no, provider, amount, currency, status, request, resend_until, lease_until, \
              created_at, updated_at) \
             VALUES ($1, $1, $2, $3, 'stripe', $4, $5, 'unknown', $6, $7, $8, $9, $9) ON CONFLICT DO NOTHING",
            &[
                (&payment.payment_no).into(),
                payment.merchant_id.into(),
                (&payment.order_no).into(),
                payment.amount.minor.into(),
                payment.amount.currency.into(),
                request.into(),
                resend_until.into(),
                (now + LEASE).into(),
                now.into(),
            ],
        )
        .await?;
    if inserted == 0 {
        return Err(ProviderError::InProgress);
    }
    let payment_no = payment.payment_no.clone();
    Ok(Claim::Send(Unanswered { payment_no, request: request.to_owned(), is_first: true, since: now, resend_until }))
}

/// What to do about a row that exists; an unanswered one is held by this caller from now on.
async fn claim(tx: &mut Tx, row: IntentRow) -> Result<Claim, ProviderError> {
    let now = tx.now();
    if row.provider != ProviderKind::Stripe.as_str() {
        return Err(ProviderError::Unavailable("the intent belongs to another provider".to_owned()));
    }
    let (Some(request), Some(resend_until)) = (row.request.clone(), row.resend_until) else {
        return Err(StoreError::Column(10).into());
    };
    let (payment_no, since) = (row.payment_no.clone(), row.created_at);
    if let Some(intent) = row.intent() {
        return Ok(Claim::Known(intent));
    }
    let held = tx
        .execute(
            "UPDATE channel_intents SET lease_until = $2, updated_at = $3 \
             WHERE payment_no = $1 AND status = 'unknown' AND (lease_until IS NULL OR lease_until <= $3)",
            &[(&payment_no).into(), Value::from(now + LEASE), now.into()],
        )
        .await?;
    if held == 0 {
        return Err(ProviderError::InProgress);
    }
    let unanswered = Unanswered { payment_no, request, is_first: false, since, resend_until };
    Ok(if now < resend_until { Claim::Send(unanswered) } else { Claim::Search(unanswered) })
}
