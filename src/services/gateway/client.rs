use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::config::Secret;
use crate::telemetry;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The channel asks Stripe in turn, which may take some seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How the channel stands with a payment after it was asked to close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelState {
    /// There is no intent, and none will be made any more.
    None,
    /// The intent is closed.
    Closed,
    /// The payer's bank is at it: the payment follows the channel.
    Processing,
    /// The payer has paid.
    Succeeded,
}

impl ChannelState {
    /// Whether nobody can pay any more.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::None | Self::Closed)
    }

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Closed => "closed",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
        }
    }
}

/// The channel gave no usable answer; what it did is unknown.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the channel gave no answer: {0}")]
pub struct ChannelUnreachable(pub String);

/// What the gateway asks of the channel.
pub trait ChannelClient: Send + Sync {
    /// Closes the payment's page and intent, and tells how it stands then; asking again does no harm.
    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<ChannelState, ChannelUnreachable>>;
}

/// The channel behind its HTTP routes.
pub(super) struct HttpChannel {
    http: reqwest::Client,
    base: String,
    internal_token: Secret,
}

#[derive(Deserialize)]
struct Answer {
    data: Cancelled,
}

#[derive(Deserialize)]
struct Cancelled {
    state: ChannelState,
}

impl HttpChannel {
    /// The channel at `base`, such as `http://127.0.0.1:40005`.
    pub(super) fn new(base: String, internal_token: Secret) -> Self {
        // Fails only where another part of the process has chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).no_proxy();
        // Without certificates on the machine a client for https cannot be made; one that trusts nobody says so at each call.
        let http = if base.starts_with("https://") { client().build() } else { client().tls_certs_only([]).build() };
        let http = http.or_else(|_| client().tls_certs_only([]).build()).unwrap_or_default();
        Self { http, base, internal_token }
    }

    async fn ask(&self, payment_no: &str) -> Result<ChannelState, reqwest::Error> {
        let url = format!("{}/api/v1/channel/payments/{payment_no}/cancel", self.base);
        let mut request = self.http.post(url).header("x-internal-token", self.internal_token.expose());
        if let Some(traceparent) = telemetry::outgoing() {
            request = request.header("traceparent", traceparent);
        }
        let response = request.send().await?;
        Ok(response.error_for_status()?.json::<Answer>().await?.data.state)
    }
}

impl ChannelClient for HttpChannel {
    fn cancel<'a>(&'a self, payment_no: &'a str) -> BoxFuture<'a, Result<ChannelState, ChannelUnreachable>> {
        Box::pin(async move { self.ask(payment_no).await.map_err(|error| ChannelUnreachable(error.without_url().to_string())) })
    }
}
