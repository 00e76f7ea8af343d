use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::domain::NumberKind;
use crate::http::{ApiError, ErrorCode, Internal, JsonBody, Reply, Router};
use crate::store::StoreError;

use super::checkout::{Checkout, CheckoutError, Shown, Stage};
use super::page::{ELEMENT_JS, Notice, Pages};
use super::provider::{Intent, ProviderError};
use super::query::{self, IntentView};
use super::sandbox::Act;
use super::store::is_closed;

/// What the routes share.
pub(super) struct Site {
    pub(super) checkout: Checkout,
    pub(super) pages: Pages,
}

type Shared = State<Arc<Site>>;
type Number = Result<Path<String>, PathRejection>;

#[derive(Deserialize)]
struct OpenRequest {
    payment_no: String,
}

#[derive(Serialize)]
struct OpenAnswer<'a> {
    payment_no: &'a str,
    provider: &'static str,
    intent_id: Option<&'a str>,
    intent_status: &'static str,
}

#[derive(Serialize)]
struct CloseAnswer<'a> {
    payment_no: &'a str,
    state: &'static str,
    intent_id: Option<&'a str>,
}

#[derive(Serialize)]
struct IntentsAnswer {
    payment_no: String,
    closed: bool,
    intents: Vec<IntentView>,
}

/// The routes of a channel that works.
pub(super) fn routes(site: Site) -> Router {
    let is_sandbox = site.checkout.sandbox.is_some();
    let mut router = Router::new()
        .route("/api/v1/channel/payments", post(open))
        .route("/api/v1/channel/payments/{payment_no}", get(intents))
        .route("/api/v1/channel/payments/{payment_no}/cancel", post(close))
        .route("/checkout/{payment_no}", get(page))
        .route("/checkout/{payment_no}/cancel", get(back).post(cancel));
    router = if is_sandbox {
        router.route("/checkout/{payment_no}/pay", get(back).post(pay)).route("/checkout/{payment_no}/decline", get(back).post(decline))
    } else {
        router.route("/checkout/element.js", get(element_js))
    };
    router.with_state(Arc::new(site))
}

/// The routes of a channel that cannot work until somebody configures it.
pub(super) fn out_of_service(pages: Option<Pages>, reason: &'static str) -> Router {
    let refuse = move || async move { ApiError::new(ErrorCode::Overloaded, reason) };
    let pages = Arc::new(pages);
    let trouble = move || {
        let pages = Arc::clone(&pages);
        async move { pages.as_ref().as_ref().map_or_else(broken, |pages| notice(pages, Notice::Trouble)) }
    };
    Router::new().route("/api/v1/channel/{*rest}", any(refuse)).route("/checkout/{*rest}", any(trouble))
}

async fn open(State(site): Shared, _: Internal, body: JsonBody<OpenRequest>) -> Result<Reply, ApiError> {
    let payment_no = known_form(&body.value.payment_no)?;
    let shown = site.checkout.show(payment_no).await?;
    let provider = site.checkout.provider.kind().as_str();
    let answer = |intent: Option<&Intent>| {
        let intent_id = intent.map(|intent| intent.intent_id.as_str());
        let intent_status = intent.map_or("unknown", |intent| intent.status.as_str());
        Reply::ok(&OpenAnswer { payment_no, provider, intent_id, intent_status })
    };
    match &shown.stage {
        Stage::Ready(intent) => answer(Some(intent)),
        Stage::Waiting(intent) => answer(intent.as_ref()),
        Stage::Settled(status) => {
            let message = format!("the payment is {status}; no intent is made for it any more");
            Err(ApiError::new(ErrorCode::PaymentStatusInvalid, message).with("status", status.as_str()))
        }
    }
}

async fn close(State(site): Shared, _: Internal, number: Number) -> Result<Reply, ApiError> {
    let payment_no = number.map(|Path(text)| text).unwrap_or_default();
    let payment_no = known_form(&payment_no)?;
    let closing = site.checkout.close(payment_no).await?;
    Reply::ok(&CloseAnswer { payment_no, state: closing.as_str(), intent_id: closing.intent_id() })
}

async fn intents(State(site): Shared, _: Internal, number: Number) -> Result<Reply, ApiError> {
    let payment_no = known_form(&number.map(|Path(text)| text).unwrap_or_default())?.to_owned();
    let read = site.checkout.store.read(async move |tx| {
        let (closed, intents) = (is_closed(tx, &payment_no).await?, query::intents(tx, &payment_no).await?);
        Ok::<_, StoreError>(IntentsAnswer { payment_no: payment_no.clone(), closed, intents })
    });
    Reply::ok(&read.await?)
}

