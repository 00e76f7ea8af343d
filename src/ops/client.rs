use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::config::{Config, Profile, SEEDED_API_KEYS, Secret};
use crate::domain::PaymentStatus;
use crate::services::Service;
use crate::store::{DeskAnswer, DeskOrder};

use super::{Choice, ClientError, NewPayment, OrderStep};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a payer's choice may take to become the payment's status.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_millis(500);
/// An answer of ours is far smaller.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Asks a running platform over HTTP, as a merchant with an API key does.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    gateway: String,
    order: String,
    channel: String,
    api_key: Secret,
    profile: Profile,
}

/// The fields that a service answered with; newer versions may add some.
pub type Fields = Map<String, Value>;

/// The contract's form of every answer.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Value,
    #[serde(default)]
    error: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Details,
}

/// What an error knows beside its sentence, as far as a person at the console wants to hear it.
#[derive(Deserialize, Default)]
struct Details {
    /// The state that stood in the way.
    status: Option<String>,
}

/// Asks services how they are; needs no key.
#[derive(Debug, Clone)]
pub struct Probe(reqwest::Client);

impl Probe {
    /// A probe for services of this platform, which stand behind no proxy.
    pub fn new() -> Result<Self, ClientError> {
        let http = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT_TIMEOUT).timeout(PROBE_TIMEOUT);
        let http = http.redirect(redirect::Policy::none());
        let built = http.build();
        Ok(Self(built.map_err(|error| ClientError::Broken(error.to_string()))?))
    }

    /// What the service at `base` says of itself, be it well or not.
    pub async fn health(&self, base: &str) -> Result<Fields, ClientError> {
        let response = self.0.get(format!("{base}/health")).send().await.map_err(|error| not_sent(&error, base))?;
        let status = response.status();
        match serde_json::from_slice(&body(response, base).await?) {
            Ok(Value::Object(fields)) => Ok(fields),
            _ => Err(foreign(status, base)),
        }
    }
}

impl Client {
    /// A client with the configured key; the development profile has one of its own.
    pub fn new(config: &Config) -> Result<Self, ClientError> {
        let api_key = api_key(config)?;
        let url = |service: Service| service.url(config);
        let (gateway, order, channel) = (url(Service::Gateway), url(Service::Order), url(Service::Channel));
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.timeout);
        if [&gateway, &order, &channel].into_iter().all(|url| url.starts_with("http://")) {
            // Without TLS the machine's certificates need not be there, nor be read.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| ClientError::Broken(error.to_string()))?;
        Ok(Self { http, gateway, order, channel, api_key, profile: config.profile })
    }

    /// Creates a payment; the same key and body again answer the same payment.
    pub async fn create_payment(&self, payment: &NewPayment, idempotency_key: &str) -> Result<Fields, ClientError> {
        let url = format!("{}/api/v1/payments", self.gateway);
        let request = self.http.post(url).header("Idempotency-Key", idempotency_key).json(payment);
        self.api(request, &self.gateway).await
    }

    /// A payment as the gateway sees it.
    pub async fn payment(&self, payment_no: &str) -> Result<Fields, ClientError> {
        let request = self.http.get(format!("{}/api/v1/payments/{payment_no}", self.gateway));
        self.api(request, &self.gateway).await
    }

    /// Cancels a payment that nobody has paid.
    pub async fn cancel_payment(&self, payment_no: &str) -> Result<Fields, ClientError> {
        let request = self.http.post(format!("{}/api/v1/payments/{payment_no}/cancel", self.gateway));
        self.api(request, &self.gateway).await
    }

    /// Moves an order on.
    pub async fn step_order(&self, order_no: &str, step: OrderStep) -> Result<Fields, ClientError> {
        let request = self.http.post(format!("{}/api/v1/orders/{order_no}/{}", self.order, step.path()));
        self.api(request, &self.order).await
    }

    /// Does what a payer does on the checkout page, and waits until the payment has its last status.
    pub async fn choose(&self, payment_no: &str, choice: Choice) -> Result<Fields, ClientError> {
        if self.profile != Profile::Development {
            return Err(ClientError::NotDevelopment);
        }
        let status = status(&self.payment(payment_no).await?, &self.gateway)?;
        if is_last(status) {
            return Err(ClientError::Final { payment_no: payment_no.to_owned(), status });
        }
        // Opening the page is what makes the intent.
        self.page(Method::GET, &format!("checkout/{payment_no}")).await?;
        self.page(Method::POST, &format!("checkout/{payment_no}/{}", choice.path())).await?;
        self.settled(payment_no).await
    }

