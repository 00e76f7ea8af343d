use futures_util::future::BoxFuture;

use crate::config::Secret;
use crate::domain::{MerchantId, Money};
use crate::store::StoreError;

/// Who holds the intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// Built in; moves no money.
    Sandbox,
    /// The real one.
    Stripe,
}

impl ProviderKind {
    /// The name in tables and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Stripe => "stripe",
        }
    }
}

/// Where an intent stands, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentStatus {
    /// Waits for the payer to choose how to pay.
    RequiresPaymentMethod,
    /// Waits to be confirmed.
    RequiresConfirmation,
    /// Waits for the payer's bank.
    RequiresAction,
    /// The money is reserved and waits to be taken.
    RequiresCapture,
    /// The money is on its way.
    Processing,
    /// The money moved.
    Succeeded,
    /// Closed; it can never be paid.
    Canceled,
    /// Ours: the create had no answer, so there may be an intent or none.
    Unknown,
}

impl IntentStatus {
    /// The word itself.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }

    /// The status of this word.
    pub fn parse(word: &str) -> Option<Self> {
        const ALL: [IntentStatus; 8] = [
            IntentStatus::RequiresPaymentMethod,
            IntentStatus::RequiresConfirmation,
            IntentStatus::RequiresAction,
            IntentStatus::RequiresCapture,
            IntentStatus::Processing,
            IntentStatus::Succeeded,
            IntentStatus::Canceled,
            IntentStatus::Unknown,
        ];
        ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the payer can still pay.
    pub const fn is_payable(self) -> bool {
        matches!(self, Self::RequiresPaymentMethod | Self::RequiresConfirmation | Self::RequiresAction)
    }

    /// Whether the money is on its way, so that nothing can be closed.
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresCapture)
    }

    /// Whether it never changes again.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }
}

/// What an intent is made for. Everything the channel is told is in here, so that a create can be re-sent unchanged.
#[derive(Debug, Clone)]
pub struct NewIntent {
    /// `PY…`
    pub payment_no: String,
    /// Whose payment it is.
    pub merchant_id: MerchantId,
    /// The merchant's order number.
    pub order_no: String,
    /// What is to be paid.
    pub amount: Money,
}

/// An intent as the channel sees it.
#[derive(Debug, Clone)]
pub struct Intent {
    /// `pi_…`
    pub intent_id: String,
    /// Where it stands.
    pub status: IntentStatus,
    /// Whether the payer was declined; in the sandbox that is for good.
    pub is_declined: bool,
    /// What the payer's browser shows to the channel.
    pub client_secret: Option<Secret>,
}

/// What closing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// There is no intent.
    None,
    /// The intent, by its id, can never be paid any more.
    Closed(String),
    /// The money of this intent is on its way: nothing can be closed.
    Processing(String),
    /// The money of this intent moved.
    Succeeded(String),
}

impl Closing {
    /// The word on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Closed(_) => "closed",
            Self::Processing(_) => "processing",
            Self::Succeeded(_) => "succeeded",
        }
    }

    /// The intent, where there is one.
    pub fn intent_id(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Closed(id) | Self::Processing(id) | Self::Succeeded(id) => Some(id),
        }
    }
}

/// Why the provider did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderError {
    /// The page was closed: no intent is made any more.
    #[error("the payment's page is closed")]
    Closed,
    /// Somebody else is asking for the same intent at this moment.
    #[error("the payment's intent is being made")]
    InProgress,
    /// Declined or invalid; asking again as it stands will not help. Carries the channel's code.
    #[error("the channel refused: {0}")]
    Refused(String),
    /// Nothing happened at the channel, and later it may.
    #[error("the channel cannot be used at present: {0}")]
    Unavailable(String),
    /// It was sent, and nobody knows what came of it.
    #[error("the channel did not say what happened: {0}")]
    UnknownOutcome(String),
    /// Our own database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A channel that holds one intent for each payment.
///
/// Every call is safe to repeat: a second create answers the first one's intent, a second cancel what the first came to.
pub trait Provider: Send + Sync + 'static {
    /// Who it is.
    fn kind(&self) -> ProviderKind;

    /// The payment's one intent, made now unless it exists already.
    fn create<'a>(&'a self, payment: &'a NewIntent) -> BoxFuture<'a, Result<Intent, ProviderError>>;

    /// The payment's intent as it stands at the channel; none also while a create has no answer.
    fn retrieve<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<Intent>, ProviderError>>;

    /// Closes the payment's intent, unless its money is moving.
    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Closing, ProviderError>>;
}
