use super::{Kind, Metric, Unit};

/// Upper bounds of durations, in seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of commits, which are shorter.
const COMMITS: &[f64] = &[0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0];
/// Upper bounds of batches.
const ITEMS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

macro_rules! catalogue {
    ($($id:ident $name:literal $kind:ident $(($bounds:ident))? $unit:ident [$($label:literal)*] $help:literal)*) => {
        $(
            #[doc = $help]
            pub static $id: Metric = Metric {
                name: $name,
                kind: Kind::$kind $(($bounds))?,
                unit: Unit::$unit,
                labels: &[$($label),*],
                help: $help,
            };
        )*

        /// THE list of metrics: `/metrics`, the dashboards, the alerts and their tests go by it.
        pub static CATALOGUE: &[&Metric] = &[$(&$id),*];
    };
}

#[rustfmt::skip]
catalogue! {
    HTTP_REQUESTS "payctl_http_requests_total" Counter Count ["service" "method" "route" "status"]
        "Requests answered, by matched route."
    HTTP_DURATION "payctl_http_request_duration_seconds" Histogram(SECONDS) Seconds ["service" "method" "route" "status"]
        "Time from a request's headers to its answer."
    HTTP_IN_FLIGHT "payctl_http_requests_in_flight" Gauge Count ["service"]
        "Requests that are being answered."

    PAYMENTS_CREATED "payctl_payments_created_total" Counter Count ["outcome"]
        "Creates by outcome: created, replayed, duplicate, mismatch, refused or failed."
    COMMIT_BATCH "payctl_group_commit_batch_size" Histogram(ITEMS) Count ["service" "queue"]
        "Items that shared one commit: payments of a queue, or events of a group."
    COMMIT_DURATION "payctl_group_commit_duration_seconds" Histogram(COMMITS) Seconds ["service" "queue"]
        "Time that a shared commit took, in which it was tried once."
    WEBHOOKS_RECEIVED "payctl_webhooks_received_total" Counter Count ["outcome"]
        "Webhooks of the channel by outcome: stored, duplicate, unreadable, failed, or why the signature was not believed."
    CHANNEL_INTENTS "payctl_channel_intents_total" Counter Count ["provider"]
        "Intents made at the channel."
    SANDBOX_DELIVERED "payctl_sandbox_webhooks_delivered_total" Counter Count []
        "Webhooks of the sandbox that the gateway has taken."
    SANDBOX_FAILED "payctl_sandbox_webhooks_failed_total" Counter Count []
        "Tries to deliver a webhook of the sandbox that failed."

    EVENTS_APPLIED "payctl_consumer_events_applied_total" Counter Count ["group" "topic"]
        "Events that took effect."
    EVENTS_SKIPPED "payctl_consumer_events_skipped_total" Counter Count ["group" "topic"]
        "Copies of events that took effect before, and events of unknown types."
    EVENTS_PARKED "payctl_consumer_events_parked_total" Counter Count ["group" "topic"]
        "Events that were parked as dead letters, or held behind one."
    DEAD_LETTERS "payctl_dead_letters_open" Gauge Count ["group"]
        "Dead letters that wait for a person, those held behind one included."
    CONSUMER_BATCH "payctl_consumer_batch_size" Histogram(ITEMS) Count ["group"]
        "Records that a group committed together."
    CONSUMER_DURATION "payctl_consumer_batch_duration_seconds" Histogram(SECONDS) Seconds ["group"]
        "Time that a group's batch took, tries included."
    CONSUMER_RETRIES "payctl_consumer_retries_total" Counter Count ["group"]
        "Further tries of a batch that failed, for whatever reason."
    CONSUMER_PAUSED "payctl_consumer_paused" Gauge Truth ["group"]
        "1 while a group cannot go on and waits."
    CONSUMER_OFFSET "payctl_consumer_next_offset" Gauge Count ["group" "topic" "partition"]
        "The offset that a group reads next."
    CONSUMER_LAG "payctl_consumer_lag_records" Gauge Count ["group" "topic" "partition"]
        "Records that a group has not yet read."
    CONSUMER_LAG_AGE "payctl_consumer_lag_seconds" Gauge Seconds ["group" "topic" "partition"]
        "Age of the oldest record that a group has not yet read; 0 when there is none."

    BOOKED_PAYMENTS "payctl_booked_payments_total" Counter Count ["currency"]
        "Payments booked; a batch that was tried again counts again."
    BOOKED_MINOR "payctl_booked_minor_units_total" Counter Minor ["currency"]
        "Money of payments booked, in minor units; a batch that was tried again counts again."
    MAILS_SENT "payctl_mails_sent_total" Counter Count ["channel"]
        "Mails that a server has taken."
    MAILS_FAILED "payctl_mails_failed_total" Counter Count ["channel" "outcome"]
        "Tries that failed, by outcome: refused (tried again), failed (given up) or unreachable."
    MAILS_WAITING "payctl_mails_waiting" Gauge Count []
        "Mails that are to be sent."

    OUTBOX_DEPTH "payctl_outbox_depth" Gauge Count []
        "Events that are not yet in Kafka."
    OUTBOX_AGE "payctl_outbox_oldest_age_seconds" Gauge Seconds []
        "Age of the oldest event that is not yet in Kafka; 0 when there is none."
    RELAY_PUBLISHED "payctl_relay_published_total" Counter Count ["topic"]
        "Events that Kafka has acknowledged."
    RELAY_FAILURES "payctl_relay_failures_total" Counter Count []
        "Deliveries to Kafka that failed."
    RELAY_REFUSED "payctl_relay_refused_events" Gauge Count []
        "Events that Kafka refuses for their own sake; later events of their aggregates wait behind them."
    FALLBACK_ACTIVE "payctl_relay_fallback_active" Gauge Truth []
        "1 while events go over HTTP because Kafka cannot be reached."
    FALLBACK_POSTED "payctl_relay_fallback_posted_total" Counter Count ["service"]
        "Events that a service has taken over HTTP."

    SPANS_EXPORTED "payctl_trace_spans_exported_total" Counter Count []
        "Spans that the collector has taken."
    SPANS_DROPPED "payctl_trace_spans_dropped_total" Counter Count ["reason"]
        "Spans that were given up, by reason: overflow of the queue, or refused by the collector."

    PROCESS_CPU "process_cpu_seconds_total" Counter Seconds []
        "User and system CPU time spent, in seconds."
    PROCESS_OPEN_FDS "process_open_fds" Gauge Count []
        "Open file descriptors."
    PROCESS_MAX_FDS "process_max_fds" Gauge Count []
        "The most file descriptors that may be open."
    PROCESS_VIRTUAL "process_virtual_memory_bytes" Gauge Bytes []
        "Virtual memory size, in bytes."
    PROCESS_VIRTUAL_MAX "process_virtual_memory_max_bytes" Gauge Bytes []
        "The most virtual memory there may be, in bytes."
    PROCESS_RESIDENT "process_resident_memory_bytes" Gauge Bytes []
        "Resident memory size, in bytes."
    PROCESS_START "process_start_time_seconds" Gauge Seconds []
        "Start time since the Unix epoch, in seconds."
    PROCESS_THREADS "process_threads" Gauge Count []
        "Threads of the process."
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_says_its_unit_and_only_counters_end_in_total() {
        let mut seen = HashSet::new();
        for metric in CATALOGUE {
            let name = metric.name;
            assert!(seen.insert(name), "{name} stands twice");
            assert!(name.starts_with("payctl_") || name.starts_with("process_"), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            let base = name.strip_suffix("_total");
            assert_eq!(base.is_some(), metric.kind == Kind::Counter, "{name}");
            let base = base.unwrap_or(name);
            assert_eq!(base.ends_with("_seconds"), metric.unit == Unit::Seconds, "{name}");
            assert_eq!(base.ends_with("_bytes"), metric.unit == Unit::Bytes, "{name}");
            assert_eq!(base.ends_with("_minor_units"), metric.unit == Unit::Minor, "{name}");
            assert!(metric.help.ends_with('.') && !metric.help.contains('\n'), "{name}");
        }
    }

    #[test]
    fn no_label_has_a_value_for_each_merchant_or_payment() {
        let closed = [
            "service",
            "method",
            "route",
            "status",
            "outcome",
            "queue",
            "provider",
            "group",
            "topic",
            "partition",
            "currency",
            "channel",
            "reason",
        ];
        for metric in CATALOGUE {
            assert!(metric.labels.iter().all(|label| closed.contains(label)), "{}: {:?}", metric.name, metric.labels);
        }
    }
}