    async fn settled(&self, payment_no: &str) -> Result<Fields, ClientError> {
        let end = Instant::now() + SETTLE_TIMEOUT;
        let mut pause = FIRST_PAUSE;
        loop {
            let payment = self.payment(payment_no).await?;
            let status = status(&payment, &self.gateway)?;
            if is_last(status) {
                return Ok(payment);
            }
            if Instant::now() + pause > end {
                return Err(ClientError::Unsettled { payment_no: payment_no.to_owned(), status, seconds: SETTLE_TIMEOUT.as_secs() });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Asks the checkout page: its answers are pages, so that only the status counts.
    async fn page(&self, method: Method, path: &str) -> Result<(), ClientError> {
        let request = self.http.request(method, format!("{}/{path}", self.channel));
        let response = request.send().await.map_err(|error| not_sent(&error, &self.channel))?;
        let status = response.status();
        if status.is_success() || status.is_redirection() {
            return Ok(());
        }
        Err(refused(status, &body(response, &self.channel).await?, &self.channel))
    }

    async fn api(&self, request: RequestBuilder, base: &str) -> Result<Fields, ClientError> {
        let request = request.header("X-API-Key", self.api_key.expose());
        let response = request.send().await.map_err(|error| not_sent(&error, base))?;
        let status = response.status();
        let bytes = body(response, base).await?;
        if !status.is_success() {
            return Err(refused(status, &bytes, base));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Answer { data: Value::Object(fields), .. }) => Ok(fields),
            _ => Err(foreign(status, base)),
        }
    }
}

/// Changes dead letters through a running platform that holds their file, as one of its own services would.
#[derive(Debug, Clone)]
pub struct DeskClient {
    http: reqwest::Client,
    token: Secret,
}

impl DeskClient {
    /// A client that shows this token.
    pub fn new(token: Secret) -> Result<Self, ClientError> {
        let builder = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
        let built = builder.connect_timeout(CONNECT_TIMEOUT).timeout(ANSWER_TIMEOUT).build();
        Ok(Self { http: built.map_err(|error| ClientError::Broken(error.to_string()))?, token })
    }

    /// Has the service at `base` carry out an order on the data of this directory.
    pub async fn carry_out(&self, base: &str, data_dir: &Path, order: &DeskOrder) -> Result<DeskAnswer, ClientError> {
        let wanted = serde_json::json!({ "data_dir": data_dir, "order": order });
        let request = self.http.post(format!("{base}/internal/desk")).header("X-Internal-Token", self.token.expose()).json(&wanted);
        let response = request.send().await.map_err(|error| not_sent(&error, base))?;
        let status = response.status();
        let bytes = body(response, base).await?;
        if !status.is_success() {
            return Err(refused(status, &bytes, base));
        }
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| foreign(status, base))?;
        serde_json::from_value(answer.data).map_err(|_| foreign(status, base))
    }
}

/// The configured key; the development profile has one of its own.
pub(super) fn api_key(config: &Config) -> Result<Secret, ClientError> {
    let seeded = SEEDED_API_KEYS.first().filter(|_| config.profile == Profile::Development).map(|key| Secret::new(*key));
    config.api_key.clone().or(seeded).ok_or(ClientError::NoKey)
}

async fn body(mut response: reqwest::Response, base: &str) -> Result<Vec<u8>, ClientError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| not_sent(&error, base))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(foreign(response.status(), base));
        }
    }
    Ok(bytes)
}

fn refused(status: StatusCode, bytes: &[u8], base: &str) -> ClientError {
    match serde_json::from_slice(bytes) {
        Ok(Answer { error, message, details, .. }) if !error.is_empty() => {
            let state = details.status.filter(|state| !message.contains(state.as_str()));
            let message = state.map_or_else(|| message.clone(), |state| format!("{message}; it is {state}"));
            ClientError::Refused { status: status.as_u16(), error, message }
        }
        _ => foreign(status, base),
    }
}

fn foreign(status: StatusCode, base: &str) -> ClientError {
    ClientError::Foreign { url: base.to_owned(), status: status.as_u16() }
}

fn not_sent(error: &reqwest::Error, base: &str) -> ClientError {
    let url = base.to_owned();
    if error.is_connect() {
        return ClientError::Unreachable { url };
    }
    let how = if error.is_timeout() { "did not answer in time" } else { "broke off the connection" };
    ClientError::NoAnswer { url, how }
}

fn status(payment: &Fields, base: &str) -> Result<PaymentStatus, ClientError> {
    let name = payment.get("status").and_then(Value::as_str).unwrap_or_default();
    PaymentStatus::parse(name).ok_or_else(|| foreign(StatusCode::OK, base))
}

const fn is_last(status: PaymentStatus) -> bool {
    !matches!(status, PaymentStatus::Pending | PaymentStatus::Processing)
}
