use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::gateway::{self, Remembered};
use crate::store::{StoreError, Tx};

/// How many answers may be looked at, since each is built anew in memory.
pub const MOST_ANSWERS: u32 = 100_000;

/// Kept answers, held against what the gateway itself answers (I3).
#[derive(Debug, Clone, Serialize)]
pub struct AnswersVerified {
    /// The moment of the snapshot.
    pub at: Timestamp,
    /// Answers that are kept.
    pub kept: i64,
    /// Those that were looked at.
    pub sampled: usize,
    /// Those that are not what the gateway answers.
    pub faults: Vec<AnswerFault>,
}

/// An answer that a repeated request should not get.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerFault {
    /// Whose key it is kept under.
    pub merchant_id: String,
    /// The key.
    pub key: String,
    /// The payment that it names, if any.
    pub payment_no: Option<String>,
    /// What is wrong.
    pub detail: String,
}

impl AnswersVerified {
    /// Whether any repeated request would get a wrong answer.
    pub const fn is_broken(&self) -> bool {
        !self.faults.is_empty()
    }
}

/// Compares up to `sample` kept answers, spread over all of them, byte by byte with what the gateway's own code answers.
///
/// A request is kept only as its digest, so that none can be sent once more from here; `load run` repeats its own requests.
pub async fn verify_answers(reader: &Reader, sample: u32) -> Result<AnswersVerified, OpsError> {
    let sample = i64::from(sample.clamp(1, MOST_ANSWERS));
    let found = reader
        .store
        .read::<_, StoreError, _>(async move |tx: &mut Tx| {
            let (kept, answers) = gateway::remembered(tx, sample).await?;
            let faults = answers.iter().filter_map(fault).collect();
            Ok(AnswersVerified { at: tx.now(), kept, sampled: answers.len(), faults })
        })
        .await?;
    Ok(found)
}

fn fault(answer: &Remembered) -> Option<AnswerFault> {
    let detail = answer.fault()?;
    Some(AnswerFault {
        merchant_id: answer.merchant_id.to_string(),
        key: answer.key.clone(),
        payment_no: answer.payment_no.clone(),
        detail,
    })
}

impl Report for AnswersVerified {
    const LISTS: &'static [&'static str] = &["faults"];
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["MERCHANT", "KEY", "PAYMENT", "DETAIL"]);
        for fault in &self.faults {
            let payment = fault.payment_no.clone().unwrap_or_else(|| "-".to_owned());
            table.push([fault.merchant_id.clone(), fault.key.clone(), payment, fault.detail.clone()]);
        }
        let same = self.sampled.saturating_sub(self.faults.len());
        table.notes.push(format!(
            "{same} of {} sampled answers are the gateway's own, of {} that are kept; one snapshot of the database",
            self.sampled, self.kept
        ));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.faults.iter().filter_map(|fault| fault.payment_no.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format_timestamp;
    use crate::ops::fixture::{Fixture, MERCHANT, Paid, TRACE_ID};
    use crate::testing::TestPlatform;

    /// Keeps an answer for the payment's key that says this amount, and is the gateway's own in everything else.
    async fn answered(fixture: &Fixture, paid: &Paid, amount: i64) {
        let Paid { payment_no, order_no, .. } = paid;
        let (now, bytes) = (format_timestamp(fixture.now()), TestPlatform::bytes_type());
        fixture
            .run(format!(
                "UPDATE idempotency SET body = CAST('{{\"code\":0,\"message\":\"success\",\"data\":{{\"payment_no\":\"{payment_no}\",\
                 \"merchant_id\":\"{MERCHANT}\",\"order_no\":\"{order_no}\",\"amount\":{amount},\"currency\":\"USD\",\"channel\":\"stripe\",\
                 \"status\":\"pending\",\"customer_email\":\"test@example.com\",\"fee_bps\":200,\"fee_amount\":200,\"captured\":0,\
                 \"refunded\":0,\"created_at\":\"{now}\",\"updated_at\":\"{now}\",\"expires_at\":\"{now}\",\
                 \"payment_url\":\"http://pay.test/checkout/{payment_no}\",\"extra\":{{}}}},\"trace_id\":\"{TRACE_ID}\"}}' AS {bytes})"
            ))
            .await;
    }

    #[tokio::test]
    async fn an_answer_that_is_not_the_gateways_own_is_found() {
        let fixture = Fixture::new();
        let found = verify_answers(&fixture.reader, 10).await.unwrap();
        assert_eq!((found.kept, found.sampled, found.is_broken()), (0, 0, false));
        let paid = fixture.paid("A").await;
        let fingerprint = "a".repeat(64);
        fixture.run(format!("UPDATE idempotency SET fingerprint = '{fingerprint}'")).await;
        answered(&fixture, &paid, 10_000).await;
        let found = verify_answers(&fixture.reader, 10).await.unwrap();
        assert_eq!((found.kept, found.sampled), (1, 1));
        assert!(!found.is_broken(), "{found:?}");
        answered(&fixture, &paid, 10_001).await;
        let found = verify_answers(&fixture.reader, 10).await.unwrap();
        assert_eq!(found.faults[0].detail, "its answer differs from the gateway's in amount");
        assert_eq!(found.faults[0].payment_no.as_deref(), Some(paid.payment_no.as_str()));
        fixture.run("UPDATE idempotency SET status = 500").await;
        let found = verify_answers(&fixture.reader, 10).await.unwrap();
        assert_eq!(found.faults[0].detail, "an answer with status 500 is not kept");
        fixture.run("UPDATE idempotency SET status = 201, fingerprint = 'f'").await;
        let found = verify_answers(&fixture.reader, 10).await.unwrap();
        assert_eq!(found.faults[0].detail, "its fingerprint is no SHA-256");
    }
}
