use payctl::domain::{Currency, Email, Money};
use payctl::ops::{Fields, Report, Table};
use serde::Serialize;
use serde_json::Value;

const EMAIL: &str = "customer_email";

/// What a person sees of a payment, in this order, where it is there.
const SHOWN: &[&str] = &["payment_no", "status", "amount", "order_no", "channel", "created_at", "expires_at", "paid_at", "payment_url"];

/// A payment as the gateway answered it, the payer's address masked.
#[derive(Debug, Serialize)]
pub(crate) struct PaymentView {
    payment: Fields,
}

impl PaymentView {
    pub(super) fn new(mut payment: Fields) -> Self {
        if let Some(Value::String(email)) = payment.get_mut(EMAIL) {
            *email = Email::stored(email.as_str()).masked();
        }
        Self { payment }
    }

    pub(super) fn payment_no(&self) -> &str {
        self.text("payment_no")
    }

    pub(super) fn status(&self) -> &str {
        self.text("status")
    }

    fn text(&self, name: &str) -> &str {
        self.payment.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn shown(&self, name: &str) -> Option<String> {
        match self.payment.get(name)? {
            Value::Number(amount) if name == "amount" => {
                let currency = self.text("currency").parse::<Currency>().ok()?;
                Some(Money::new(amount.as_i64()?, currency).to_string())
            }
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Report for PaymentView {
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["PAYMENT", ""]);
        for name in SHOWN {
            if let Some(text) = self.shown(name) {
                table.push([(*name).to_owned(), text]);
            }
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        vec![self.payment_no().to_owned()]
    }
}
