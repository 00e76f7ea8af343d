use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, OrderStatus, PaymentStatus, Timestamp};
use crate::event::{
    AccountingExtra, AccountingPayload, AggregateType as A, AnalyticsPayload, AuditPayload, BankAccount, Cause, EntryType, EventKind,
    Extra, LedgerEntry, MerchantPayload, NewEvent, NotificationPayload, OrderPayload, Payload, PaymentPayload, PayoutPayload,
    RefundPayload, SagaCompensatingPayload, SagaStartedPayload, SettlementCycle, SettlementPayload, WithdrawalPayload, WithdrawalType,
};

/// What the fields of a sample are made of; each property sees other texts, numbers, times and absences.
#[derive(Debug, Clone)]
struct Stuff {
    text: String,
    number: i64,
    time: Timestamp,
    currency: Currency,
    id: Uuid,
    present: bool,
    choice: usize,
}

fn stuff(texts: impl Strategy<Value = String>) -> impl Strategy<Value = Stuff> {
    let currencies = ["USD", "JPY", "KWD", "CNY"].map(|code| code.parse::<Currency>().unwrap()).to_vec();
    // Year 1 to 9999: what RFC 3339 can say.
    let micros = -62_135_596_800_000_000i64..253_402_300_799_999_999;
    (texts, any::<i64>(), micros, select(currencies), any::<u128>(), any::<bool>(), 0usize..60).prop_map(
        |(text, number, micros, currency, id, present, choice)| Stuff {
            text,
            number,
            time: DateTime::from_timestamp_micros(micros).unwrap(),
            currency,
            id: Uuid::from_u128(id),
            present,
            choice,
        },
    )
}

impl Stuff {
    fn text(&self) -> String {
        self.text.clone()
    }

    fn merchant(&self) -> MerchantId {
        MerchantId(self.id)
    }

    fn email(&self) -> Email {
        Email::stored(self.text())
    }

    fn maybe<T>(&self, value: T) -> Option<T> {
        self.present.then_some(value)
    }

    fn pick<T: Copy>(&self, among: &[T]) -> T {
        among[self.choice % among.len()]
    }

    fn extra(&self) -> Extra {
        let mut extra = Extra::new();
        if self.present {
            extra.insert(self.text(), json!({"deep": [self.number, null, self.text]}));
        }
        extra
    }
}

/// Any event of any type that this version knows, with its payload.
pub(crate) fn any_event() -> impl Strategy<Value = NewEvent> {
    Union::new(EventKind::ALL.iter().map(|kind| event_of(*kind).boxed()))
}

/// Any event of this type.
pub(super) fn event_of(kind: EventKind) -> impl Strategy<Value = NewEvent> {
    event_with(kind, any::<String>())
}

/// The same with such texts.
pub(crate) fn event_with(kind: EventKind, texts: impl Strategy<Value = String>) -> impl Strategy<Value = NewEvent> {
    (stuff(texts), 1..i64::MAX).prop_map(move |(stuff, version)| NewEvent {
        event_id: stuff.id,
        kind,
        topic: stuff.pick(kind.topics()),
        aggregate_id: stuff.text(),
        aggregate_version: version,
        merchant_id: stuff.maybe(stuff.merchant()),
        key: stuff.text(),
        timestamp: stuff.time,
        cause: Cause { correlation_id: stuff.text(), causation_id: stuff.text(), trace_id: stuff.id.simple().to_string() },
        producer: "gateway",
        payload: payload_of(kind, &stuff),
    })
}

fn payload_of(kind: EventKind, stuff: &Stuff) -> Payload {
    match kind.aggregate_type() {
        A::Payment => Payload::Payment(Box::new(payment(stuff))),
        A::Payout => Payload::Payout(Box::new(payout(stuff))),
        A::Refund => Payload::Refund(Box::new(refund(stuff))),
        A::Order => Payload::Order(Box::new(order(stuff))),
        A::Transaction | A::Balance => Payload::Accounting(Box::new(accounting(stuff))),
        A::Settlement => Payload::Settlement(Box::new(settlement(stuff))),
        A::Withdrawal => Payload::Withdrawal(Box::new(withdrawal(stuff))),
        A::Merchant => Payload::Merchant(Box::new(merchant(stuff))),
        A::Notification => Payload::Notification(Box::new(notification(stuff))),
        A::Saga if kind == EventKind::SagaCompensating => {
            Payload::SagaCompensating(Box::new(SagaCompensatingPayload { step: stuff.text(), reason: stuff.text() }))
        }
        A::Saga => Payload::SagaStarted(Box::new(SagaStartedPayload {
            saga_type: stuff.text(),
            business_id: stuff.text(),
            steps: vec![stuff.text(); stuff.choice % 4],
        })),
        A::Metrics => Payload::Analytics(Box::new(analytics(stuff))),
        A::Audit => Payload::Audit(Box::new(audit(stuff))),
    }
}

fn payment(stuff: &Stuff) -> PaymentPayload {
    PaymentPayload {
        payment_no: stuff.text(),
        merchant_id: stuff.merchant(),
        order_no: stuff.text(),
        amount: stuff.number,
        currency: stuff.currency,
        channel: stuff.text(),
        status: stuff.pick(&PaymentStatus::ALL),
        customer_email: stuff.email(),
        created_at: stuff.time,
        paid_at: stuff.maybe(stuff.time),
        fee_bps: stuff.number,
        fee_amount: stuff.number,
        extra: stuff.extra(),
    }
}

