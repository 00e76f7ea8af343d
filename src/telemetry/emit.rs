use std::time::Duration;

use metrics::Label;
pub use metrics::{Counter, Gauge, Histogram};

use super::{
    COMMIT_BATCH, COMMIT_DURATION, FALLBACK_ACTIVE, FALLBACK_POSTED, Metric, OUTBOX_AGE, OUTBOX_DEPTH, RELAY_FAILURES, RELAY_PUBLISHED,
    RELAY_REFUSED,
};

/// A metric's labels with their values, in the order of the catalogue.
type Labels<'a> = &'a [(&'static str, &'a str)];

/// Adds to a counter.
pub fn count(metric: &'static Metric, labels: Labels<'_>, by: u64) {
    counter(metric, labels).increment(by);
}

/// Sets a gauge.
pub fn set(metric: &'static Metric, labels: Labels<'_>, to: f64) {
    gauge(metric, labels).set(to);
}

/// Adds a value to a histogram.
pub fn observe(metric: &'static Metric, labels: Labels<'_>, value: f64) {
    histogram(metric, labels).record(value);
}

/// A counter to keep, where looking it up each time would cost more than counting.
pub fn counter(metric: &'static Metric, labels: Labels<'_>) -> Counter {
    metrics::counter!(metric.name, labelled(metric, labels))
}

/// A gauge to keep.
pub fn gauge(metric: &'static Metric, labels: Labels<'_>) -> Gauge {
    metrics::gauge!(metric.name, labelled(metric, labels))
}

/// A histogram to keep.
pub fn histogram(metric: &'static Metric, labels: Labels<'_>) -> Histogram {
    metrics::histogram!(metric.name, labelled(metric, labels))
}

fn labelled(metric: &'static Metric, labels: Labels<'_>) -> Vec<Label> {
    debug_assert!(labels.iter().map(|(name, _)| name).eq(metric.labels), "{} has the labels {:?}", metric.name, metric.labels);
    labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect()
}

/// A shared commit of a service: how many items it held and how long it took.
pub fn commit(service: &'static str, queue: &'static str, items: usize, took: Duration) {
    let labels = [("service", service), ("queue", queue)];
    observe(&COMMIT_BATCH, &labels, float(items));
    observe(&COMMIT_DURATION, &labels, took.as_secs_f64());
}

/// How many events are not yet in Kafka, and how old the oldest is.
pub fn outbox(depth: u64, oldest_age: Duration) {
    set(&OUTBOX_DEPTH, &[], float(depth));
    set(&OUTBOX_AGE, &[], oldest_age.as_secs_f64());
}

/// Events that Kafka has acknowledged.
pub fn relay_published(topic: &'static str, events: u64) {
    count(&RELAY_PUBLISHED, &[("topic", topic)], events);
}

/// Deliveries to Kafka that failed.
pub fn relay_failed(deliveries: u64) {
    count(&RELAY_FAILURES, &[], deliveries);
}

/// How many events Kafka refuses for their own sake.
pub fn relay_refused(events: usize) {
    set(&RELAY_REFUSED, &[], float(events));
}

/// Whether events go over HTTP because Kafka cannot be reached.
pub fn fallback_active(is_active: bool) {
    set(&FALLBACK_ACTIVE, &[], f64::from(u8::from(is_active)));
}

/// Events that a service has taken over HTTP.
pub fn fallback_posted(service: &'static str, events: u64) {
    count(&FALLBACK_POSTED, &[("service", service)], events);
}

/// A count as Prometheus holds it; beyond 2^53 it is no longer exact.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other number")]
fn float(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}
