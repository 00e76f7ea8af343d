use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use crate::config::{Secret, StripeConfig};
use crate::http::Router;
use crate::services::channel::pulse::Pulse;
use crate::services::channel::stripe::{StripeApi, Timeouts};

/// What the stub does with the next call of a kind instead of answering it well.
#[derive(Clone)]
pub(super) enum Mishap {
    /// Does the work and does not answer in time.
    Silent,
    /// Answers this, having done nothing.
    Status(u16, Value),
    /// Answers this, having done nothing, and says that it repeats itself.
    Replay(u16, Value),
}

/// A small Stripe: intents by idempotency key, and a record of what it was sent.
#[derive(Default)]
pub(super) struct StubStripe {
    pub(super) intents: Mutex<Vec<Value>>,
    keys: Mutex<HashMap<String, usize>>,
    pub(super) calls: Mutex<Vec<(String, HeaderMap, String)>>,
    pub(super) mishaps: Mutex<HashMap<&'static str, Vec<Mishap>>>,
}

impl StubStripe {
    pub(super) fn fail(&self, what: &'static str, mishaps: &[Mishap]) {
        self.mishaps.lock().unwrap().insert(what, mishaps.iter().rev().cloned().collect());
    }

    pub(super) fn set_status(&self, index: usize, status: &str) {
        self.intents.lock().unwrap()[index]["status"] = status.into();
    }

    /// How often `METHOD path` was called.
    pub(super) fn count(&self, call: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(seen, ..)| seen == call).count()
    }

    fn next(&self, what: &'static str) -> Option<Mishap> {
        self.mishaps.lock().unwrap().get_mut(what).and_then(Vec::pop)
    }

    fn made(&self, key: &str, body: &str) -> Value {
        let mut intents = self.intents.lock().unwrap();
        let index = *self.keys.lock().unwrap().entry(key.to_owned()).or_insert_with(|| {
            let number = intents.len();
            let payment_no = body.split('&').find_map(|pair| pair.strip_prefix("metadata%5Bpayment_no%5D=")).unwrap_or_default();
            intents.push(json!({
                "id": format!("pi_{number}"), "object": "payment_intent", "status": "requires_payment_method",
                "client_secret": format!("pi_{number}_secret_x"), "metadata": { "payment_no": payment_no }
            }));
            number
        });
        intents[index].clone()
    }
}

type Stub = State<Arc<StubStripe>>;

async fn record(stub: &StubStripe, request: Request) -> (HeaderMap, String) {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let call = format!("{} {}", parts.method, parts.uri.path());
    stub.calls.lock().unwrap().push((call, parts.headers.clone(), body.clone()));
    (parts.headers, body)
}

async fn mishap(mishap: Option<Mishap>) -> Option<Response> {
    let answer = |status: u16, body: Value| (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    match mishap? {
        Mishap::Silent => std::future::pending().await,
        Mishap::Status(status, body) => Some(answer(status, body)),
        Mishap::Replay(status, body) => {
            let mut response = answer(status, body);
            response.headers_mut().insert("idempotent-replayed", "true".parse().unwrap());
            Some(response)
        }
    }
}

async fn create(State(stub): Stub, request: Request) -> Response {
    let (headers, body) = record(&stub, request).await;
    let next = stub.next("create");
    let is_refused = matches!(next, Some(Mishap::Status(..) | Mishap::Replay(..)));
    let made = (!is_refused).then(|| stub.made(headers["idempotency-key"].to_str().unwrap(), &body));
    match mishap(next).await {
        Some(response) => response,
        None => axum::Json(made).into_response(),
    }
}

async fn retrieve(State(stub): Stub, Path(id): Path<String>, request: Request) -> Response {
    record(&stub, request).await;
    let found = stub.intents.lock().unwrap().iter().find(|intent| intent["id"] == id.as_str()).cloned();
    axum::Json(found).into_response()
}

async fn cancel(State(stub): Stub, Path(id): Path<String>, request: Request) -> Response {
    record(&stub, request).await;
    if let Some(response) = mishap(stub.next("cancel")).await {
        return response;
    }
    let mut intents = stub.intents.lock().unwrap();
    let intent = intents.iter_mut().find(|intent| intent["id"] == id.as_str()).unwrap();
    if intent["status"] == "succeeded" || intent["status"] == "processing" {
        let error = json!({ "error": { "type": "invalid_request_error", "code": "payment_intent_unexpected_state" } });
        return (StatusCode::BAD_REQUEST, axum::Json(error)).into_response();
    }
    intent["status"] = "canceled".into();
    axum::Json(intent.clone()).into_response()
}

/// Two intents a page, so that a search has to turn pages.
async fn list(State(stub): Stub, Query(query): Query<HashMap<String, String>>, request: Request) -> Response {
    record(&stub, request).await;
    let intents = stub.intents.lock().unwrap();
    let after = query.get("starting_after").map_or(0, |id| intents.iter().position(|intent| intent["id"] == id.as_str()).unwrap() + 1);
    let page: Vec<&Value> = intents.iter().skip(after).take(2).collect();
    axum::Json(json!({ "object": "list", "has_more": after + page.len() < intents.len(), "data": page })).into_response()
}

/// Serves `stub` while `test` runs with a client for it.
pub(super) async fn with_stripe<T>(stub: &Arc<StubStripe>, test: impl AsyncFnOnce(StripeApi) -> T) -> T {
    let router = Router::new()
        .route("/v1/payment_intents", post(create).get(list))
        .route("/v1/payment_intents/{id}", get(retrieve))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .with_state(Arc::clone(stub));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = api(&format!("http://{}", listener.local_addr().unwrap()));
    let serve = async {
        let mut open = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let service = TowerToHyperService::new(router.clone());
                    open.push(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(accepted.unwrap().0), service));
                }
                _ = open.next(), if !open.is_empty() => {}
            }
        }
    };
    tokio::select! {
        () = serve => unreachable!("the stub serves until the test is over"),
        outcome = test(api) => outcome,
    }
}

pub(super) fn api(base: &str) -> StripeApi {
    let config = StripeConfig { api_base: base.to_owned(), api_key: None, publishable_key: None, webhook_secrets: Vec::new() };
    let timeouts = Timeouts { connect: Duration::from_secs(2), call: Duration::from_millis(300) };
    StripeApi::new(&config, Secret::new("sk_test_x"), timeouts, Pulse::new("stripe")).unwrap()
}
