use std::fmt::Write as _;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde::Deserialize;

use crate::config::{Secret, StripeConfig};
use crate::domain::{StripeAmountError, Timestamp, to_stripe};

use super::client::{http_client, innermost};
use super::provider::{IntentStatus, NewIntent};
use super::pulse::Pulse;

/// The version of Stripe's API that this client was written for; Stripe keeps answering in it.
pub(super) const STRIPE_VERSION: &str = "2025-03-31.basil";
const PAGE_LIMIT: &str = "100";
/// Pages looked through for one lost intent.
const PAGES_MAX: usize = 100;

/// How long a call may take: less than the gateway waits for the channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeouts {
    pub(super) connect: Duration,
    pub(super) call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), call: Duration::from_secs(10) }
    }
}

/// What came of a call that did not succeed; nothing else can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum StripeError {
    /// Declined or invalid: a definite no.
    #[error("stripe refused with {code}")]
    Refused {
        /// Stripe's code, or its type.
        code: String,
        /// Whether Stripe only repeated what it had said to the same key.
        is_replayed: bool,
    },
    /// Nothing was done, and trying again may help.
    #[error("stripe cannot be used at present: {0}")]
    Transient(String),
    /// It was sent, and what came of it is unknown.
    #[error("stripe did not say what happened: {reason}")]
    UnknownOutcome {
        /// What was seen instead of an answer.
        reason: String,
        /// Whether Stripe only repeated what it had said to the same key, so that asking with it again is pointless.
        is_replayed: bool,
    },
}

/// An intent as Stripe tells it.
#[derive(Debug, Clone)]
pub(super) struct StripeIntent {
    pub(super) intent_id: String,
    pub(super) status: IntentStatus,
    pub(super) client_secret: Option<Secret>,
}

/// Stripe's API, as much of it as the channel needs.
pub(super) struct StripeApi {
    http: reqwest::Client,
    base: String,
    key: Secret,
    pulse: Pulse,
}

#[derive(Deserialize)]
struct IntentBody {
    id: String,
    status: String,
    client_secret: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    payment_no: Option<String>,
}

#[derive(Deserialize)]
struct ListBody {
    data: Vec<IntentBody>,
    has_more: bool,
}

#[derive(Deserialize)]
struct ErrorEnvelope {
    error: ErrorBody,
}

#[derive(Default, Deserialize)]
struct ErrorBody {
    r#type: Option<String>,
    code: Option<String>,
}

/// The body of a create: made once and kept, so that it can be sent again unchanged.
pub(super) fn create_request(payment: &NewIntent) -> Result<String, StripeAmountError> {
    let amount = to_stripe(payment.amount)?.to_string();
    let merchant_id = payment.merchant_id.to_string();
    let currency = payment.amount.currency.as_str().to_ascii_lowercase();
    let fields = [
        ("amount", amount.as_str()),
        ("currency", currency.as_str()),
        ("automatic_payment_methods[enabled]", "true"),
        ("metadata[payment_no]", payment.payment_no.as_str()),
        ("metadata[order_no]", payment.order_no.as_str()),
        ("metadata[merchant_id]", merchant_id.as_str()),
    ];
    Ok(fields.map(|(name, value)| format!("{}={}", form_encoded(name), form_encoded(value))).join("&"))
}

impl StripeApi {
    /// The API that `config` names, with `key`.
    pub(super) fn new(config: &StripeConfig, key: Secret, timeouts: Timeouts, pulse: Pulse) -> Result<Self, reqwest::Error> {
        let base = config.api_base.trim_end_matches('/').to_owned();
        let http = http_client(&base).connect_timeout(timeouts.connect).timeout(timeouts.call).build()?;
        Ok(Self { http, base, key, pulse })
    }

    /// Makes an intent, or gets the one that was made under the same key.
    pub(super) async fn create(&self, idempotency_key: &str, request: String) -> Result<StripeIntent, StripeError> {
        let call = self.http.post(self.url("")).header("idempotency-key", idempotency_key);
        let call = call.header("content-type", "application/x-www-form-urlencoded").body(request);
        self.call::<IntentBody>(call).await.and_then(intent)
    }

    /// The intent as it stands.
    pub(super) async fn retrieve(&self, intent_id: &str) -> Result<StripeIntent, StripeError> {
        self.call::<IntentBody>(self.http.get(self.url(&format!("/{intent_id}")))).await.and_then(intent)
    }

