use futures_util::future::BoxFuture;

use crate::domain::{Email, MerchantId, Money};
use crate::http::ApiError;

/// What a payment is judged by.
pub struct RiskRequest<'a> {
    /// Who takes the payment.
    pub merchant_id: MerchantId,
    /// How much.
    pub money: Money,
    /// Who pays.
    pub customer_email: &'a Email,
    /// From where, when the merchant says so; never the address of the API's caller.
    pub customer_ip: Option<&'a str>,
}

/// What the judgement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiskDecision {
    /// Go on.
    Pass,
    /// Take the payment, but flag it.
    Review {
        /// 0 to 100.
        score: i64,
        /// Which rules spoke.
        reasons: Vec<String>,
    },
    /// Refuse the payment.
    Reject {
        /// 0 to 100.
        score: i64,
        /// Which rules spoke.
        reasons: Vec<String>,
    },
}

/// Judges a payment before it is made.
pub trait RiskCheck: Send + Sync {
    /// The judgement, or why none can be had.
    fn check<'a>(&'a self, request: RiskRequest<'a>) -> BoxFuture<'a, Result<RiskDecision, ApiError>>;
}

/// Lets every payment pass.
#[derive(Debug, Clone, Copy)]
pub struct AllowAll;

impl RiskCheck for AllowAll {
    fn check<'a>(&'a self, _request: RiskRequest<'a>) -> BoxFuture<'a, Result<RiskDecision, ApiError>> {
        Box::pin(std::future::ready(Ok(RiskDecision::Pass)))
    }
}
