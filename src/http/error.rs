use axum::response::{IntoResponse, Response};
use http_body_util::Empty;
use hyper::StatusCode;

use crate::store::StoreError;

macro_rules! error_table {
    ($($variant:ident $name:literal $status:literal $code:literal;)+) => {
        /// THE table of HTTP errors (contract section 5): name on the wire, status, number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode { $(#[doc = concat!("`", $name, "`")] $variant,)+ }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in the field `error`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The number in the field `code`, never 0: the status and two digits.
            pub const fn number(self) -> u32 {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

error_table! {
    InvalidRequest "INVALID_REQUEST" 400 40001;
    InvalidAmount "INVALID_AMOUNT" 400 40002;
    InvalidCurrency "INVALID_CURRENCY" 400 40003;
    ChannelNotSupported "CHANNEL_NOT_SUPPORTED" 400 40004;
    InvalidWebhookSignature "INVALID_SIGNATURE" 400 40005;
    Unauthorized "UNAUTHORIZED" 401 40101;
    InvalidApiKey "INVALID_API_KEY" 401 40102;
    InvalidSignature "INVALID_SIGNATURE" 401 40103;
    TokenExpired "TOKEN_EXPIRED" 401 40104;
    Forbidden "FORBIDDEN" 403 40301;
    MerchantFrozen "MERCHANT_FROZEN" 403 40302;
    RiskRejected "RISK_REJECTED" 403 40303;
    RouteNotFound "ROUTE_NOT_FOUND" 404 40401;
    PaymentNotFound "PAYMENT_NOT_FOUND" 404 40402;
    OrderNotFound "ORDER_NOT_FOUND" 404 40403;
    MerchantNotFound "MERCHANT_NOT_FOUND" 404 40404;
    AccountNotFound "ACCOUNT_NOT_FOUND" 404 40405;
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 40501;
    RequestTimeout "REQUEST_TIMEOUT" 408 40801;
    Conflict "CONFLICT" 409 40901;
    DuplicateOrder "DUPLICATE_ORDER" 409 40902;
    OrderStatusInvalid "ORDER_STATUS_INVALID" 409 40903;
    PaymentStatusInvalid "PAYMENT_STATUS_INVALID" 409 40904;
    PayloadTooLarge "PAYLOAD_TOO_LARGE" 413 41301;
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 41501;
    IdempotencyMismatch "IDEMPOTENCY_MISMATCH" 422 42201;
    RefundAmountExceeds "REFUND_AMOUNT_EXCEEDS" 422 42202;
    InsufficientBalance "INSUFFICIENT_BALANCE" 422 42203;
    RateLimited "RATE_LIMITED" 429 42901;
    HeadersTooLarge "HEADERS_TOO_LARGE" 431 43101;
    Internal "INTERNAL" 500 50001;
    Overloaded "OVERLOADED" 503 50301;
}

/// A refusal: what the caller did, what stands in the way, what to do next. Never a query, a body or a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Which refusal.
    pub code: ErrorCode,
    /// One sentence for a person.
    pub message: String,
    /// Facts for a program, such as the field or the current state.
    pub details: serde_json::Value,
}

impl ApiError {
    /// A refusal without details.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: serde_json::Value::Object(serde_json::Map::new()) }
    }

    /// Adds one fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        if let serde_json::Value::Object(details) = &mut self.details {
            details.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A request that breaks a rule at `field`.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message).with("field", field)
    }

    /// Seconds that a caller should wait before the next try.
    pub const fn retry_after_s(&self) -> Option<u32> {
        match self.code {
            ErrorCode::Overloaded | ErrorCode::RateLimited => Some(1),
            _ => None,
        }
    }
}

/// The one place where a failing database becomes an answer; what it said is logged, never returned.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_infrastructure() {
            tracing::warn!(error = %error, "request refused: the database cannot take it");
            return Self::new(ErrorCode::Overloaded, "the platform cannot take this request at present; try again");
        }
        tracing::error!(error = %error, "request failed in the database");
        Self::new(ErrorCode::Internal, "something failed inside; nothing was changed")
    }
}

/// The layer [`super::finish`] turns this into the body, which needs the trace id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::new(Empty::new()));
        *response.status_mut() = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_start_with_the_status() {
        let mut numbers: Vec<u32> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
        assert!(ErrorCode::ALL.iter().all(|code| code.number() / 100 == u32::from(code.status())));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ErrorCode::ALL.len());
    }
}
