use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::config::Secret;
use crate::domain::{Currency, MerchantId, PaymentStatus, Timestamp};
use crate::telemetry;

use super::pulse::Pulse;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const IDLE_CONNECTIONS_MAX: usize = 64;

/// A payment as the gateway tells it to the channel.
#[derive(Debug, Clone, Deserialize)]
pub struct GatewayPayment {
    /// `PY…`
    pub payment_no: String,
    /// Whose payment it is.
    pub merchant_id: MerchantId,
    /// The merchant's order number.
    pub order_no: String,
    /// In minor units.
    pub amount: i64,
    /// The currency that the minor unit belongs to.
    pub currency: Currency,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What is being paid, in the merchant's words.
    pub description: Option<String>,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    /// The intent that the gateway knows of.
    pub intent_id: Option<String>,
    /// When it expires, while no intent was made.
    pub expires_at: Timestamp,
}

/// What the gateway says to an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentNews {
    /// It is the payment's intent now, or was already.
    Taken,
    /// The payment does not take this intent.
    Refused,
}

/// Why the gateway could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GatewayError {
    /// It does not answer.
    #[error("the gateway does not answer: {0}")]
    Unreachable(String),
    /// It answers something that makes no sense here.
    #[error("the gateway answered {status} {name}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// The error's name, where there was one.
        name: String,
    },
}

/// What the channel asks of the gateway.
pub trait GatewayClient: Send + Sync + 'static {
    /// The payment, where there is one.
    fn payment<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<GatewayPayment>, GatewayError>>;

    /// Tells the gateway of the payment's intent.
    fn store_intent<'a>(
        &'a self,
        payment_no: &'a str,
        intent_id: &'a str,
        provider: &'a str,
    ) -> BoxFuture<'a, Result<IntentNews, GatewayError>>;

    /// Posts a webhook; done once the gateway has answered 2xx.
    fn deliver(&self, body: String, signature: String) -> BoxFuture<'_, Result<(), GatewayError>>;
}

/// The gateway over HTTP.
pub(super) struct HttpGateway {
    http: reqwest::Client,
    base: String,
    token: Secret,
    pulse: Pulse,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl HttpGateway {
    /// The gateway at `base`, shown `token`.
    pub(super) fn new(base: String, token: Secret, pulse: Pulse) -> Result<Self, reqwest::Error> {
        // A platform's own traffic does not leave through a proxy.
        let http = http_client(&base).no_proxy().connect_timeout(CONNECT_TIMEOUT).timeout(CALL_TIMEOUT).build()?;
        Ok(Self { http, base, token, pulse })
    }

    async fn get_payment(&self, payment_no: &str) -> Result<Option<GatewayPayment>, GatewayError> {
        let request = self.http.get(format!("{}/internal/payments/{payment_no}", self.base));
        let (status, body) = self.send(request.header("x-internal-token", self.token.expose())).await?;
        match status {
            200..300 => read::<Envelope<GatewayPayment>>(status, &body).map(|envelope| Some(envelope.data)),
            _ => match refusal(status, &body) {
                GatewayError::Unexpected { status: 404, name } if name == "PAYMENT_NOT_FOUND" => Ok(None),
                other => Err(other),
            },
        }
    }

    async fn post_intent(&self, payment_no: &str, intent_id: &str, provider: &str) -> Result<IntentNews, GatewayError> {
        let request = self.http.post(format!("{}/internal/payments/{payment_no}/intent", self.base));
        let request = request.header("x-internal-token", self.token.expose());
        let (status, body) = self.send(request.json(&json!({ "intent_id": intent_id, "provider": provider }))).await?;
        match status {
            200..300 => Ok(IntentNews::Taken),
            409 => Ok(IntentNews::Refused),
            _ => Err(refusal(status, &body)),
        }
    }

    async fn post_webhook(&self, body: String, signature: String) -> Result<(), GatewayError> {
        let request = self.http.post(format!("{}/webhooks/stripe", self.base)).header("content-type", "application/json");
        let (status, answer) = self.send(request.header("stripe-signature", signature).body(body)).await?;
        if (200..300).contains(&status) { Ok(()) } else { Err(refusal(status, &answer)) }
    }

    /// The status and the whole body: a body left unread would cost the connection.
    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), GatewayError> {
        let request = match telemetry::outgoing() {
            Some(traceparent) => request.header("traceparent", traceparent),
            None => request,
        };
        let answer = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.bytes().await?.to_vec()))
        };
        match answer.await {
            Ok(answer) => {
                self.pulse.is_well();
                Ok(answer)
            }
            Err(error) => {
                let reason = innermost(&error);
                self.pulse.is_ill(&reason);
                Err(GatewayError::Unreachable(reason))
            }
        }
    }
}

impl GatewayClient for HttpGateway {
    fn payment<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<Option<GatewayPayment>, GatewayError>> {
        Box::pin(self.get_payment(payment_no))
    }

    fn store_intent<'a>(
        &'a self,
        payment_no: &'a str,
        intent_id: &'a str,
        provider: &'a str,
    ) -> BoxFuture<'a, Result<IntentNews, GatewayError>> {
        Box::pin(self.post_intent(payment_no, intent_id, provider))
    }

    fn deliver(&self, body: String, signature: String) -> BoxFuture<'_, Result<(), GatewayError>> {
        Box::pin(self.post_webhook(body, signature))
    }
}

/// What every client of the channel starts from: ring for TLS, no redirects.
pub(super) fn http_client(base: &str) -> reqwest::ClientBuilder {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX);
    // In clear text nothing is verified, so a machine without certificates can still run the platform on loopback.
    if base.starts_with("https://") { builder } else { builder.tls_certs_only([]) }
}

/// The end of an error's chain: what the system said, without the URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|_| GatewayError::Unexpected { status, name: "with a body that cannot be read".to_owned() })
}

fn refusal(status: u16, body: &[u8]) -> GatewayError {
    let name = serde_json::from_slice::<Refusal>(body).map_or_else(|_| String::new(), |refusal| refusal.error);
    GatewayError::Unexpected { status, name }
}
