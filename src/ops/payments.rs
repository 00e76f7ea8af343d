//! Payments as operators look them up: of any merchant, the payer's address masked.

use serde::Serialize;

use crate::domain::{Currency, MerchantId, Money, PaymentStatus, Timestamp, format_timestamp};
use crate::services::gateway::query::{self, PaymentFilter, PaymentView};

use super::span::clock;
use super::{OpsError, Reader, Report, Table};

/// One payment.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct PaymentDetail {
    pub payment_no: String,
    pub merchant_id: MerchantId,
    pub order_no: String,
    pub status: PaymentStatus,
    pub amount: i64,
    pub currency: Currency,
    pub channel: String,
    pub fee_bps: i64,
    pub fee_amount: i64,
    pub captured: i64,
    pub refunded: i64,
    /// Masked.
    pub customer_email: String,
    pub intent_id: Option<String>,
    pub idempotency_key: Option<String>,
    pub trace_id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}

impl From<PaymentView> for PaymentDetail {
    fn from(view: PaymentView) -> Self {
        Self {
            customer_email: view.customer_email.masked(),
            payment_no: view.payment_no,
            merchant_id: view.merchant_id,
            order_no: view.order_no,
            status: view.status,
            amount: view.amount,
            currency: view.currency,
            channel: view.channel,
            fee_bps: view.fee_bps,
            fee_amount: view.fee_amount,
            captured: view.captured,
            refunded: view.refunded,
            intent_id: view.intent_id,
            idempotency_key: view.idempotency_key,
            trace_id: view.trace_id,
            version: view.version,
            created_at: view.created_at,
            updated_at: view.updated_at,
            expires_at: view.expires_at,
            paid_at: view.paid_at,
        }
    }
}

/// The payment of this number.
pub async fn get(reader: &Reader, payment_no: &str) -> Result<PaymentDetail, OpsError> {
    let wanted = payment_no.to_owned();
    let found = reader.store.read(async move |tx| Ok::<_, OpsError>(query::get_payment(tx, &wanted).await?)).await?;
    found.map(Into::into).ok_or_else(|| OpsError::NotFound { what: "payment", id: payment_no.to_owned() })
}

/// A page of payments.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentList {
    /// Newest first.
    pub list: Vec<PaymentDetail>,
    /// How many there are on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// How many a page has at most.
    pub page_size: i64,
    #[serde(skip)]
    now: Timestamp,
}

/// A page of the payments that fit.
pub async fn list(reader: &Reader, filter: PaymentFilter, page: i64, page_size: i64) -> Result<PaymentList, OpsError> {
    let offset = page.saturating_sub(1).saturating_mul(page_size);
    reader
        .store
        .read(async move |tx| {
            let (payments, total) = query::list_payments(tx, &filter, page_size, offset).await?;
            let now = tx.now();
            Ok(PaymentList { list: payments.into_iter().map(Into::into).collect(), total, page, page_size, now })
        })
        .await
}

impl Report for PaymentDetail {
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["PAYMENT", ""]);
        let money = |minor| Money::new(minor, self.currency).to_string();
        let rows = [
            ("payment_no", Some(self.payment_no.clone())),
            ("status", Some(self.status.to_string())),
            ("amount", Some(money(self.amount))),
            ("fee", Some(money(self.fee_amount))),
            ("captured", Some(money(self.captured))),
            ("refunded", Some(money(self.refunded))),
            ("order_no", Some(self.order_no.clone())),
            ("merchant_id", Some(self.merchant_id.to_string())),
            ("channel", Some(self.channel.clone())),
            ("customer_email", Some(self.customer_email.clone())),
            ("intent_id", self.intent_id.clone()),
            ("idempotency_key", self.idempotency_key.clone()),
            ("trace_id", Some(self.trace_id.clone())),
            ("created_at", Some(format_timestamp(self.created_at))),
            ("expires_at", Some(format_timestamp(self.expires_at)).filter(|_| self.status == PaymentStatus::Pending)),
            ("paid_at", self.paid_at.map(format_timestamp)),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                table.push([name.to_owned(), value]);
            }
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        vec![self.payment_no.clone()]
    }
}

impl Report for PaymentList {
    const LISTS: &'static [&'static str] = &["list"];
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["CREATED", "PAYMENT", "STATUS", ">AMOUNT", "?CHANNEL", "?ORDER", "??MERCHANT"]);
        for payment in &self.list {
            table.push([
                clock(payment.created_at, self.now),
                payment.payment_no.clone(),
                payment.status.to_string(),
                Money::new(payment.amount, payment.currency).to_string(),
                payment.channel.clone(),
                payment.order_no.clone(),
                payment.merchant_id.to_string(),
            ]);
        }
        table.notes.push(format!("{} of {}, page {}", self.list.len(), self.total, self.page));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.list.iter().map(|payment| payment.payment_no.clone()).collect()
    }
}
