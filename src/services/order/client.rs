use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use crate::config::Secret;
use crate::domain::PaymentStatus;
use crate::http::{ApiError, ErrorCode};
use crate::telemetry;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The gateway asks the channel in turn, which asks Stripe.
const TIMEOUT: Duration = Duration::from_secs(20);

/// On whose behalf the gateway is asked.
pub(super) struct OnBehalf {
    /// The caller's own API key: the gateway decides what it may do.
    pub(super) api_key: Secret,
    /// The trace that the call belongs to.
    pub(super) trace_id: String,
}

/// A payment as the gateway answers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct GatewayPayment {
    pub(super) payment_no: String,
    pub(super) status: PaymentStatus,
    pub(super) payment_url: String,
}

/// What orders ask of the gateway. Its refusals are passed on as they are.
pub(super) trait GatewayClient: Send + Sync {
    /// The newest payments of an order, newest first.
    fn payments_of<'a>(&'a self, caller: &'a OnBehalf, order_no: &'a str) -> BoxFuture<'a, Result<Vec<GatewayPayment>, ApiError>>;

    /// Makes a payment.
    fn create<'a>(&'a self, caller: &'a OnBehalf, body: &'a Value) -> BoxFuture<'a, Result<GatewayPayment, ApiError>>;

    /// Cancels a payment, at the channel first.
    fn cancel<'a>(&'a self, caller: &'a OnBehalf, payment_no: &'a str) -> BoxFuture<'a, Result<GatewayPayment, ApiError>>;
}

/// The gateway behind its HTTP routes.
pub(super) struct HttpGateway {
    http: reqwest::Client,
    base: String,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Listed {
    list: Vec<GatewayPayment>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    message: String,
    #[serde(default)]
    details: Value,
}

impl HttpGateway {
    /// The gateway at `base`, such as `http://127.0.0.1:40003`.
    pub(super) fn new(base: String) -> Self {
        // Fails only where another part of the process has chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            let builder = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).no_proxy();
            builder.redirect(reqwest::redirect::Policy::none())
        };
        // Without certificates on the machine a client for https cannot be made; one that trusts nobody says so at each call.
        let http = if base.starts_with("https://") { client().build() } else { client().tls_certs_only([]).build() };
        Self { http: http.or_else(|_| client().tls_certs_only([]).build()).unwrap_or_default(), base }
    }

    async fn ask<T: for<'de> Deserialize<'de>>(&self, caller: &OnBehalf, request: reqwest::RequestBuilder) -> Result<T, ApiError> {
        let request = request.header("x-api-key", caller.api_key.expose()).header("traceparent", traceparent(&caller.trace_id));
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| unreachable(&error))?;
        if status.is_success() {
            return serde_json::from_slice::<Answer<T>>(&body).map(|answer| answer.data).map_err(|_| no_answer());
        }
        let known =
            serde_json::from_slice::<Refusal>(&body).ok().and_then(|refusal| Some((code(status.as_u16(), &refusal.error)?, refusal)));
        let Some((code, refusal)) = known.filter(|_| status.is_client_error()) else {
            tracing::warn!(status = status.as_u16(), "the gateway failed a request");
            return Err(no_answer());
        };
        Err(ApiError { code, message: refusal.message, details: refusal.details })
    }
}

impl GatewayClient for HttpGateway {
    fn payments_of<'a>(&'a self, caller: &'a OnBehalf, order_no: &'a str) -> BoxFuture<'a, Result<Vec<GatewayPayment>, ApiError>> {
        let request = self.http.get(format!("{}/api/v1/payments", self.base)).query(&[("order_no", order_no), ("page_size", "100")]);
        Box::pin(async move { self.ask::<Listed>(caller, request).await.map(|listed| listed.list) })
    }

    fn create<'a>(&'a self, caller: &'a OnBehalf, body: &'a Value) -> BoxFuture<'a, Result<GatewayPayment, ApiError>> {
        let request = self.http.post(format!("{}/api/v1/payments", self.base)).json(body);
        Box::pin(self.ask(caller, request))
    }

    fn cancel<'a>(&'a self, caller: &'a OnBehalf, payment_no: &'a str) -> BoxFuture<'a, Result<GatewayPayment, ApiError>> {
        let request = self.http.post(format!("{}/api/v1/payments/{payment_no}/cancel", self.base));
        Box::pin(self.ask(caller, request))
    }
}

/// The refusal that the gateway named, as this platform's own.
fn code(status: u16, name: &str) -> Option<ErrorCode> {
    ErrorCode::ALL.iter().copied().find(|code| code.status() == status && code.name() == name)
}

fn unreachable(error: &reqwest::Error) -> ApiError {
    let what = if error.is_timeout() { "no answer in time" } else { "no connection" };
    tracing::warn!(reason = what, "the gateway cannot be reached");
    no_answer()
}

fn no_answer() -> ApiError {
    ApiError::new(ErrorCode::Overloaded, "the gateway does not answer at present; try again")
}

/// The trace goes on, from the request that is being answered.
fn traceparent(trace_id: &str) -> String {
    telemetry::outgoing().or_else(|| telemetry::traceparent(trace_id, "", "order").map(|context| context.to_string())).unwrap_or_default()
}
