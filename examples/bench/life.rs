//! The events of a payment's life, as patterns: the codec's own bytes, in which a number and a merchant stand open.

use payctl::domain::{Currency, Email, MerchantId, OrderStatus, PaymentStatus, Timestamp, fee_amount};
use payctl::event::{
    AccountingExtra, AccountingPayload, Cause, EncodeError, EncodedEvent, EntryType, EventKind, Extra, LedgerEntry, NewEvent,
    NotificationPayload, OrderPayload, Payload, PaymentPayload, Topic, order_aggregate_id,
};
use uuid::Uuid;

/// What stands in every id where the payment's number belongs, eight digits.
pub(crate) const NUMBER: &str = "ffffffff";
/// Who stands where a merchant belongs.
pub(crate) const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0xeeee_eeee_0000_4000_8000_eeee_eeee_eeee));
pub(crate) const PAYMENT_NO: &str = "PY2026010100000000ffffffff";
pub(crate) const ORDER_NO: &str = "ORDER-ffffffff";
pub(crate) const TRANSACTION_ID: &str = "TX2026010100000000ffffffff";
pub(crate) const EMAIL: &str = "customer-ffffffff@example.com";
pub(crate) const AMOUNT: i64 = 10_000;
pub(crate) const FEE_BPS: i64 = 200;

/// The n-th event of a life.
pub(crate) struct Pattern {
    pub(crate) nth: u8,
    /// Whether a payment that is never paid has it too.
    pub(crate) is_always: bool,
    pub(crate) encoded: EncodedEvent,
}

/// A mail of a life: the event that it is about, and the one that asks for it.
pub(crate) struct Mail {
    pub(crate) source: u8,
    pub(crate) request: u8,
    pub(crate) kind: EventKind,
}

/// Every mail of a life.
pub(crate) const MAILS: [Mail; 4] = [
    Mail { source: 1, request: 7, kind: EventKind::PaymentCreated },
    Mail { source: 4, request: 8, kind: EventKind::OrderCreated },
    Mail { source: SUCCESS, request: 9, kind: EventKind::PaymentSuccess },
    Mail { source: 5, request: 10, kind: EventKind::OrderPaid },
];

/// Which event is the success.
pub(crate) const SUCCESS: u8 = 3;
/// No life has more events, so that this many numbers of the log are left for each.
pub(crate) const MOST: i64 = 10;

/// The id of the n-th event.
pub(crate) fn event_id(nth: u8) -> Uuid {
    Uuid::from_u128(0xffff_ffff_0000_7000_8000_0000_0000_0000 + u128::from(nth))
}

/// The id of the mail that the n-th event asks for.
pub(crate) fn mail_id(nth: u8) -> Uuid {
    Uuid::from_u128(0xffff_ffff_0000_7000_8000_0000_0001_0000 + u128::from(nth))
}

/// The fee of every payment.
pub(crate) fn fee() -> i64 {
    fee_amount(AMOUNT, FEE_BPS)
}

/// Every event of a payment that was paid, in order.
pub(crate) fn patterns(now: Timestamp) -> Result<Vec<Pattern>, EncodeError> {
    let order = order_aggregate_id(MERCHANT, ORDER_NO);
    let made = [
        (1, 1, EventKind::PaymentCreated, PAYMENT_NO, payment(now, PaymentStatus::Pending)),
        (2, 2, EventKind::PaymentProcessing, PAYMENT_NO, payment(now, PaymentStatus::Processing)),
        (SUCCESS, 3, EventKind::PaymentSuccess, PAYMENT_NO, payment(now, PaymentStatus::Success)),
        (4, 1, EventKind::OrderCreated, order.as_str(), self::order(now, OrderStatus::Pending)),
        (5, 2, EventKind::OrderPaid, order.as_str(), self::order(now, OrderStatus::Paid)),
        (6, 1, EventKind::TransactionCreated, TRANSACTION_ID, booking(now)),
    ];
    let mut patterns = Vec::new();
    for (nth, version, kind, aggregate_id, payload) in made {
        let is_always = version == 1 && kind != EventKind::TransactionCreated;
        let event = event(now, nth, kind, (aggregate_id, version), payload);
        patterns.push(Pattern { nth, is_always, encoded: EncodedEvent::new(event)? });
    }
    for mail in MAILS {
        let id = mail_id(mail.request).to_string();
        let mut event = event(now, mail.request, EventKind::NotificationRequested, (&id, 1), request(&mail));
        event.topic = Topic::NotificationsEmail;
        let is_always = matches!(mail.kind, EventKind::PaymentCreated | EventKind::OrderCreated);
        patterns.push(Pattern { nth: mail.request, is_always, encoded: EncodedEvent::new(event)? });
    }
    Ok(patterns)
}