fn payout(stuff: &Stuff) -> PayoutPayload {
    PayoutPayload { payout_no: stuff.text(), channel: stuff.text(), amount: stuff.number, fee: stuff.number, currency: stuff.currency }
}

fn refund(stuff: &Stuff) -> RefundPayload {
    RefundPayload {
        refund_no: stuff.text(),
        payment_no: stuff.text(),
        merchant_id: stuff.merchant(),
        order_no: stuff.text(),
        amount: stuff.number,
        currency: stuff.currency,
        channel: stuff.text(),
        reason: stuff.text(),
        status: stuff.text(),
        fee_returned: stuff.number,
        refunded_at: stuff.maybe(stuff.time),
        extra: stuff.extra(),
    }
}

fn order(stuff: &Stuff) -> OrderPayload {
    OrderPayload {
        order_no: stuff.text(),
        merchant_id: stuff.merchant(),
        payment_no: stuff.text(),
        total_amount: stuff.number,
        fee_amount: stuff.maybe(stuff.number),
        currency: stuff.currency,
        status: stuff.pick(&OrderStatus::ALL),
        customer_email: stuff.email(),
        paid_at: stuff.maybe(stuff.time),
        extra: stuff.extra(),
    }
}

fn accounting(stuff: &Stuff) -> AccountingPayload {
    let entry = LedgerEntry { kind: stuff.text(), debit: stuff.text(), credit: stuff.text(), amount: stuff.number };
    AccountingPayload {
        transaction_id: stuff.text(),
        account_id: stuff.text(),
        merchant_id: stuff.merchant(),
        entry_type: stuff.pick(&[EntryType::Credit, EntryType::Debit]),
        amount: stuff.number,
        balance: stuff.number,
        currency: stuff.currency,
        description: stuff.text(),
        related_id: stuff.text(),
        created_at: stuff.time,
        extra: AccountingExtra { entries: vec![entry; stuff.choice % 4] },
    }
}

fn settlement(stuff: &Stuff) -> SettlementPayload {
    SettlementPayload {
        settlement_no: stuff.text(),
        merchant_id: stuff.merchant(),
        cycle: stuff.pick(&[SettlementCycle::Daily, SettlementCycle::Weekly, SettlementCycle::Monthly]),
        total_amount: stuff.number,
        fee_amount: stuff.number,
        refund_amount: stuff.number,
        dispute_amount: stuff.number,
        carried_in: stuff.number,
        settlement_amount: stuff.number,
        carried_out: stuff.number,
        total_count: stuff.number,
        currency: stuff.currency,
        status: stuff.text(),
        start_date: stuff.time.date_naive(),
        end_date: stuff.time.date_naive(),
        approved_by: stuff.maybe(stuff.text()),
        approved_at: stuff.maybe(stuff.time),
        completed_at: stuff.maybe(stuff.time),
        extra: stuff.extra(),
    }
}

fn withdrawal(stuff: &Stuff) -> WithdrawalPayload {
    WithdrawalPayload {
        withdrawal_no: stuff.text(),
        merchant_id: stuff.merchant(),
        amount: stuff.number,
        fee: stuff.number,
        actual_amount: stuff.number,
        currency: stuff.currency,
        withdrawal_type: stuff.pick(&[WithdrawalType::Normal, WithdrawalType::Urgent, WithdrawalType::Scheduled]),
        status: stuff.text(),
        bank_account_ref: stuff.text(),
        approved_by: vec![stuff.text(); stuff.choice % 4],
        reason: stuff.maybe(stuff.text()),
        extra: stuff.extra(),
    }
}

fn merchant(stuff: &Stuff) -> MerchantPayload {
    MerchantPayload {
        merchant_id: stuff.merchant(),
        name: stuff.text(),
        email: stuff.email(),
        status: stuff.text(),
        fee_bps: stuff.number,
        refund_returns_fee: stuff.present,
        settlement_cycle: SettlementCycle::Daily,
        bank_accounts: vec![BankAccount { reference: stuff.text(), verified_at: stuff.maybe(stuff.time) }; stuff.choice % 3],
    }
}

fn notification(stuff: &Stuff) -> NotificationPayload {
    NotificationPayload {
        source_event_id: stuff.id,
        source_event_type: stuff.text(),
        channel: stuff.text(),
        template: stuff.text(),
        merchant_id: stuff.merchant(),
        recipient: stuff.email(),
        subject_id: stuff.text(),
        payment_no: stuff.text(),
        variables: stuff.extra(),
    }
}

fn analytics(stuff: &Stuff) -> AnalyticsPayload {
    AnalyticsPayload { metrics: stuff.text(), key: stuff.text(), date: stuff.text(), currency: stuff.currency, values: stuff.extra() }
}

fn audit(stuff: &Stuff) -> AuditPayload {
    AuditPayload {
        actor: stuff.text(),
        action: stuff.text(),
        target: stuff.text(),
        before: json!(stuff.maybe(stuff.number)),
        after: json!(stuff.text),
        reason: stuff.text(),
    }
}