async fn page(State(site): Shared, number: Number) -> Response {
    let Some(payment_no) = number_of(number) else { return notice(&site.pages, Notice::NotFound) };
    match site.checkout.show(&payment_no).await {
        Ok(shown) => payment_page(&site.pages, &shown),
        Err(error) => failed_page(&site.pages, &payment_no, &error),
    }
}

async fn pay(state: Shared, number: Number) -> Response {
    act(state, number, Act::Pay).await
}

async fn decline(state: Shared, number: Number) -> Response {
    act(state, number, Act::Decline).await
}

async fn act(State(site): Shared, number: Number, act: Act) -> Response {
    let Some(payment_no) = number_of(number) else { return notice(&site.pages, Notice::NotFound) };
    let acted = site.checkout.act(&payment_no, act).await;
    after(&site.pages, &payment_no, acted)
}

async fn cancel(State(site): Shared, number: Number) -> Response {
    let Some(payment_no) = number_of(number) else { return notice(&site.pages, Notice::NotFound) };
    let cancelled = site.checkout.cancel(&payment_no).await;
    after(&site.pages, &payment_no, cancelled)
}

/// An address of a form, typed or reloaded.
async fn back(State(site): Shared, number: Number) -> Response {
    number_of(number).map_or_else(|| notice(&site.pages, Notice::NotFound), |payment_no| see_page(&payment_no))
}

async fn element_js() -> Response {
    let mut response = ELEMENT_JS.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Post, redirect, get: a reload repeats the page, not the click.
fn after(pages: &Pages, payment_no: &str, done: Result<(), CheckoutError>) -> Response {
    match done {
        // What stands in the way of a click shows on the page.
        Ok(()) | Err(CheckoutError::Provider(ProviderError::Closed | ProviderError::InProgress)) => see_page(payment_no),
        Err(error) => failed_page(pages, payment_no, &error),
    }
}

fn see_page(payment_no: &str) -> Response {
    let location = HeaderValue::from_str(&format!("/checkout/{payment_no}"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn payment_page(pages: &Pages, shown: &Shown) -> Response {
    match pages.payment(shown) {
        Ok(html) => html_page(pages, StatusCode::OK, html),
        Err(error) => {
            tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "checkout page failed");
            broken()
        }
    }
}

fn failed_page(pages: &Pages, payment_no: &str, error: &CheckoutError) -> Response {
    if matches!(error, CheckoutError::NotFound) {
        return notice(pages, Notice::NotFound);
    }
    tracing::warn!(payment.id = payment_no, error = %error, "checkout cannot go on");
    notice(pages, if is_refusal(error) { Notice::Refused } else { Notice::Trouble })
}

const fn is_refusal(error: &CheckoutError) -> bool {
    matches!(error, CheckoutError::Provider(ProviderError::Refused(_)))
}

fn notice(pages: &Pages, notice: Notice) -> Response {
    let status = match notice {
        Notice::NotFound => StatusCode::NOT_FOUND,
        Notice::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        Notice::Refused => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let Ok(html) = pages.notice(notice) else { return broken() };
    let mut response = html_page(pages, status, html);
    if notice == Notice::Trouble {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn html_page(pages: &Pages, status: StatusCode, html: String) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Other sites learn where the payer came from, never which payment it was.
        (header::REFERRER_POLICY, "strict-origin"),
    ];
    let mut response = (status, html).into_response();
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(pages.policy()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn broken() -> Response {
    ApiError::new(ErrorCode::Internal, "something failed inside; nothing was changed").into_response()
}

fn number_of(number: Number) -> Option<String> {
    number.ok().map(|Path(text)| text).filter(|text| NumberKind::Payment.matches(text))
}

fn known_form(payment_no: &str) -> Result<&str, ApiError> {
    if NumberKind::Payment.matches(payment_no) { Ok(payment_no) } else { Err(not_found()) }
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::PaymentNotFound, "no such payment")
}

impl From<CheckoutError> for ApiError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => not_found(),
            CheckoutError::Provider(ProviderError::Store(error)) => error.into(),
            CheckoutError::Provider(ProviderError::Refused(code)) => {
                Self::new(ErrorCode::InvalidRequest, "the channel refused the payment").with("channel_code", code)
            }
            other => {
                tracing::warn!(error = %other, "channel request failed");
                Self::new(ErrorCode::Overloaded, "the channel cannot say at present; try again")
            }
        }
    }
}
