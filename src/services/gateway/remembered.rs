//! What is kept for the next request under each idempotency key, held against what the gateway itself answers.

use std::collections::HashMap;

use serde_json::Value as Json;
use serde_json::value::to_raw_value;

use crate::domain::{MerchantId, PaymentStatus};
use crate::http::success_body;
use crate::store::{StoreError, Tx};

use super::idempotency::is_kept;
use super::payment::Payment;
use super::request::EXTRA_LATE;
use super::store;

/// The characters of a fingerprint: hex SHA-256.
const FINGERPRINT_CHARS: usize = 64;
const CREATED: u16 = 201;

/// A kept answer, with the payment that it is about.
pub struct Remembered {
    /// Whose key.
    pub merchant_id: MerchantId,
    /// The key.
    pub key: String,
    /// The payment that it names; none where the request was refused.
    pub payment_no: Option<String>,
    status: u16,
    fingerprint: String,
    body: Vec<u8>,
    payment: Option<Payment>,
}

/// Kept answers, at most `sample` of them, spread over all there are, newest first; and how many there are.
pub async fn remembered(tx: &mut Tx, sample: i64) -> Result<(i64, Vec<Remembered>), StoreError> {
    let counted = tx.query_one("SELECT count(*) FROM idempotency", &[]).await?;
    let total: i64 = counted.map_or(Ok(0), |row| row.get(0))?;
    let step = total.checked_div(sample).unwrap_or(1).max(1);
    let rows = tx
        .query(
            "SELECT merchant_id, key, payment_no, status, fingerprint, body FROM idempotency WHERE seq % $1 = 0 ORDER BY seq DESC LIMIT $2",
            &[step.into(), sample.into()],
        )
        .await?;
    let mut answers = Vec::with_capacity(rows.len());
    for row in &rows {
        answers.push(Remembered {
            merchant_id: row.get(0)?,
            key: row.get(1)?,
            payment_no: row.get(2)?,
            status: u16::try_from(row.get::<i64>(3)?).map_err(|_| StoreError::Column(3))?,
            fingerprint: row.get(4)?,
            body: row.get(5)?,
            payment: None,
        });
    }
    let numbers: Vec<&str> = answers.iter().filter_map(|answer| answer.payment_no.as_deref()).collect();
    let payments = store::find_by_numbers(tx, &numbers).await?;
    let mut payments: HashMap<String, Payment> = payments.into_iter().map(|payment| (payment.payment_no.clone(), payment)).collect();
    for answer in &mut answers {
        answer.payment = answer.payment_no.as_ref().and_then(|payment_no| payments.remove(payment_no));
    }
    Ok((total, answers))
}

impl Remembered {
    /// What is wrong with it, if anything is: a create gets the very bytes that the gateway writes for this payment when it is new,
    /// and only what a caller cannot mend is kept of the rest.
    pub fn fault(&self) -> Option<String> {
        let is_hex = self.fingerprint.len() == FINGERPRINT_CHARS && self.fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex {
            return Some("its fingerprint is no SHA-256".to_owned());
        }
        let Ok(said) = serde_json::from_slice::<Json>(&self.body) else {
            return Some("its answer is no JSON".to_owned());
        };
        if self.status == CREATED { self.created(&said) } else { self.refused(&said) }
    }

    fn created(&self, said: &Json) -> Option<String> {
        let Some(payment) = &self.payment else { return Some("it answers with a payment that does not exist".to_owned()) };
        if payment.merchant_id != self.merchant_id {
            return Some("it answers with a payment of another merchant".to_owned());
        }
        // Where payers are sent is configured, and may have been another place then.
        let url = said.pointer("/data/payment_url").and_then(Json::as_str).unwrap_or_default();
        let checkout = url.strip_suffix(&format!("/checkout/{}", payment.payment_no)).unwrap_or_default();
        let Some(answer) = first_answer(payment, checkout) else { return Some("the gateway has no answer for its payment".to_owned()) };
        (answer != self.body).then(|| format!("its answer differs from the gateway's in {}", differing(said, &answer)))
    }

    fn refused(&self, said: &Json) -> Option<String> {
        if !is_kept(self.status) {
            return Some(format!("an answer with status {} is not kept", self.status));
        }
        let code = said.get("code").and_then(Json::as_i64).unwrap_or_default();
        (code == 0).then(|| format!("its answer with status {} says that all went well", self.status))
    }
}

/// What whoever made this payment was answered.
fn first_answer(payment: &Payment, checkout: &str) -> Option<Vec<u8>> {
    let mut first = payment.clone();
    first.status = PaymentStatus::Pending;
    first.captured = 0;
    first.refunded = 0;
    first.intent_id = None;
    first.paid_at = None;
    first.updated_at = first.created_at;
    first.extra.remove(EXTRA_LATE);
    let data = to_raw_value(&first.body(checkout)).ok()?;
    Some(success_body(&data, &first.trace_id))
}

/// The names of the fields in which two answers differ, or what else does.
fn differing(said: &Json, answer: &[u8]) -> String {
    let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
    let fields = |json: &Json| json.get("data").and_then(Json::as_object).cloned().unwrap_or_default();
    let (ours, theirs) = (fields(&answer), fields(said));
    let names = ours.keys().chain(theirs.keys().filter(|name| !ours.contains_key(*name)));
    let names: Vec<&str> = names.filter(|name| ours.get(*name) != theirs.get(*name)).map(String::as_str).collect();
    if names.is_empty() { "its envelope or its spelling".to_owned() } else { names.join(", ") }
}
