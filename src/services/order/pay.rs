use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::{MerchantId, OrderStatus, PaymentStatus};
use crate::http::{ApiError, ErrorCode};

use super::change::Change;
use super::client::{GatewayPayment, OnBehalf};
use super::orders::{Orders, wrong_status};
use super::row::Order;

/// What the body of a pay may say; the gateway judges the values.
const OPTIONS: [&str; 7] = ["channel", "customer_ip", "description", "return_url", "notify_url", "expire_minutes", "extra"];
const DEFAULT_CHANNEL: &str = "stripe";

/// The answer of a pay: where the customer pays.
#[derive(Debug, Serialize)]
pub(super) struct Checkout {
    pub(super) order_no: String,
    pub(super) payment_no: String,
    pub(super) payment_status: PaymentStatus,
    pub(super) payment_url: String,
    /// Whether this request made the payment; else it was open already.
    #[serde(skip)]
    pub(super) made: bool,
}

impl Orders {
    /// Makes the order's payment, or answers the one that is open: asking twice never charges twice.
    ///
    /// No idempotency key goes with it: the gateway takes one open payment an order, and a key would keep the refusals of a
    /// frozen merchant, or the address of a failed attempt, for days.
    pub(super) async fn pay(&self, merchant: MerchantId, order_no: &str, options: Value, caller: OnBehalf) -> Result<Checkout, ApiError> {
        let order = self.find(merchant, order_no).await?;
        if order.status != OrderStatus::Pending {
            return Err(wrong_status(&order, "only a pending order can be paid"));
        }
        let body = request(&order, options)?;
        if let Some(open) = self.open_payment(&order, &caller).await? {
            return Ok(checkout(order, open, false));
        }
        match self.gateway.create(&caller, &body).await {
            Ok(made) => Ok(checkout(order, made, true)),
            Err(refusal) if refusal.code == ErrorCode::DuplicateOrder => {
                // Someone else was faster by a moment.
                let open = self.open_payment(&order, &caller).await?.ok_or(refusal)?;
                Ok(checkout(order, open, false))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Cancels the open payment first, so that nobody pays a cancelled order, then the order.
    pub(super) async fn cancel(&self, merchant: MerchantId, order_no: &str, caller: OnBehalf) -> Result<Order, ApiError> {
        let order = self.find(merchant, order_no).await?;
        Change::Cancel.check(&order)?;
        if let Some(open) = self.open_payment(&order, &caller).await? {
            self.gateway.cancel(&caller, &open.payment_no).await?;
        }
        self.change(merchant, order.order_no, Change::Cancel, caller.trace_id).await
    }

    /// The order's payment that somebody may still pay. The gateway is asked because the events that tell us of a payment
    /// may be on their way; for the same reason one that has succeeded there ends the matter here.
    async fn open_payment(&self, order: &Order, caller: &OnBehalf) -> Result<Option<GatewayPayment>, ApiError> {
        let payments = self.gateway.payments_of(caller, &order.order_no).await?;
        if let Some(paid) = payments.iter().find(|payment| payment.status == PaymentStatus::Success) {
            let refusal = wrong_status(order, "a payment of this order has succeeded; the order follows it");
            return Err(refusal.with("payment_no", paid.payment_no.as_str()).with("payment_status", paid.status.as_str()));
        }
        let open = |payment: &GatewayPayment| matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Processing);
        Ok(payments.into_iter().find(open))
    }
}

fn checkout(order: Order, payment: GatewayPayment, made: bool) -> Checkout {
    Checkout {
        order_no: order.order_no,
        payment_no: payment.payment_no,
        payment_status: payment.status,
        payment_url: payment.payment_url,
        made,
    }
}

/// The gateway's request: what is to be paid comes from the order alone.
fn request(order: &Order, options: Value) -> Result<Value, ApiError> {
    let mut body = match options {
        Value::Null => Map::new(),
        Value::Object(options) => options,
        _ => return Err(ApiError::new(ErrorCode::InvalidRequest, "the body is an object")),
    };
    if body.keys().any(|name| !OPTIONS.contains(&name.as_str())) {
        let message = format!("the body may name only {}; the rest comes from the order", OPTIONS.join(", "));
        return Err(ApiError::new(ErrorCode::InvalidRequest, message));
    }
    body.entry("channel").or_insert_with(|| json!(DEFAULT_CHANNEL));
    body.insert("merchant_id".to_owned(), json!(order.merchant_id));
    body.insert("order_no".to_owned(), json!(order.order_no));
    body.insert("amount".to_owned(), json!(order.total_amount));
    body.insert("currency".to_owned(), json!(order.currency));
    body.insert("customer_email".to_owned(), json!(order.customer_email.expose()));
    Ok(Value::Object(body))
}
