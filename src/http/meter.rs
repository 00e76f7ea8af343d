use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use hyper::Method;

use crate::telemetry::{self, Counter, Gauge, HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS, Histogram};

/// Counts what one service answers. What to count with is looked up once for each route, method and status, so that a
/// request allocates nothing for it.
pub struct Meter {
    service: &'static str,
    in_flight: Gauge,
    known: RwLock<Known>,
}

/// By route, then by method and status.
type Known = HashMap<String, HashMap<(&'static str, u16), (Counter, Histogram)>>;

impl Meter {
    /// Counts for `service`.
    pub fn new(service: &'static str) -> Self {
        Self { service, in_flight: telemetry::gauge(&HTTP_IN_FLIGHT, &[("service", service)]), known: RwLock::default() }
    }

    pub(super) fn begin(&self) {
        self.in_flight.increment(1);
    }

    pub(super) fn end(&self) {
        self.in_flight.decrement(1);
    }

    /// Counts an answer. `route` is one of the service's own, so that callers cannot make up new ones.
    pub(super) fn count(&self, route: &str, method: &Method, status: u16, took: Duration) {
        let key = (method_name(method), status);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((requests, durations)) = known.get(route).and_then(|route| route.get(&key)) {
            requests.increment(1);
            durations.record(took.as_secs_f64());
            return;
        }
        drop(known);
        let text = status.to_string();
        let labels = [("service", self.service), ("method", key.0), ("route", route), ("status", text.as_str())];
        let (requests, durations) = (telemetry::counter(&HTTP_REQUESTS, &labels), telemetry::histogram(&HTTP_DURATION, &labels));
        requests.increment(1);
        durations.record(took.as_secs_f64());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(route.to_owned()).or_default().insert(key, (requests, durations));
    }
}

/// A closed list: whoever makes up methods makes no new series.
pub(super) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
