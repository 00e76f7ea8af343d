//! What a running platform tells Prometheus, and a collector of traces.

use std::collections::{BTreeMap, BTreeSet};

use payctl::telemetry::{CATALOGUE, Kind, Metric};
use serde_json::Value;

use crate::platform::{Env, stripe_event};
use crate::stub::{Reply, Stub};

/// A line of the text format: name, labels, value.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// What a scrape says: help and type of each family, and its samples.
#[derive(Default)]
struct Scrape {
    help: BTreeMap<String, String>,
    kinds: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

impl Scrape {
    /// Reads the text format strictly: a family is described once, before its samples.
    fn parse(text: &str) -> Self {
        let mut scrape = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert_eq!(scrape.help.insert(name.to_owned(), help.to_owned()), None, "HELP of {name} stands twice");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(scrape.kinds.insert(name.to_owned(), kind.to_owned()), None, "TYPE of {name} stands twice");
            } else {
                let sample = sample(line);
                assert!(scrape.kinds.contains_key(&scrape.family(&sample.name)), "a sample before its TYPE: {line}");
                scrape.samples.push(sample);
            }
        }
        scrape
    }

    /// The family that a sample belongs to: a histogram's samples have names of their own.
    fn family(&self, name: &str) -> String {
        let base = ["_bucket", "_sum", "_count"].into_iter().find_map(|end| name.strip_suffix(end));
        base.filter(|base| self.kinds.get(*base).is_some_and(|kind| kind == "histogram")).unwrap_or(name).to_owned()
    }

    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Sample| {
            sample.name == name && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|found| found == value))
        };
        let mut found = self.samples.iter().filter(fits).map(|sample| sample.value).peekable();
        found.peek().is_some().then(|| found.sum())
    }
}