    /// Closes the intent.
    pub(super) async fn cancel(&self, intent_id: &str, idempotency_key: Option<&str>) -> Result<StripeIntent, StripeError> {
        let mut call = self.http.post(self.url(&format!("/{intent_id}/cancel")));
        if let Some(key) = idempotency_key {
            call = call.header("idempotency-key", key);
        }
        self.call::<IntentBody>(call.form(&[("cancellation_reason", "abandoned")])).await.and_then(intent)
    }

    /// Looks for the payment's intent among all that were made in a time. Only a complete search finds nothing.
    pub(super) async fn search(&self, payment_no: &str, from: Timestamp, to: Timestamp) -> Result<Option<StripeIntent>, StripeError> {
        let window = [("created[gte]", from.timestamp().to_string()), ("created[lte]", to.timestamp().to_string())];
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut call = self.http.get(self.url("")).query(&window).query(&[("limit", PAGE_LIMIT)]);
            if let Some(after) = &after {
                call = call.query(&[("starting_after", after)]);
            }
            let page = self.call::<ListBody>(call).await?;
            after = page.data.last().map(|last| last.id.clone()).filter(|_| page.has_more);
            let found = page.data.into_iter().find(|body| body.metadata.payment_no.as_deref() == Some(payment_no));
            if let Some(found) = found {
                return intent(found).map(Some);
            }
            if after.is_none() {
                return Ok(None);
            }
        }
        Err(StripeError::Transient("too many intents to look through".to_owned()))
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/v1/payment_intents{rest}", self.base)
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, StripeError> {
        let answer = self.send(request).await;
        match &answer {
            Ok(_) | Err(StripeError::Refused { .. }) => self.pulse.is_well(),
            Err(StripeError::Transient(reason) | StripeError::UnknownOutcome { reason, .. }) => self.pulse.is_ill(reason),
        }
        answer
    }

    async fn send<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, StripeError> {
        let request = request.bearer_auth(self.key.expose()).header("stripe-version", STRIPE_VERSION);
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let is_replayed = header("idempotent-replayed") == Some("true");
        let request_id = header("request-id").unwrap_or_default().to_owned();
        let body = response.bytes().await.map_err(|error| unknown(innermost(&error)))?;
        if (200..300).contains(&status) {
            return serde_json::from_slice(&body).map_err(|_| unknown(format!("status {status} with a body that cannot be read")));
        }
        let error = serde_json::from_slice::<ErrorEnvelope>(&body).map(|envelope| envelope.error).unwrap_or_default();
        let error = refusal(status, error, is_replayed);
        tracing::warn!(stripe.request_id = request_id, http.status = status, error = %error, "stripe call failed");
        Err(error)
    }
}

/// The one place that says what a status means.
fn refusal(status: u16, error: ErrorBody, is_replayed: bool) -> StripeError {
    let kind = error.r#type.unwrap_or_default();
    let code = error.code.unwrap_or_else(|| kind.clone());
    match status {
        // Another body went out under the same key: something was made, but not by this request.
        400 if kind == "idempotency_error" => StripeError::UnknownOutcome { reason: code, is_replayed: true },
        401 | 403 => StripeError::Transient("stripe does not accept the API key".to_owned()),
        429 => StripeError::Transient("stripe asks for fewer calls".to_owned()),
        // A call under the same key is still running.
        409 => StripeError::UnknownOutcome { reason: code, is_replayed: false },
        400..500 => StripeError::Refused { code: if code.is_empty() { format!("status {status}") } else { code }, is_replayed },
        _ => StripeError::UnknownOutcome { reason: format!("status {status}"), is_replayed },
    }
}

fn unanswered(error: &reqwest::Error) -> StripeError {
    let reason = innermost(error);
    // Without a connection nothing was sent.
    if error.is_connect() || error.is_builder() { StripeError::Transient(reason) } else { unknown(reason) }
}

const fn unknown(reason: String) -> StripeError {
    StripeError::UnknownOutcome { reason, is_replayed: false }
}

fn intent(body: IntentBody) -> Result<StripeIntent, StripeError> {
    let status = IntentStatus::parse(&body.status).filter(|status| *status != IntentStatus::Unknown);
    let is_id = body.id.starts_with("pi_") && body.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match status {
        Some(status) if is_id => Ok(StripeIntent { intent_id: body.id, status, client_secret: body.client_secret.map(Secret::new) }),
        _ => Err(unknown("an intent of a form that is not known here".to_owned())),
    }
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
