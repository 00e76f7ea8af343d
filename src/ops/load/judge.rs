use serde::Deserialize;

use crate::domain::{Currency, MerchantId};

use super::Op;
use super::connection::{Answer, NoAnswer};
use super::subject::{Target, Wish};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Done, and answered as the contract says.
    Accepted,
    /// Refused for a reason of business that belongs to a run.
    Declined,
    /// Refused for another reason.
    Rejected,
    /// 429 or 503: the platform has too much to do.
    Overloaded,
    /// Another 5xx.
    Failed,
    /// No answer in time.
    TimedOut,
    /// No connection, or a broken one.
    Transport,
    /// Answered, but not with what is true.
    Wrong,
}

impl Outcome {
    /// As reports name it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "approved",
            Self::Declined => "declined",
            Self::Rejected => "rejected",
            Self::Overloaded => "overloaded",
            Self::Failed => "5xx",
            Self::TimedOut => "timeout",
            Self::Transport => "transport",
            Self::Wrong => "wrong",
        }
    }

    /// Whether `--max-errors` counts it; declines are answers.
    pub(super) const fn is_error(self) -> bool {
        !matches!(self, Self::Accepted | Self::Declined)
    }
}

/// An outcome with, where it is not Accepted, what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    /// The error's name, or a few words.
    pub(super) what: String,
}

/// A reason of business that a healthy platform may give.
const DECLINES: &[(Op, &str)] = &[
    (Op::Create, "RISK_REJECTED"),
    (Op::Create, "MERCHANT_FROZEN"),
    // The payment expired or was finished meanwhile.
    (Op::Cancel, "PAYMENT_STATUS_INVALID"),
];

/// The fields of an answer about a payment that are compared.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) payment_no: String,
    merchant_id: MerchantId,
    order_no: String,
    amount: i64,
    currency: Currency,
    status: String,
}

#[derive(Deserialize)]
struct Success<T> {
    data: T,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Judged {
    pub(super) fn accepted(status: u16) -> Self {
        Self { outcome: Outcome::Accepted, status, what: String::new() }
    }

    pub(super) fn wrong(status: u16, what: &str) -> Self {
        Self { outcome: Outcome::Wrong, status, what: what.to_owned() }
    }
}

/// What a request without an answer came to.
pub(super) fn unanswered(why: NoAnswer) -> Judged {
    let outcome = if why == NoAnswer::TimedOut { Outcome::TimedOut } else { Outcome::Transport };
    Judged { outcome, status: 0, what: why.to_string() }
}

/// What a refusal came to; `None` where the answer is none.
pub(super) fn refusal(op: Op, answer: &Answer) -> Option<Judged> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return None;
    }
    let named = serde_json::from_slice::<Refusal>(&answer.body).map(|refusal| refusal.error);
    let what = named.unwrap_or_else(|_| "an answer that is not payctl's".to_owned());
    let outcome = match status {
        429 | 503 => Outcome::Overloaded,
        500.. => Outcome::Failed,
        _ if DECLINES.contains(&(op, what.as_str())) => Outcome::Declined,
        _ => Outcome::Rejected,
    };
    Some(Judged { outcome, status, what })
}

/// What a create was told, where that is what it asked for.
pub(super) fn created(wish: &Wish, merchant_id: MerchantId, answer: &Answer) -> Result<Told, Judged> {
    let told = payment(answer)?;
    if (told.amount, told.currency, &told.order_no, told.merchant_id) == (wish.amount, wish.currency, &wish.order_no, merchant_id) {
        return Ok(told);
    }
    Err(Judged::wrong(answer.status, "another payment than the one asked for"))
}

/// What a query or a cancel was told, where that is of this payment, and, where one is given, in this status.
pub(super) fn shown(target: &Target, status: Option<&str>, answer: &Answer) -> Result<Told, Judged> {
    let told = payment(answer)?;
    if (told.amount, told.currency, &told.payment_no) != (target.amount, target.currency, &target.payment_no) {
        return Err(Judged::wrong(answer.status, "a payment that differs from what was acknowledged"));
    }
    if status.is_some_and(|status| status != told.status) {
        return Err(Judged::wrong(answer.status, "a payment in another status than the answer promises"));
    }
    Ok(told)
}

fn payment(answer: &Answer) -> Result<Told, Judged> {
    let told: Result<Success<Told>, _> = serde_json::from_slice(&answer.body);
    told.map(|told| told.data).map_err(|_| Judged::wrong(answer.status, "an answer that is not payctl's"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, replayed: false, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn a_decline_is_no_error_and_a_refusal_that_was_not_expected_is() {
        let judged = |op, status, error: &str| refusal(op, &answer(status, &format!(r#"{{"error":"{error}"}}"#))).unwrap().outcome;
        assert_eq!(judged(Op::Create, 403, "RISK_REJECTED"), Outcome::Declined);
        assert_eq!(judged(Op::Cancel, 409, "PAYMENT_STATUS_INVALID"), Outcome::Declined);
        assert_eq!(judged(Op::Create, 409, "DUPLICATE_ORDER"), Outcome::Rejected);
        assert_eq!(judged(Op::Query, 404, "PAYMENT_NOT_FOUND"), Outcome::Rejected);
        assert_eq!((judged(Op::Create, 503, "OVERLOADED"), judged(Op::Create, 500, "INTERNAL")), (Outcome::Overloaded, Outcome::Failed));
        assert_eq!(refusal(Op::Pay, &answer(404, "not json")).unwrap().what, "an answer that is not payctl's");
        assert!(refusal(Op::Pay, &answer(200, "{}")).is_none());
    }

    #[test]
    fn an_answer_about_another_amount_is_wrong() {
        let body = r#"{"code":0,"data":{"payment_no":"PY1","merchant_id":"2e42829e-b6aa-4e63-964d-a45a49af106c","order_no":"O","amount":5,"currency":"USD","status":"pending"}}"#;
        let wish = |amount| Wish { order_no: "O".to_owned(), amount, currency: Currency::USD };
        let merchant: MerchantId = "2e42829e-b6aa-4e63-964d-a45a49af106c".parse().unwrap();
        let other = MerchantId(uuid::Uuid::nil());
        assert!(created(&wish(5), merchant, &answer(201, body)).is_ok());
        assert_eq!(created(&wish(6), merchant, &answer(201, body)).unwrap_err().outcome, Outcome::Wrong);
        assert_eq!(created(&wish(5), other, &answer(201, body)).unwrap_err().outcome, Outcome::Wrong);
        let target = Target { payment_no: "PY1".to_owned(), amount: 5, currency: Currency::USD };
        assert!(shown(&target, None, &answer(200, body)).is_ok());
        assert_eq!(shown(&target, Some("cancelled"), &answer(200, body)).unwrap_err().outcome, Outcome::Wrong);
    }
}
