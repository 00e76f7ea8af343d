//! What others see of a platform on real servers: its traces in a collector, its groups and records in Kafka's own tools.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use payctl::event::{RecordHeaders, Topic};
use payctl::log::EventLog;
use payctl::services::Service;
use serde_json::Value;

use crate::metrics::spans;
use crate::platform::missing;
use crate::real::Real;
use crate::stub::{Reply, Stub};

/// A payment that is created, opened, paid, booked and mailed; its number and the trace of its request.
async fn paid(real: &Real, order_no: &str) -> (String, String) {
    let env = &real.env;
    let (_, created) = env.post(&env.gateway("/api/v1/payments"), &crate::platform::payment_body(order_no, 4_200)).await;
    let page = created["data"]["payment_url"].as_str().unwrap();
    env.http().get(page).send().await.unwrap();
    env.http().post(format!("{page}/pay")).send().await.unwrap();
    let payment_no = created["data"]["payment_no"].as_str().unwrap().to_owned();
    let settled = async || {
        let told = env.payctl(&["trace", &payment_no, "-o", "json"]);
        serde_json::from_str::<Value>(&told.stdout).is_ok_and(|told| told["verdict"]["state"] == "settled")
    };
    real.eventually("the payment is settled", settled).await;
    real.drained().await;
    let mailed = async || env.json(&["lag"])["mail"]["waiting"] == 0;
    real.eventually("every mail is out", mailed).await;
    (payment_no, created["trace_id"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_over_every_process_from_the_request_over_the_brokers_to_the_mail() {
    let collector = Stub::new(|_| Reply::Answer(200, "{}".to_owned()));
    let Some(mut real) = Real::found() else { return };
    real.env.vars.push(("JAEGER_ENDPOINT".to_owned(), collector.url.clone()));
    real.up().await;
    let (_, trace_id) = paid(&real, "TRACED-REAL-1").await;
    // What is still queued goes out when the processes end.
    real.terminate_all();

    let all = spans(&collector);
    let of_trace: Vec<_> = all.iter().filter(|(_, span)| span["traceId"] == trace_id.as_str()).collect();
    let named = |service: &str, name: &str| {
        let found = of_trace.iter().find(|(of, span)| of == service && span["name"] == name);
        &found.unwrap_or_else(|| panic!("no span {name} of {service} in {of_trace:#?}")).1
    };
    let request = named("gateway", "POST /api/v1/payments");
    assert!(request.get("parentSpanId").is_none());
    let carried = named("relay", "publish payment.created");
    assert_eq!((&carried["parentSpanId"], &carried["kind"]), (&request["spanId"], &4.into()));
    let created = named("accounting", "process payment.created");
    assert_eq!((&created["parentSpanId"], &created["kind"]), (&request["spanId"], &5.into()));
    let (booked, mail) = (named("accounting", "process payment.success"), named("notification", "send email"));
    assert_eq!((&booked["kind"], &mail["kind"]), (&5.into(), &3.into()));
    let ids: BTreeSet<&str> = of_trace.iter().map(|(_, span)| span["spanId"].as_str().unwrap()).collect();
    for (_, span) in &of_trace {
        let parent = span.get("parentSpanId").and_then(Value::as_str);
        assert!(parent.is_none_or(|parent| ids.contains(parent)), "a parent that is not in the trace: {span:#}");
    }
}

/// The jars of Kafka's own tools, where `scripts/stack` has put them; nothing, and the reason printed, where they are not.
#[expect(clippy::disallowed_methods, reason = "where scripts/stack keeps what it fetched")]
fn jars() -> Option<PathBuf> {
    if missing("java") {
        return None;
    }
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?.join("payctl");
    let versions = std::fs::read_dir(cache).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let found = versions.filter(|path| path.join("lib").is_dir() && path.to_string_lossy().contains("kafka-")).max();
    if found.is_none() {
        println!("skip: Kafka's jars are not there; scripts/stack up kafka fetches them");
    }
    found.map(|path| path.join("lib").join("*"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kafkas_own_tools_see_where_groups_stand_and_records_bear_the_headers_of_the_contract() {
    let Some(jars) = jars() else { return };
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let (payment_no, _) = paid(&real, "TOOLS-1").await;
    let config = real.kafka().clone();
    let describe = || {
        let mut tool = Command::new("java");
        tool.arg("-cp").arg(&jars).arg("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand");
        let told = tool.args(["--bootstrap-server", &config.brokers, "--describe", "--all-groups"]).output().unwrap();
        String::from_utf8(told.stdout).unwrap()
    };
    let groups: Vec<String> = Service::ALL.iter().filter_map(|service| service.group()).map(|group| config.group_name(&group)).collect();
    // What is told to Kafka is a mirror, which follows.
    let is_mirrored = async || {
        let told = describe();
        let of_group = |group: &String| {
            let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
            let own: Vec<&Vec<&str>> = rows.iter().filter(|row| row.first() == Some(&group.as_str())).collect();
            let begun: Vec<_> = own.iter().filter(|row| row.get(3).is_some_and(|offset| offset.parse::<i64>().is_ok())).collect();
            !begun.is_empty() && begun.iter().all(|row| row[3] == row[4] && row[5] == "0")
        };
        groups.iter().all(of_group)
    };
    real.eventually("Kafka's own tool sees every group at the end of its log", is_mirrored).await;

    let log = EventLog::kafka(&config).unwrap();
    let mut types = Vec::new();
    for at in Topic::PaymentEvents.all_partitions() {
        for record in log.read(at, 0, 1000).await.unwrap() {
            let names: serde_json::Map<String, Value> = serde_json::from_str(&record.headers).unwrap();
            let wanted = [
                "aggregate_id",
                "aggregate_type",
                "aggregate_version",
                "event_id",
                "event_type",
                "sha256",
                "timestamp",
                "traceparent",
                "version",
            ];
            assert_eq!(names.keys().map(String::as_str).collect::<Vec<_>>(), wanted);
            let headers: RecordHeaders = serde_json::from_str(&record.headers).unwrap();
            assert_eq!((headers.sha256, headers.version.as_str()), (payctl::event::sha256_hex(&record.value), "1.0"));
            assert_eq!((headers.aggregate_id.as_str(), record.key.as_str()), (payment_no.as_str(), crate::platform::MERCHANT));
            types.push(headers.event_type);
        }
    }
    assert_eq!(types, ["payment.created", "payment.processing", "payment.success"]);
}
