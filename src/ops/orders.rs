//! Orders as operators look them up: of any merchant, the buyer's address masked.

use serde::Serialize;

use crate::domain::{Currency, MerchantId, Money, OrderStatus, Timestamp, format_timestamp};
use crate::services::order::query::{self, OrderFilter, OrderView};

use super::span::clock;
use super::{OpsError, Reader, Report, Table};

/// One order.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the contract, under the same names")]
pub struct OrderDetail {
    pub order_no: String,
    pub merchant_id: MerchantId,
    pub payment_no: String,
    pub status: OrderStatus,
    pub total_amount: i64,
    pub fee_amount: Option<i64>,
    pub currency: Currency,
    /// Masked.
    pub customer_email: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}

impl From<OrderView> for OrderDetail {
    fn from(view: OrderView) -> Self {
        Self {
            customer_email: view.customer_email.masked(),
            order_no: view.order_no,
            merchant_id: view.merchant_id,
            payment_no: view.payment_no,
            status: view.status,
            total_amount: view.total_amount,
            fee_amount: view.fee_amount,
            currency: view.currency,
            version: view.version,
            created_at: view.created_at,
            updated_at: view.updated_at,
            paid_at: view.paid_at,
        }
    }
}

/// The merchant's order of this number; without a merchant the newest of any.
pub async fn get(reader: &Reader, merchant: Option<MerchantId>, order_no: &str) -> Result<OrderDetail, OpsError> {
    let wanted = order_no.to_owned();
    let found = reader.store.read(async move |tx| Ok::<_, OpsError>(query::get_order(tx, merchant, &wanted).await?)).await?;
    found.map(Into::into).ok_or_else(|| OpsError::NotFound { what: "order", id: order_no.to_owned() })
}

/// A page of orders.
#[derive(Debug, Clone, Serialize)]
pub struct OrderList {
    /// Newest first.
    pub list: Vec<OrderDetail>,
    /// How many there are on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// How many a page has at most.
    pub page_size: i64,
    #[serde(skip)]
    now: Timestamp,
}

/// A page of the orders that fit.
pub async fn list(reader: &Reader, filter: OrderFilter, page: i64, page_size: i64) -> Result<OrderList, OpsError> {
    let offset = page.saturating_sub(1).saturating_mul(page_size);
    reader
        .store
        .read(async move |tx| {
            let (orders, total) = query::list_orders(tx, &filter, page_size, offset).await?;
            let now = tx.now();
            Ok(OrderList { list: orders.into_iter().map(Into::into).collect(), total, page, page_size, now })
        })
        .await
}

impl Report for OrderDetail {
    const NAMES: Option<&'static str> = Some("order numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["ORDER", ""]);
        let money = |minor| Money::new(minor, self.currency).to_string();
        let rows = [
            ("order_no", Some(self.order_no.clone())),
            ("status", Some(self.status.to_string())),
            ("total_amount", Some(money(self.total_amount))),
            ("fee", self.fee_amount.map(money)),
            ("payment_no", Some(self.payment_no.clone()).filter(|payment| !payment.is_empty())),
            ("merchant_id", Some(self.merchant_id.to_string())),
            ("customer_email", Some(self.customer_email.clone())),
            ("created_at", Some(format_timestamp(self.created_at))),
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
        vec![self.order_no.clone()]
    }
}

impl Report for OrderList {
    const LISTS: &'static [&'static str] = &["list"];
    const NAMES: Option<&'static str> = Some("order numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["CREATED", "ORDER", "STATUS", ">TOTAL", "?PAYMENT", "??MERCHANT"]);
        for order in &self.list {
            let payment = if order.payment_no.is_empty() { "-".to_owned() } else { order.payment_no.clone() };
            table.push([
                clock(order.created_at, self.now),
                order.order_no.clone(),
                order.status.to_string(),
                Money::new(order.total_amount, order.currency).to_string(),
                payment,
                order.merchant_id.to_string(),
            ]);
        }
        table.notes.push(format!("{} of {}, page {}", self.list.len(), self.total, self.page));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.list.iter().map(|order| order.order_no.clone()).collect()
    }
}