fn sample(line: &str) -> Sample {
    let (head, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match head.split_once('{') {
        Some((name, rest)) => (name, rest.strip_suffix('}').unwrap()),
        None => (head, ""),
    };
    let pairs = labels.split("\",").map(|pair| pair.trim_end_matches('"')).filter(|pair| !pair.is_empty());
    let labels = pairs.map(|pair| pair.split_once("=\"").map(|(label, value)| (label.to_owned(), value.to_owned())).unwrap()).collect();
    let value = if value == "+Inf" { f64::INFINITY } else { value.parse().unwrap_or_else(|_| panic!("no number: {line}")) };
    Sample { name: name.to_owned(), labels, value }
}

async fn scrape(env: &Env, port: u16) -> Scrape {
    let answer = env.http().get(format!("http://127.0.0.1:{}/metrics", env.port(port))).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    Scrape::parse(&answer.text().await.unwrap())
}

/// What this engine has no occasion to tell with a label.
fn applies(metric: &Metric) -> bool {
    let only_with_kafka = metric.name.starts_with("payctl_relay_") && !metric.labels.is_empty();
    let only_when_it_fails = ["payctl_consumer_retries_total", "payctl_mails_failed_total", "payctl_trace_spans_dropped_total"];
    !only_with_kafka && !only_when_it_fails.contains(&metric.name)
}

#[tokio::test]
async fn a_scrape_tells_everything_in_the_catalogue_and_nothing_else() {
    let env = Env::new();
    let _platform = env.up().await;
    let payment = env.create("METRICS-1", 4_200).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap();
    env.create("METRICS-1", 4_200).await;
    let page = payment["payment_url"].as_str().unwrap();
    env.http().get(page).send().await.unwrap();
    env.http().post(format!("{page}/pay")).send().await.unwrap();
    env.webhook(&stripe_event("evt_metrics", "payment_intent.succeeded", payment_no, 4_200)).await;
    env.http().post(env.gateway("/webhooks/stripe")).body("{}").send().await.unwrap();
    env.http().get(env.gateway(&format!("/no/such/{payment_no}"))).send().await.unwrap();
    let told = async || {
        let scrape = scrape(&env, 40003).await;
        let names: BTreeSet<&str> = scrape.kinds.keys().map(String::as_str).collect();
        let booked = scrape.value("payctl_booked_minor_units_total", &[("currency", "USD")]) == Some(4_200.0);
        let mailed = scrape.value("payctl_mails_sent_total", &[]).is_some_and(|mails| mails >= 4.0);
        let read = scrape.value("payctl_consumer_lag_records", &[("group", "accounting")]) == Some(0.0);
        booked && mailed && read && CATALOGUE.iter().all(|metric| !applies(metric) || names.contains(metric.name))
    };
    env.eventually("everything is told", told).await;

    let scrape = scrape(&env, 40003).await;
    for (name, kind) in &scrape.kinds {
        let metric = CATALOGUE.iter().find(|metric| metric.name == name).unwrap_or_else(|| panic!("{name} is not in the catalogue"));
        let expected = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        assert_eq!(kind, expected, "{name}");
        assert_eq!(scrape.help.get(name).map(String::as_str), Some(metric.help), "{name}");
    }
    for sample in &scrape.samples {
        let metric = CATALOGUE.iter().find(|metric| metric.name == scrape.family(&sample.name)).unwrap();
        let labels: BTreeSet<&str> = sample.labels.keys().map(String::as_str).filter(|label| *label != "le").collect();
        assert_eq!(labels, metric.labels.iter().copied().collect(), "{}", sample.name);
        let values: Vec<&String> = sample.labels.values().collect();
        assert!(!values.iter().any(|value| value.contains(payment_no) || value.contains(crate::platform::MERCHANT)), "{values:?}");
        assert!(
            sample.value >= 0.0 && (sample.value.is_finite() || sample.name.ends_with("max_bytes")),
            "{}: {}",
            sample.name,
            sample.value
        );
    }
    assert_eq!(scrape.value("payctl_payments_created_total", &[("outcome", "created")]), Some(1.0));
    assert_eq!(scrape.value("payctl_payments_created_total", &[("outcome", "duplicate")]), Some(1.0));
    assert_eq!(scrape.value("payctl_webhooks_received_total", &[("outcome", "missing")]), Some(1.0));
    assert_eq!(scrape.value("payctl_http_requests_total", &[("service", "gateway"), ("route", "unknown"), ("status", "404")]), Some(1.0));
    let creates = [("service", "gateway"), ("method", "POST"), ("route", "/api/v1/payments")];
    assert_eq!(scrape.value("payctl_http_request_duration_seconds_count", &creates), Some(2.0));
    assert!(scrape.value("process_resident_memory_bytes", &[]).is_some_and(|bytes| bytes > 1e6));
}

/// Every span that a collector was sent, with its service.
pub(crate) fn spans(collector: &Stub) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for request in collector.seen() {
        assert_eq!(request.line, "POST /v1/traces");
        assert!(request.headers.contains("content-type: application/json"), "{}", request.headers);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        for resource in body["resourceSpans"].as_array().unwrap() {
            let attributes = resource["resource"]["attributes"].as_array().unwrap();
            let name = attributes.iter().find(|attribute| attribute["key"] == "service.name").unwrap();
            let service = name["value"]["stringValue"].as_str().unwrap().to_owned();
            let scopes = resource["scopeSpans"].as_array().unwrap();
            let spans = scopes.iter().flat_map(|scope| scope["spans"].as_array().unwrap());
            found.extend(spans.map(|span| (service.clone(), span.clone())));
        }
    }
    found
}

