use serde_json::json;

use crate::domain::{Email, MerchantId, Timestamp, format_timestamp};
use crate::event::{Event, Extra, NotificationPayload, OrderPayload, Payload, PaymentPayload, RefundPayload, sha256_hex};

use super::template::Template;

/// Hex digits of the recipient's hash in a Message-ID.
const HASH_CHARS: usize = 16;

/// The mail that an event asks for, if it asks for any. An event without an address still asks: its mail is skipped, visibly.
pub(super) fn of(event: &Event) -> Option<NotificationPayload> {
    let template = Template::of(event.kind)?;
    let notice = match &event.payload {
        Payload::Payment(payment) => of_payment(template, payment, event.timestamp),
        Payload::Refund(refund) => of_refund(template, refund),
        Payload::Order(order) => of_order(template, order, event.timestamp),
        _ => return None,
    };
    Some(NotificationPayload {
        source_event_id: event.event_id,
        source_event_type: event.kind.as_str().to_owned(),
        channel: "email".to_owned(),
        template: template.name().to_owned(),
        merchant_id: notice.merchant_id,
        recipient: notice.recipient,
        subject_id: notice.subject_id,
        payment_no: notice.payment_no,
        variables: notice.variables,
    })
}

/// Names the mail of one event to one recipient, the same on every try.
pub(super) fn message_id(notice: &NotificationPayload, domain: &str) -> String {
    let hash: String = sha256_hex(notice.recipient.expose().as_bytes()).chars().take(HASH_CHARS).collect();
    format!("<{}.{hash}@{domain}>", notice.source_event_id)
}

/// What differs between the payloads.
struct Notice {
    merchant_id: MerchantId,
    recipient: Email,
    subject_id: String,
    payment_no: String,
    variables: Extra,
}

fn of_payment(template: Template, payment: &PaymentPayload, at: Timestamp) -> Notice {
    let mut variables = Extra::from_iter([
        ("payment_no".to_owned(), json!(payment.payment_no)),
        ("order_no".to_owned(), json!(payment.order_no)),
        ("amount".to_owned(), json!(payment.amount)),
        ("currency".to_owned(), json!(payment.currency)),
    ]);
    if template == Template::PaymentSuccess {
        variables.insert("paid_at".to_owned(), json!(format_timestamp(payment.paid_at.unwrap_or(at))));
    }
    Notice {
        merchant_id: payment.merchant_id,
        recipient: payment.customer_email.clone(),
        subject_id: payment.payment_no.clone(),
        payment_no: payment.payment_no.clone(),
        variables,
    }
}

fn of_order(template: Template, order: &OrderPayload, at: Timestamp) -> Notice {
    let mut variables = Extra::from_iter([("order_no".to_owned(), json!(order.order_no))]);
    if matches!(template, Template::OrderCreated | Template::OrderPaid) {
        variables.insert("total_amount".to_owned(), json!(order.total_amount));
        variables.insert("currency".to_owned(), json!(order.currency));
    }
    if template == Template::OrderPaid {
        variables.insert("payment_no".to_owned(), json!(order.payment_no));
        variables.insert("paid_at".to_owned(), json!(format_timestamp(order.paid_at.unwrap_or(at))));
    }
    Notice {
        merchant_id: order.merchant_id,
        recipient: order.customer_email.clone(),
        subject_id: order.order_no.clone(),
        payment_no: order.payment_no.clone(),
        variables,
    }
}

/// A refund that went through is told to the customer, one that failed to the merchant, who has to act.
fn of_refund(template: Template, refund: &RefundPayload) -> Notice {
    let whose = if template == Template::RefundFailed { "merchant_email" } else { "customer_email" };
    let address = refund.extra.get(whose).and_then(serde_json::Value::as_str).unwrap_or_default();
    Notice {
        merchant_id: refund.merchant_id,
        recipient: Email::stored(address),
        subject_id: refund.refund_no.clone(),
        payment_no: refund.payment_no.clone(),
        variables: Extra::from_iter([
            ("refund_no".to_owned(), json!(refund.refund_no)),
            ("payment_no".to_owned(), json!(refund.payment_no)),
            ("amount".to_owned(), json!(refund.amount)),
            ("currency".to_owned(), json!(refund.currency)),
        ]),
    }
}
