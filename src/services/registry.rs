use std::net::{Ipv4Addr, SocketAddr};

use crate::config::{Config, UrlConfig};
use crate::event::Topic;

/// THE list of services (contract section 1). `serve`, help, health, lag, trace and completions derive from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Takes payments and the channel's webhooks.
    Gateway,
    /// Keeps the merchants' orders.
    Order,
    /// Talks to Stripe, or is the sandbox; serves the checkout page.
    Channel,
    /// Keeps the books.
    Accounting,
    /// Sends mail.
    Notification,
    /// Counts.
    Analytics,
}

/// What the registry holds of one service.
struct Spec {
    name: &'static str,
    port: u16,
    about: &'static str,
    topics: &'static [Topic],
    ordered: bool,
}

impl Service {
    /// Every service, in the order in which they start.
    pub const ALL: &'static [Self] = &[Self::Gateway, Self::Order, Self::Channel, Self::Accounting, Self::Notification, Self::Analytics];

    const fn spec(self) -> Spec {
        use Topic as T;
        match self {
            Self::Gateway => {
                Spec { name: "gateway", port: 40003, about: "takes payments and the channel's webhooks", topics: &[], ordered: true }
            }
            Self::Order => Spec {
                name: "order",
                port: 40004,
                about: "keeps the merchants' orders",
                topics: &[T::PaymentEvents, T::PaymentRefundEvents],
                ordered: true,
            },
            Self::Channel => Spec {
                name: "channel",
                port: 40005,
                about: "talks to Stripe or is the sandbox, serves the checkout page",
                topics: &[],
                ordered: false,
            },
            Self::Accounting => Spec {
                name: "accounting",
                port: 40007,
                about: "keeps the books in double entry",
                topics: &[T::PaymentEvents, T::PaymentRefundEvents, T::SettlementEvents, T::WithdrawalEvents],
                ordered: true,
            },
            Self::Notification => Spec {
                name: "notification",
                port: 40008,
                about: "sends mail in two languages",
                topics: &[
                    T::PaymentEvents,
                    T::PaymentRefundEvents,
                    T::OrderEvents,
                    T::SettlementEvents,
                    T::WithdrawalEvents,
                    T::NotificationsEmail,
                    T::NotificationsSms,
                    T::NotificationsWebhook,
                ],
                ordered: false,
            },
            Self::Analytics => Spec {
                name: "analytics",
                port: 40009,
                about: "counts payments, channels and merchants by day",
                topics: &[T::PaymentEvents, T::PaymentRefundEvents, T::OrderEvents],
                ordered: false,
            },
        }
    }

    /// The one name: folder, console value, metric label, end of the group's name.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// The service of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|service| service.name() == name)
    }

    /// What it does, in a few words.
    pub const fn about(self) -> &'static str {
        self.spec().about
    }

    /// Its port before any offset.
    pub const fn port(self) -> u16 {
        self.spec().port
    }

    /// The topics its group reads; none means no group.
    pub const fn topics(self) -> &'static [Topic] {
        self.spec().topics
    }

    /// The consumer group, `payctl.` and the name.
    pub fn group(self) -> Option<String> {
        (!self.topics().is_empty()).then(|| format!("payctl.{}", self.name()))
    }

    /// Whether later events of an aggregate wait behind a parked one.
    pub const fn is_ordered(self) -> bool {
        self.spec().ordered
    }

    /// The service whose group has this name, in full or short.
    pub fn of_group(group: &str) -> Option<Self> {
        Self::parse(group.rsplit('.').next().unwrap_or(group)).filter(|service| service.group().is_some())
    }

    /// Whether later events of an aggregate wait behind a parked one in the group of this name.
    pub fn is_ordered_group(group: &str) -> bool {
        Self::of_group(group).is_some_and(Self::is_ordered)
    }

    /// The base URL at which it answers, without a slash at the end: the configured one, else where it listens.
    pub fn url(self, config: &Config) -> String {
        let configured = self.configured_url(&config.urls);
        configured.map_or_else(
            || {
                let host = if config.bind.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { config.bind };
                format!("http://{}", SocketAddr::new(host, self.port().saturating_add(config.port_offset)))
            },
            |url| url.trim_end_matches('/').to_owned(),
        )
    }

    /// The configured base URL, where there is one.
    pub fn configured_url(self, urls: &UrlConfig) -> Option<&str> {
        match self {
            Self::Gateway => urls.gateway.as_deref(),
            Self::Order => urls.order.as_deref(),
            Self::Channel => urls.channel.as_deref(),
            Self::Accounting => urls.accounting.as_deref(),
            Self::Notification => urls.notification.as_deref(),
            Self::Analytics => urls.analytics.as_deref(),
        }
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_looked_for_where_it_listens_unless_a_url_says_otherwise() {
        let mut config = Config::development("data".into());
        config.port_offset = 7;
        assert_eq!(Service::Channel.url(&config), "http://127.0.0.1:40012");
        for (bind, url) in [("0.0.0.0", "http://127.0.0.1:40012"), ("192.0.2.1", "http://192.0.2.1:40012"), ("::1", "http://[::1]:40012")] {
            config.bind = bind.parse().unwrap();
            assert_eq!(Service::Channel.url(&config), url);
        }
        config.urls.channel = Some("https://channel.example.com/".to_owned());
        assert_eq!(Service::Channel.url(&config), "https://channel.example.com");
    }
}
