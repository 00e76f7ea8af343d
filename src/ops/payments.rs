//! Payments as operators look them up: of any merchant, the payer's address masked unless it is asked for otherwise.

use serde::Serialize;

use crate::domain::{Currency, MerchantId, Money, PaymentStatus, Timestamp, format_timestamp};
use crate::services::gateway::query::{self, Part, PaymentFilter, PaymentSort, PaymentView};
use crate::store::Tx;

use super::span::clock;
use super::{Masking, OpsError, Reader, Report, Table};

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
    /// Masked unless asked for otherwise.
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

impl PaymentDetail {
    pub(super) fn of(view: PaymentView, masking: Masking) -> Self {
        Self {
            customer_email: masking.address(&view.customer_email),
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
pub async fn get(reader: &Reader, payment_no: &str, masking: Masking) -> Result<PaymentDetail, OpsError> {
    let wanted = payment_no.to_owned();
    reader.store.read(async move |tx| Ok(PaymentDetail::of(find(tx, &wanted).await?, masking))).await
}

async fn find(tx: &mut Tx, payment_no: &str) -> Result<PaymentView, OpsError> {
    let found = query::get_payment(tx, payment_no).await?;
    found.ok_or_else(|| OpsError::NotFound { what: "payment", id: payment_no.to_owned() })
}

/// Which payments are listed, and how.
#[derive(Debug, Clone, Default)]
pub struct PaymentQuery {
    /// Which of them.
    pub filter: PaymentFilter,
    /// In which order.
    pub sort: PaymentSort,
    /// Only what comes behind the payment of this number; new payments do not shift what follows it.
    pub after: Option<String>,
    /// Which page, from 1.
    pub page: i64,
    /// How many a page has at most.
    pub page_size: i64,
    /// How payers' addresses are shown.
    pub masking: Masking,
}

/// A page of payments.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentList {
    /// In the order that was asked for.
    pub list: Vec<PaymentDetail>,
    /// How many there are on all pages.
    pub total: i64,
    /// From 1; counted from the payment that was seen last where one was named.
    pub page: i64,
    /// How many a page has at most.
    pub page_size: i64,
    /// The payment behind which the next page begins; `None` where this is the last one.
    pub next: Option<String>,
    #[serde(skip)]
    now: Timestamp,
}

/// A page of the payments that fit.
pub async fn list(reader: &Reader, wanted: PaymentQuery) -> Result<PaymentList, OpsError> {
    reader
        .store
        .read(async move |tx| {
            let PaymentQuery { page, page_size, masking, .. } = wanted;
            let behind = match &wanted.after {
                Some(number) => Some(find(tx, number).await?),
                None => None,
            };
            let offset = page.saturating_sub(1).saturating_mul(page_size);
            // One more than is shown tells whether there are more.
            let part = Part { sort: wanted.sort, behind: behind.as_ref(), limit: page_size.saturating_add(1), offset };
            let (mut payments, total) = query::list_payments(tx, &wanted.filter, &part).await?;
            let shown = usize::try_from(page_size).unwrap_or(usize::MAX);
            let has_more = payments.len() > shown;
            payments.truncate(shown);
            let list: Vec<PaymentDetail> = payments.into_iter().map(|payment| PaymentDetail::of(payment, masking)).collect();
            let next = list.last().filter(|_| has_more).map(|last| last.payment_no.clone());
            Ok(PaymentList { list, total, page, page_size, next, now: tx.now() })
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
        let mut table = table(&self.list, self.now);
        table.notes.push(self.footer());
        vec![table]
    }

    fn wide(&self) -> Vec<Table> {
        let headers =
            ["CREATED", "PAYMENT", "STATUS", ">AMOUNT", ">FEE", "CHANNEL", "ORDER", "MERCHANT", "CUSTOMER", "PAID", "INTENT", "TRACE"];
        let mut table = Table::new(&headers);
        for payment in &self.list {
            let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            let [created, number, status, amount, channel, order, merchant] = cells(payment, self.now);
            table.push([
                created,
                number,
                status,
                amount,
                Money::new(payment.fee_amount, payment.currency).to_string(),
                channel,
                order,
                merchant,
                payment.customer_email.clone(),
                or_dash(payment.paid_at.map(format_timestamp)),
                or_dash(payment.intent_id.clone()),
                payment.trace_id.clone(),
            ]);
        }
        table.notes.push(self.footer());
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.list.iter().map(|payment| payment.payment_no.clone()).collect()
    }
}

impl PaymentList {
    /// How many of how many, and how to get the others.
    fn footer(&self) -> String {
        let page = if self.page > 1 { format!(", page {}", self.page) } else { String::new() };
        let more = match &self.next {
            Some(last) => format!("there are more: the same with --after {last}, or -n"),
            None => "no more".to_owned(),
        };
        format!("{} shown of {} that fit{page}; {more}", self.list.len(), self.total)
    }
}

/// Payments as a table, a row each.
pub(super) fn table(payments: &[PaymentDetail], now: Timestamp) -> Table {
    let mut table = Table::new(&["CREATED", "PAYMENT", "STATUS", ">AMOUNT", "?CHANNEL", "?ORDER", "??MERCHANT"]);
    for payment in payments {
        table.push(cells(payment, now));
    }
    table
}

fn cells(payment: &PaymentDetail, now: Timestamp) -> [String; 7] {
    [
        clock(payment.created_at, now),
        payment.payment_no.clone(),
        payment.status.to_string(),
        Money::new(payment.amount, payment.currency).to_string(),
        payment.channel.clone(),
        payment.order_no.clone(),
        payment.merchant_id.to_string(),
    ]
}
