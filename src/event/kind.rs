use std::fmt;

use crate::domain::PaymentStatus;

use super::Topic;

macro_rules! aggregates {
    ($($variant:ident $name:literal id $id:literal;)+) => {
        /// What an event's aggregate is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AggregateType { $(#[doc = $id] $variant,)+ }

        impl AggregateType {
            /// The wire name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

aggregates! {
    Payment "payment" id "`PY…`";
    Payout "payout" id "The channel's own id of the payout.";
    Refund "refund" id "`RF…`, and disputes under the channel's id.";
    Order "order" id "`<merchant_id>/<order_no>`";
    Transaction "transaction" id "`TX…`";
    Balance "balance" id "`<account>/<currency>`";
    Settlement "settlement" id "`ST…`";
    Withdrawal "withdrawal" id "`WD…`";
    Merchant "merchant" id "The merchant's UUID.";
    Notification "notification" id "A UUID of its own.";
    Saga "saga" id "A UUID of its own.";
    Metrics "metrics" id "One row of metrics.";
    Audit "audit" id "A UUID of its own.";
}

macro_rules! kinds {
    ($($variant:ident $name:literal of $aggregate:ident on $($topic:ident)|+;)+) => {
        /// The event types that this version knows; any other is skipped and counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $(#[doc = concat!("`", $name, "`")] $variant,)+ }

        impl EventKind {
            /// Every known type.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The wire name, in the past tense.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What its aggregate is.
            pub const fn aggregate_type(self) -> AggregateType {
                match self { $(Self::$variant => AggregateType::$aggregate,)+ }
            }

            /// The topics that may carry it; the first is the usual one.
            pub const fn topics(self) -> &'static [Topic] {
                match self { $(Self::$variant => &[$(Topic::$topic),+],)+ }
            }
        }
    };
}

kinds! {
    PaymentCreated "payment.created" of Payment on PaymentEvents;
    PaymentProcessing "payment.processing" of Payment on PaymentEvents;
    PaymentSuccess "payment.success" of Payment on PaymentEvents;
    PaymentFailed "payment.failed" of Payment on PaymentEvents;
    PaymentCancelled "payment.cancelled" of Payment on PaymentEvents;
    PaymentExpired "payment.expired" of Payment on PaymentEvents;
    PayoutPaid "channel.payout.paid" of Payout on PaymentEvents;
    PayoutFailed "channel.payout.failed" of Payout on PaymentEvents;
    RefundCreated "refund.created" of Refund on PaymentRefundEvents;
    RefundProcessing "refund.processing" of Refund on PaymentRefundEvents;
    RefundSuccess "refund.success" of Refund on PaymentRefundEvents;
    RefundFailed "refund.failed" of Refund on PaymentRefundEvents;
    RefundReversed "refund.reversed" of Refund on PaymentRefundEvents;
    DisputeWithdrawn "dispute.withdrawn" of Refund on PaymentRefundEvents;
    DisputeReinstated "dispute.reinstated" of Refund on PaymentRefundEvents;
    OrderCreated "order.created" of Order on OrderEvents;
    OrderPaid "order.paid" of Order on OrderEvents;
    OrderCancelled "order.cancelled" of Order on OrderEvents;
    OrderExpired "order.expired" of Order on OrderEvents;
    OrderRefunded "order.refunded" of Order on OrderEvents;
    OrderShipped "order.shipped" of Order on OrderEvents;
    OrderCompleted "order.completed" of Order on OrderEvents;
    TransactionCreated "accounting.transaction.created" of Transaction on AccountingEvents;
    BalanceUpdated "accounting.balance.updated" of Balance on AccountingEvents;
    SettlementCreated "settlement.created" of Settlement on SettlementEvents;
    SettlementApproved "settlement.approved" of Settlement on SettlementEvents;
    SettlementRejected "settlement.rejected" of Settlement on SettlementEvents;
    SettlementProcessing "settlement.processing" of Settlement on SettlementEvents;
    SettlementCompleted "settlement.completed" of Settlement on SettlementEvents;
    SettlementFailed "settlement.failed" of Settlement on SettlementEvents;
    WithdrawalCreated "withdrawal.created" of Withdrawal on WithdrawalEvents;
    WithdrawalApproved "withdrawal.approved" of Withdrawal on WithdrawalEvents;
    WithdrawalRejected "withdrawal.rejected" of Withdrawal on WithdrawalEvents;
    WithdrawalProcessing "withdrawal.processing" of Withdrawal on WithdrawalEvents;
    WithdrawalSuccess "withdrawal.success" of Withdrawal on WithdrawalEvents;
    WithdrawalFailed "withdrawal.failed" of Withdrawal on WithdrawalEvents;
    WithdrawalCancelled "withdrawal.cancelled" of Withdrawal on WithdrawalEvents;
    WithdrawalReturned "withdrawal.returned" of Withdrawal on WithdrawalEvents;
    MerchantCreated "merchant.created" of Merchant on MerchantEvents;
    MerchantApproved "merchant.approved" of Merchant on MerchantEvents;
    MerchantFrozen "merchant.frozen" of Merchant on MerchantEvents;
    MerchantUnfrozen "merchant.unfrozen" of Merchant on MerchantEvents;
    MerchantUpdated "merchant.updated" of Merchant on MerchantEvents;
    MetricsUpdated "analytics.metrics.updated" of Metrics on AnalyticsEvents;
    NotificationRequested "notification.requested" of Notification on NotificationsEmail | NotificationsSms | NotificationsWebhook;
    SagaStarted "saga.started" of Saga on SagaPaymentStart;
    SagaCompensating "saga.compensating" of Saga on SagaPaymentCompensate;
    AuditRecorded "audit.recorded" of Audit on AuditLogs;
}

impl EventKind {
    /// The type of this wire name, when this version knows it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The type of a payment's entering a status.
    pub const fn of_payment(status: PaymentStatus) -> Self {
        match status {
            PaymentStatus::Pending => Self::PaymentCreated,
            PaymentStatus::Processing => Self::PaymentProcessing,
            PaymentStatus::Success => Self::PaymentSuccess,
            PaymentStatus::Failed => Self::PaymentFailed,
            PaymentStatus::Cancelled => Self::PaymentCancelled,
            PaymentStatus::Expired => Self::PaymentExpired,
        }
    }

    /// The status that a payment enters with it; nothing where it is not about entering one.
    pub fn payment_status(self) -> Option<PaymentStatus> {
        PaymentStatus::ALL.iter().copied().find(|status| Self::of_payment(*status) == self)
    }

    /// The topic that carries it unless the event says otherwise.
    pub const fn topic(self) -> Topic {
        match self.topics() {
            [first, ..] => *first,
            [] => Topic::AuditLogs,
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