#[tokio::test]
async fn one_trace_goes_from_the_request_over_the_books_to_the_mail() {
    let collector = Stub::new(|_| Reply::Answer(200, "{}".to_owned()));
    let env = Env::new().with("JAEGER_ENDPOINT", &collector.url);
    let platform = env.up().await;
    let body = crate::platform::payment_body("TRACED-1", 4_200);
    let (_, created) = env.post(&env.gateway("/api/v1/payments"), &body).await;
    let trace_id = created["trace_id"].as_str().unwrap().to_owned();
    let page = created["data"]["payment_url"].as_str().unwrap();
    env.http().get(page).send().await.unwrap();
    env.http().post(format!("{page}/pay")).send().await.unwrap();
    let payment_no = created["data"]["payment_no"].as_str().unwrap();
    let mails = || std::fs::read_dir(env.data_dir().join("mail")).map_or(0, Iterator::count);
    let settled = async || env.json(&["trace", payment_no])["verdict"]["state"] == "settled" && mails() == 4;
    env.eventually("the payment is settled", settled).await;
    // What is still queued goes out when the platform ends.
    assert_eq!(platform.terminate(), Some(0));

    let all = spans(&collector);
    let of_trace: Vec<_> = all.iter().filter(|(_, span)| span["traceId"] == trace_id.as_str()).collect();
    let named = |service: &str, name: &str| {
        let found = of_trace.iter().find(|(of, span)| of == service && span["name"] == name);
        &found.unwrap_or_else(|| panic!("no span {name} of {service} in {of_trace:#?}")).1
    };
    let request = named("gateway", "POST /api/v1/payments");
    assert!(request.get("parentSpanId").is_none());
    let created = named("accounting", "process payment.created");
    assert_eq!(created["parentSpanId"], request["spanId"]);
    let booked = named("accounting", "process payment.success");
    let mail = named("notification", "send email");
    let ids: BTreeSet<&str> = of_trace.iter().map(|(_, span)| span["spanId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), of_trace.len(), "every span has an id of its own");
    for (_, span) in &of_trace {
        let parent = span.get("parentSpanId").and_then(Value::as_str);
        assert!(parent.is_none_or(|parent| ids.contains(parent)), "a parent that is not in the trace: {span:#}");
        let time = |name: &str| span[name].as_str().unwrap().parse::<u128>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"));
    }
    assert_eq!((&booked["kind"], &mail["kind"]), (&5.into(), &3.into()));
    assert!(!all.iter().any(|(_, span)| span.to_string().contains("test@example.com")), "no address goes to the collector");
    assert!(!all.iter().any(|(_, span)| span.to_string().contains("/health")), "who watches is not traced");
}

#[tokio::test]
async fn a_caller_decides_about_its_own_trace_and_a_collector_that_is_away_stops_nothing() {
    let collector = Stub::new(|_| Reply::Answer(200, "{}".to_owned()));
    let env = Env::new().with("JAEGER_ENDPOINT", &format!("{}/v1/traces", collector.url)).with("JAEGER_SAMPLING_RATE", "0");
    let platform = env.up().await;
    let (wanted, unwanted) = ("4bf92f3577b34da6a3ce929d0e0e4736", "5bf92f3577b34da6a3ce929d0e0e4736");
    for (trace_id, flags) in [(wanted, "01"), (unwanted, "00")] {
        let request = env.http().get(env.gateway("/api/v1/payments")).header("X-API-Key", crate::platform::API_KEY);
        let answer = request.header("traceparent", format!("00-{trace_id}-00f067aa0ba902b7-{flags}")).send().await.unwrap();
        assert_eq!(answer.headers()["x-trace-id"], *trace_id);
    }
    env.create("UNTRACED-1", 4_200).await.unwrap();
    assert_eq!(platform.terminate(), Some(0));
    let all = spans(&collector);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((&all[0].1["traceId"], &all[0].1["parentSpanId"]), (&wanted.into(), &"00f067aa0ba902b7".into()));

    let deaf = Env::new().with("JAEGER_ENDPOINT", "http://127.0.0.1:9");
    let platform = deaf.up().await;
    assert!(deaf.create("DEAF-1", 4_200).await.is_some());
    assert_eq!(platform.terminate(), Some(0));
}
