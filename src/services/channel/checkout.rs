use std::sync::Arc;

use crate::config::Ambient;
use crate::domain::{Money, PaymentStatus};
use crate::store::{Class, Store, StoreError};
use crate::telemetry::{self, CHANNEL_INTENTS};

use super::client::{GatewayClient, GatewayError, GatewayPayment, IntentNews};
use super::provider::{Closing, Intent, NewIntent, Provider, ProviderError};
use super::sandbox::{Act, Acted, Sandbox};
use super::store::{close, is_closed};

/// What the checkout page and the internal routes do, on top of a provider and the gateway.
pub(super) struct Checkout {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) gateway: Arc<dyn GatewayClient>,
    pub(super) provider: Arc<dyn Provider>,
    /// The same provider again, where it is the built-in one: only it lets the page itself pay.
    pub(super) sandbox: Option<Sandbox>,
}

/// What a payer can do about a payment.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// Pay, decline or cancel.
    Ready(Intent),
    /// Wait: the channel or the gateway is at work.
    Waiting(Option<Intent>),
    /// Nothing: the payment stands still in this status.
    Settled(PaymentStatus),
}

/// A payment and what its payer can do.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) payment: GatewayPayment,
    pub(super) stage: Stage,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum CheckoutError {
    #[error("no such payment")]
    NotFound,
    /// The gateway tells of an intent that is not ours.
    #[error("the gateway knows another intent")]
    Foreign,
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl From<StoreError> for CheckoutError {
    fn from(error: StoreError) -> Self {
        Self::Provider(ProviderError::Store(error))
    }
}

impl Checkout {
    /// The payment as its page shows it; a pending payment gets its intent by this.
    pub(super) async fn show(&self, payment_no: &str) -> Result<Shown, CheckoutError> {
        let payment = self.payment(payment_no).await?;
        if !matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Processing) {
            let stage = Stage::Settled(payment.status);
            return Ok(Shown { payment, stage });
        }
        let intent = match self.intent_of(&payment).await? {
            None if payment.status == PaymentStatus::Pending => self.make(&payment).await?,
            known => known,
        };
        match intent {
            Some(intent) => self.tell(payment, intent).await,
            None if payment.expires_at <= self.ambient.now() => Ok(Shown { payment, stage: Stage::Settled(PaymentStatus::Expired) }),
            None => Ok(Shown { payment, stage: Stage::Waiting(None) }),
        }
    }

    /// What the payer does on the sandbox's page. A second click, a second tab and the back button change nothing more.
    pub(super) async fn act(&self, payment_no: &str, act: Act) -> Result<(), CheckoutError> {
        let Some(sandbox) = &self.sandbox else { return Ok(()) };
        if sandbox.act(payment_no, act).await? == Acted::NoIntent {
            self.show(payment_no).await?;
            sandbox.act(payment_no, act).await?;
        }
        Ok(())
    }

    /// The payer gives up; the gateway learns it from the channel's webhook.
    pub(super) async fn cancel(&self, payment_no: &str) -> Result<(), CheckoutError> {
        if self.provider.cancel(payment_no).await? == Closing::None {
            self.show(payment_no).await?;
            self.provider.cancel(payment_no).await?;
        }
        Ok(())
    }

    /// Closes page and intent. The page first and committed: an intent that is made meanwhile finds it closed.
    pub(super) async fn close(&self, payment_no: &str) -> Result<Closing, CheckoutError> {
        let no = payment_no.to_owned();
        self.store.write(Class::Ingress, async move |tx| close(tx, &no).await).await?;
        Ok(self.provider.cancel(payment_no).await?)
    }

    async fn payment(&self, payment_no: &str) -> Result<GatewayPayment, CheckoutError> {
        self.gateway.payment(payment_no).await?.ok_or(CheckoutError::NotFound)
    }

    /// The intent that exists, as it stands.
    async fn intent_of(&self, payment: &GatewayPayment) -> Result<Option<Intent>, CheckoutError> {
        let intent = self.provider.retrieve(&payment.payment_no).await?;
        match (&payment.intent_id, intent) {
            (Some(told), Some(intent)) if *told == intent.intent_id => Ok(Some(intent)),
            (None, intent) => Ok(intent),
            (Some(_), _) => Err(CheckoutError::Foreign),
        }
    }

    /// Makes the intent of a pending payment; none where none may be made, or while nobody knows whether it was.
    async fn make(&self, payment: &GatewayPayment) -> Result<Option<Intent>, CheckoutError> {
        if payment.expires_at <= self.ambient.now() {
            return Ok(None);
        }
        let wanted = NewIntent {
            payment_no: payment.payment_no.clone(),
            merchant_id: payment.merchant_id,
            order_no: payment.order_no.clone(),
            amount: Money::new(payment.amount, payment.currency),
        };
        match self.provider.create(&wanted).await {
            Ok(intent) => {
                telemetry::count(&CHANNEL_INTENTS, &[("provider", self.provider.kind().as_str())], 1);
                Ok(Some(intent))
            }
            Err(ProviderError::Closed | ProviderError::InProgress) => Ok(None),
            Err(ProviderError::UnknownOutcome(reason)) => {
                tracing::warn!(payment.id = payment.payment_no, reason, "the create of an intent had no answer; it goes out again");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the gateway of an intent that it does not know yet; an intent that it does not take is closed.
    async fn tell(&self, payment: GatewayPayment, intent: Intent) -> Result<Shown, CheckoutError> {
        if payment.intent_id.is_some() || intent.status.is_final() {
            let stage = stage_of(intent);
            return Ok(Shown { payment, stage });
        }
        let payment_no = payment.payment_no.clone();
        let no = payment_no.clone();
        if self.store.read(async move |tx| is_closed(tx, &no).await).await? {
            // Whoever closed the page may have looked before this intent was there.
            self.provider.cancel(&payment_no).await?;
            return Ok(Shown { payment, stage: Stage::Waiting(Some(intent)) });
        }
        match self.gateway.store_intent(&payment_no, &intent.intent_id, self.provider.kind().as_str()).await? {
            IntentNews::Taken => {
                let payment = GatewayPayment { intent_id: Some(intent.intent_id.clone()), ..payment };
                Ok(Shown { payment, stage: stage_of(intent) })
            }
            IntentNews::Refused => self.refused(&payment_no, intent).await,
        }
    }

    async fn refused(&self, payment_no: &str, intent: Intent) -> Result<Shown, CheckoutError> {
        let payment = self.payment(payment_no).await?;
        // Another tab may have been faster with the same intent: that is no refusal.
        let is_known = payment.intent_id.as_deref() == Some(intent.intent_id.as_str());
        if !is_known {
            self.provider.cancel(payment_no).await?;
        }
        let stage = match payment.status {
            PaymentStatus::Pending | PaymentStatus::Processing if is_known => stage_of(intent),
            PaymentStatus::Pending | PaymentStatus::Processing => Stage::Waiting(Some(intent)),
            status => Stage::Settled(status),
        };
        Ok(Shown { payment, stage })
    }
}

fn stage_of(intent: Intent) -> Stage {
    if intent.status.is_payable() && !intent.is_declined { Stage::Ready(intent) } else { Stage::Waiting(Some(intent)) }
}