fn event(now: Timestamp, nth: u8, kind: EventKind, (aggregate_id, version): (&str, i64), payload: Payload) -> NewEvent {
    NewEvent {
        event_id: event_id(nth),
        kind,
        topic: kind.topic(),
        aggregate_id: aggregate_id.to_owned(),
        aggregate_version: version,
        merchant_id: Some(MERCHANT),
        key: MERCHANT.to_string(),
        timestamp: now,
        cause: Cause {
            correlation_id: PAYMENT_NO.to_owned(),
            causation_id: event_id(1).to_string(),
            trace_id: Uuid::from_u128(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).simple().to_string(),
        },
        producer: "gateway",
        payload,
    }
}

fn payment(now: Timestamp, status: PaymentStatus) -> Payload {
    Payload::Payment(Box::new(PaymentPayload {
        payment_no: PAYMENT_NO.to_owned(),
        merchant_id: MERCHANT,
        order_no: ORDER_NO.to_owned(),
        amount: AMOUNT,
        currency: Currency::USD,
        channel: "stripe".to_owned(),
        status,
        customer_email: Email::stored(EMAIL),
        created_at: now,
        paid_at: (status == PaymentStatus::Success).then_some(now),
        fee_bps: FEE_BPS,
        fee_amount: fee(),
        extra: Extra::new(),
    }))
}

fn order(now: Timestamp, status: OrderStatus) -> Payload {
    Payload::Order(Box::new(OrderPayload {
        order_no: ORDER_NO.to_owned(),
        merchant_id: MERCHANT,
        payment_no: PAYMENT_NO.to_owned(),
        total_amount: AMOUNT,
        fee_amount: None,
        currency: Currency::USD,
        status,
        customer_email: Email::stored(EMAIL),
        paid_at: (status == OrderStatus::Paid).then_some(now),
        extra: Extra::new(),
    }))
}

fn booking(now: Timestamp) -> Payload {
    let pending = format!("merchant_pending:{MERCHANT}");
    let leg = |kind: &str, debit: &str, credit: &str, amount| LedgerEntry {
        kind: kind.to_owned(),
        debit: debit.to_owned(),
        credit: credit.to_owned(),
        amount,
    };
    let entries =
        vec![leg("payment_gross", "channel_clearing:stripe", &pending, AMOUNT), leg("payment_fee", &pending, "fee_income", fee())];
    Payload::Accounting(Box::new(AccountingPayload {
        transaction_id: TRANSACTION_ID.to_owned(),
        account_id: pending.clone(),
        merchant_id: MERCHANT,
        entry_type: EntryType::Credit,
        amount: AMOUNT - fee(),
        balance: AMOUNT - fee(),
        currency: Currency::USD,
        description: "payment".to_owned(),
        related_id: PAYMENT_NO.to_owned(),
        created_at: now,
        extra: AccountingExtra { entries },
    }))
}

fn request(mail: &Mail) -> Payload {
    Payload::Notification(Box::new(NotificationPayload {
        source_event_id: event_id(mail.source),
        source_event_type: mail.kind.as_str().to_owned(),
        channel: "email".to_owned(),
        template: template(mail.kind),
        merchant_id: MERCHANT,
        recipient: Email::stored(EMAIL),
        subject_id: PAYMENT_NO.to_owned(),
        payment_no: PAYMENT_NO.to_owned(),
        variables: Extra::from_iter([("payment_no".to_owned(), serde_json::json!(PAYMENT_NO))]),
    }))
}

/// The template of the mail about this kind of event.
pub(crate) fn template(kind: EventKind) -> String {
    kind.as_str().replace('.', "_")
}
