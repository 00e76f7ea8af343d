use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;

use crate::config::Ambient;
use crate::domain::to_stripe;
use crate::store::{Class, Store, StoreError, Tx, Value};

use super::event::{SandboxEvent, announce};
use super::provider::{Closing, Intent, IntentStatus, NewIntent, Provider, ProviderError, ProviderKind};
use super::store::{COLUMNS, IntentRow, find, is_closed};

/// The built-in channel: intents are rows, and each change commits together with the webhook that tells of it.
#[derive(Clone)]
pub(super) struct Sandbox {
    store: Store,
    ambient: Ambient,
    /// Wakes whoever delivers the webhooks.
    announced: Arc<Notify>,
}

/// What the payer does on the sandbox's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Pay,
    Decline,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acted {
    /// The intent changed.
    Done,
    /// The intent was paid, declined or closed before: nothing changed.
    Settled,
    /// No intent was made yet.
    NoIntent,
}

/// The change of an intent, and the event that tells of it.
struct Change {
    status: IntentStatus,
    last_error: Option<&'static str>,
    event: SandboxEvent,
}

impl Sandbox {
    /// The sandbox over `store`; `announced` is notified when a webhook was written.
    pub(super) const fn new(store: Store, ambient: Ambient, announced: Arc<Notify>) -> Self {
        Self { store, ambient, announced }
    }

    /// Pays or declines the payment's intent, once: whatever comes second finds it settled.
    pub(super) async fn act(&self, payment_no: &str, act: Act) -> Result<Acted, StoreError> {
        let change = match act {
            Act::Pay => Change { status: IntentStatus::Succeeded, last_error: None, event: SandboxEvent::Succeeded },
            Act::Decline => Change {
                status: IntentStatus::RequiresPaymentMethod,
                last_error: Some("card_declined"),
                event: SandboxEvent::PaymentFailed,
            },
        };
        // A page that was closed in the meantime takes no money, even if its intent was made while it closed.
        let open = "last_error IS NULL AND NOT EXISTS (SELECT 1 FROM channel_closed WHERE channel_closed.payment_no = $1)";
        let (ambient, no) = (self.ambient.clone(), payment_no.to_owned());
        let acted = self.store.write(Class::Ingress, async move |tx| {
            if apply(tx, &ambient, &no, &change, open).await?.is_some() {
                return Ok(Acted::Done);
            }
            Ok::<_, StoreError>(if find(tx, &no).await?.is_some() { Acted::Settled } else { Acted::NoIntent })
        });
        let acted = acted.await?;
        if acted == Acted::Done {
            self.announced.notify_one();
        }
        Ok(acted)
    }

    async fn make(&self, payment: &NewIntent) -> Result<Intent, ProviderError> {
        to_stripe(payment.amount).map_err(|error| ProviderError::Refused(error.to_string()))?;
        let payment = payment.clone();
        let made = self.store.write(Class::Ingress, async move |tx| {
            if find(tx, &payment.payment_no).await?.is_none() {
                if is_closed(tx, &payment.payment_no).await? {
                    return Err(ProviderError::Closed);
                }
                insert(tx, &payment).await?;
            }
            Ok(find(tx, &payment.payment_no).await?.and_then(IntentRow::intent))
        });
        made.await?.ok_or_else(|| ProviderError::Unavailable("the intent belongs to another provider".to_owned()))
    }

    async fn close(&self, payment_no: &str) -> Result<Closing, ProviderError> {
        let change = Change { status: IntentStatus::Canceled, last_error: None, event: SandboxEvent::Canceled };
        let (ambient, no) = (self.ambient.clone(), payment_no.to_owned());
        let (closing, is_new) = self
            .store
            .write(Class::Ingress, async move |tx| {
                if let Some(row) = apply(tx, &ambient, &no, &change, "true").await? {
                    return Ok((Closing::Closed(row.intent_id), true));
                }
                let closing = find(tx, &no).await?.map_or(Closing::None, |row| match row.status {
                    IntentStatus::Canceled => Closing::Closed(row.intent_id),
                    IntentStatus::Succeeded => Closing::Succeeded(row.intent_id),
                    _ => Closing::Processing(row.intent_id),
                });
                Ok::<_, StoreError>((closing, false))
            })
            .await?;
        if is_new {
            self.announced.notify_one();
        }
        Ok(closing)
    }
}

impl Provider for Sandbox {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Sandbox
    }

    fn create<'a>(&'a self, payment: &'a NewIntent) -> BoxFuture<'a, Result<Intent, ProviderError>> {
        Box::pin(self.make(payment))
    }

    fn retrieve<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<Intent>, ProviderError>> {
        Box::pin(async move {
            let no = payment_no.to_owned();
            let row = self.store.read(async move |tx| find(tx, &no).await).await?;
            Ok(row.and_then(IntentRow::intent))
        })
    }

    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Closing, ProviderError>> {
        Box::pin(self.close(payment_no))
    }
}

async fn insert(tx: &mut Tx, payment: &NewIntent) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO channel_intents \
         (intent_id, payment_no, merchant_id, order_no, provider, amount, currency, status, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, 'sandbox', $5, $6, 'requires_payment_method', $7, $7) ON CONFLICT DO NOTHING",
        &[
            format!("pi_{}", payment.payment_no).into(),
            (&payment.payment_no).into(),
            payment.merchant_id.into(),
            (&payment.order_no).into(),
            payment.amount.minor.into(),
            payment.amount.currency.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes the intent where it still waits for its payer and `condition` holds, and writes the webhook.
async fn apply(
    tx: &mut Tx,
    ambient: &Ambient,
    payment_no: &str,
    change: &Change,
    condition: &'static str,
) -> Result<Option<IntentRow>, StoreError> {
    let now = tx.now();
    let sql = format!(
        "UPDATE channel_intents SET status = $2, last_error = coalesce($3, last_error), updated_at = $4 \
         WHERE payment_no = $1 AND provider = 'sandbox' AND status = 'requires_payment_method' AND {condition} RETURNING {COLUMNS}"
    );
    let params = [payment_no.into(), change.status.as_str().into(), Value::from(change.last_error), now.into()];
    let Some(row) = tx.query_one(&sql, &params).await? else { return Ok(None) };
    let row = IntentRow::read(&row)?;
    announce(tx, ambient.uuid(), change.event, &row).await?;
    Ok(Some(row))
}
