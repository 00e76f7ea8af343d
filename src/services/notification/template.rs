use std::sync::LazyLock;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};

use crate::domain::{Currency, Money, parse_timestamp};
use crate::event::{EventKind, Extra};

macro_rules! templates {
    ($($variant:ident $name:literal of $kind:ident $subject:literal;)+) => {
        /// What is said to whom; one for each event that sends mail (contract section 10).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Template { $($variant,)+ }

        impl Template {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stored and wire name.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The mail's subject, in both languages.
            pub(super) const fn subject(self) -> &'static str {
                match self { $(Self::$variant => $subject,)+ }
            }

            /// The event that sends it.
            pub(super) const fn kind(self) -> EventKind {
                match self { $(Self::$variant => EventKind::$kind,)+ }
            }
        }

        /// Name and source of every file.
        const FILES: &[(&str, &str)] = &[
            ("layout.html.j2", include_str!("templates/layout.html.j2")),
            ("layout.txt.j2", include_str!("templates/layout.txt.j2")),
            $((concat!($name, ".html.j2"), include_str!(concat!("templates/", $name, ".html.j2"))),)+
            $((concat!($name, ".txt.j2"), include_str!(concat!("templates/", $name, ".txt.j2"))),)+
        ];
    };
}

templates! {
    PaymentCreated "payment_created" of PaymentCreated "支付已创建 - Payment Created";
    PaymentSuccess "payment_success" of PaymentSuccess "支付成功 - Payment Successful";
    PaymentFailed "payment_failed" of PaymentFailed "支付失败 - Payment Failed";
    OrderCreated "order_created" of OrderCreated "订单已创建 - Order Created";
    OrderPaid "order_paid" of OrderPaid "订单支付成功 - Order Paid";
    OrderCancelled "order_cancelled" of OrderCancelled "订单已取消 - Order Cancelled";
    OrderShipped "order_shipped" of OrderShipped "订单已发货 - Order Shipped";
    RefundSuccess "refund_success" of RefundSuccess "退款成功 - Refund Successful";
    RefundFailed "refund_failed" of RefundFailed "退款失败 - Refund Failed";
}

impl Template {
    /// The template of this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }

    /// The template that an event of this kind sends, if it sends any.
    pub(super) fn of(kind: EventKind) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.kind() == kind)
    }

    /// Both bodies of the mail. A variable that is missing is an error, not a gap in the text.
    pub(super) fn render(self, variables: &Extra) -> Result<Bodies, Error> {
        Ok(Bodies { html: self.body("html", variables)?, text: self.body("txt", variables)? })
    }

    fn body(self, form: &str, variables: &Extra) -> Result<String, Error> {
        let content = ENVIRONMENT.get_template(&format!("{}.{form}.j2", self.name()))?.render(Serde(variables))?;
        // What a template has rendered is escaped already, where its form escapes at all.
        let content = Value::from_safe_string(content);
        ENVIRONMENT.get_template(&format!("layout.{form}.j2"))?.render(context! { subject => self.subject(), content })
    }
}

/// A mail's content in its two forms.
#[derive(Debug)]
pub(super) struct Bodies {
    pub(super) html: String,
    pub(super) text: String,
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("money", money);
    environment.add_filter("utc", utc);
    for (name, source) in FILES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(template = name, error = %error, "template cannot be read; its mails fail");
        }
    }
    environment
});

/// Minor units as the currency writes them: `100.00 USD`.
fn money(minor: i64, currency: &str) -> Result<String, Error> {
    let currency: Currency = currency.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "unknown currency"))?;
    Ok(Money::new(minor, currency).to_string())
}

/// An RFC 3339 time for people, to the second.
fn utc(time: &str) -> Result<String, Error> {
    let time = parse_timestamp(time).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not a time"))?;
    Ok(time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables(order_no: &str, currency: &str) -> Extra {
        let all = json!({
            "payment_no": "PY20260102030405AAAAAAAAAA", "order_no": order_no, "refund_no": "RF20260102030405AAAAAAAAAA",
            "amount": 123_456, "total_amount": 123_456, "currency": currency, "paid_at": "2026-01-02T03:04:05.678901Z",
        });
        all.as_object().unwrap().clone()
    }

    #[test]
    fn every_template_speaks_both_languages_in_both_forms() {
        for template in Template::ALL {
            let bodies = template.render(&variables("ORD-1", "USD")).unwrap();
            let (chinese, english) = template.subject().split_once(" - ").unwrap();
            for (form, body) in [("html", &bodies.html), ("text", &bodies.text)] {
                assert!(body.contains(chinese) && body.contains(english), "{} {form}: {body}", template.name());
                assert!(body.contains("请勿回复") && body.contains("Please do not reply"), "{} {form}", template.name());
                assert!(!body.contains("{{") && !body.contains("{%"), "{} {form}", template.name());
            }
            assert!(bodies.html.starts_with("<!DOCTYPE html>") && bodies.html.ends_with("</html>"), "{}", template.name());
            assert!(!bodies.text.contains('<'), "{}", template.name());
        }
    }

    #[test]
    fn amounts_are_written_as_their_currency_writes_them_and_times_in_utc() {
        for (currency, text) in [("USD", "1234.56 USD"), ("JPY", "123456 JPY"), ("KWD", "123.456 KWD")] {
            let bodies = Template::OrderPaid.render(&variables("ORD-1", currency)).unwrap();
            assert!(bodies.html.contains(text) && bodies.text.contains(text), "{}", bodies.text);
            assert!(bodies.text.contains("2026-01-02 03:04:05 UTC"), "{}", bodies.text);
        }
    }

    #[test]
    fn markup_in_a_value_is_shown_and_not_run() {
        let bodies = Template::OrderCreated.render(&variables("<script>alert('x')</script>&\"", "USD")).unwrap();
        assert!(bodies.html.contains("&lt;script&gt;"), "{}", bodies.html);
        assert!(!bodies.html.contains("<script"), "{}", bodies.html);
        assert!(bodies.html.contains("<section lang=\"en\">"), "the layout keeps the template's own markup");
        assert!(bodies.text.contains("<script>alert('x')</script>&\""), "{}", bodies.text);
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        let mut some = variables("ORD-1", "USD");
        some.remove("paid_at");
        assert!(Template::OrderPaid.render(&some).is_err());
        assert!(Template::OrderCreated.render(&some).is_ok());
    }

    #[test]
    fn every_template_is_found_by_its_name_and_by_its_event() {
        assert_eq!(Template::ALL.len(), 9);
        for template in Template::ALL {
            assert_eq!(Template::parse(template.name()), Some(*template));
            assert_eq!(Template::of(template.kind()), Some(*template));
        }
        assert_eq!(Template::of(EventKind::PaymentProcessing), None);
    }
}
