use std::fmt;

/// One partition of one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Topic,
    /// Its partition, from 0.
    pub partition: u16,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic.name(), self.partition)
    }
}

macro_rules! catalogue {
    ($($variant:ident $name:literal partitions $partitions:literal days $days:literal carries $carries:literal;)+) => {
        /// THE catalogue of topics (contract section 2): services, console and documentation derive from it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Topic { $(#[doc = $carries] $variant,)+ }

        impl Topic {
            /// Every topic, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The wire name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How many partitions it has.
            pub const fn partitions(self) -> u16 {
                match self { $(Self::$variant => $partitions,)+ }
            }

            /// How many days a record is kept where the log is a broker.
            pub const fn retention_days(self) -> u32 {
                match self { $(Self::$variant => $days,)+ }
            }

            /// What travels on it, in words.
            pub const fn carries(self) -> &'static str {
                match self { $(Self::$variant => $carries,)+ }
            }
        }
    };
}

catalogue! {
    PaymentEvents "payment.events" partitions 6 days 7 carries "payment.created, .processing, .success, .failed, .cancelled, .expired; channel.payout.paid, .failed";
    PaymentRefundEvents "payment.refund.events" partitions 3 days 7 carries "refund.created, .processing, .success, .failed, .reversed; dispute.withdrawn, .reinstated";
    OrderEvents "order.events" partitions 3 days 7 carries "order.created, .paid, .cancelled, .expired, .refunded, .shipped, .completed";
    AccountingEvents "accounting.events" partitions 3 days 30 carries "accounting.transaction.created, accounting.balance.updated";
    SettlementEvents "settlement.events" partitions 3 days 7 carries "settlement.created, .approved, .rejected, .processing, .completed, .failed";
    WithdrawalEvents "withdrawal.events" partitions 3 days 7 carries "withdrawal.created, .approved, .rejected, .processing, .success, .failed, .cancelled, .returned";
    MerchantEvents "merchant.events" partitions 3 days 7 carries "merchant.created, .approved, .frozen, .unfrozen, .updated";
    NotificationsEmail "notifications.email" partitions 3 days 7 carries "notification.requested (one mail to one recipient)";
    NotificationsSms "notifications.sms" partitions 3 days 7 carries "notification.requested (one text message to one recipient)";
    NotificationsWebhook "notifications.webhook" partitions 3 days 7 carries "notification.requested (one webhook to one endpoint)";
    SagaPaymentStart "saga.payment.start" partitions 3 days 7 carries "saga.started";
    SagaPaymentCompensate "saga.payment.compensate" partitions 3 days 7 carries "saga.compensating";
    AnalyticsEvents "analytics.events" partitions 6 days 7 carries "analytics.metrics.updated";
    AuditLogs "audit.logs" partitions 6 days 30 carries "audit.recorded";
    DlqPayment "dlq.payment" partitions 1 days 30 carries "parked events of every group except notification";
    DlqNotification "dlq.notification" partitions 1 days 30 carries "parked events of the notification group";
}

impl Topic {
    /// The topic of this wire name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.name() == name)
    }

    /// Its partitions, from 0.
    pub fn all_partitions(self) -> impl Iterator<Item = TopicPartition> {
        (0..self.partitions()).map(move |partition| TopicPartition { topic: self, partition })
    }

    /// Whether this partition, where one is named, is the topic's; else the line that says so.
    pub fn has_partition(self, wanted: Option<u16>) -> Result<(), String> {
        match wanted.filter(|partition| *partition >= self.partitions()) {
            Some(partition) => Err(format!("{self} has partitions 0 to {}, not {partition}", self.partitions() - 1)),
            None => Ok(()),
        }
    }

    /// Whether the records are derived copies of the table `dlq`, never read by a group.
    pub const fn is_dead_letter(self) -> bool {
        matches!(self, Self::DlqPayment | Self::DlqNotification)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_the_sixteen_topics_of_the_contract() {
        assert_eq!(Topic::ALL.len(), 16);
        assert_eq!(Topic::ALL.iter().map(|topic| topic.partitions()).sum::<u16>(), 6 + 3 * 11 + 6 * 2 + 2);
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.name()), Some(*topic));
        }
        assert_eq!(Topic::parse("payment.event"), None);
    }
}
