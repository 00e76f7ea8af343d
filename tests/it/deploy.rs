//! The files under `deploy/` say nothing that the code does not know: metrics, settings, services, ports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use payctl::config::SETTINGS;
use payctl::services::Service;
use payctl::telemetry::CATALOGUE;
use serde_json::Value;

fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(deploy(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    let mut value: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    value.apply_merge().unwrap();
    serde_json::to_value(value).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The metrics that a text names, with the endings of histograms taken off.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("payctl_") || word.starts_with("process_"));
    ours.map(|word| ["_bucket", "_sum", "_count"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()).collect()
}

fn is_setting(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.env == name || (setting.is_secret() && name.strip_suffix("_FILE") == Some(setting.env)))
}

fn dashboard() -> Value {
    serde_json::from_str(&text("grafana/dashboards/overview.json")).unwrap()
}

fn alerts() -> Vec<Value> {
    let groups = yaml("prometheus/alerts.yml")["groups"].as_array().unwrap().clone();
    groups.into_iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

#[test]
fn every_file_can_be_read() {
    for path in files(&deploy("")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let read = match path.extension().and_then(|end| end.to_str()) {
            Some("yaml" | "yml") => serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text).map(drop).map_err(|error| error.to_string()),
            Some("json") => serde_json::from_str::<Value>(&text).map(drop).map_err(|error| error.to_string()),
            _ => Ok(()),
        };
        assert_eq!(read, Ok(()), "{}", path.display());
    }
}

#[test]
fn dashboards_and_alerts_ask_only_for_metrics_that_there_are() {
    let known: BTreeSet<&str> = CATALOGUE.iter().map(|metric| metric.name).collect();
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    let of_panels = panels.flat_map(|panel| panel["targets"].as_array().unwrap().iter().map(move |target| (&panel["title"], target)));
    let asked = of_panels.map(|(title, target)| (title.to_string(), target["expr"].as_str().unwrap().to_owned()));
    let alerts = alerts().into_iter().filter(|alert| alert["alert"] != "PayctlDown");
    let warned = alerts.map(|alert| (alert["alert"].to_string(), alert["expr"].as_str().unwrap().to_owned()));
    for (who, expr) in asked.chain(warned) {
        let metrics = metrics_in(&expr);
        assert!(!metrics.is_empty(), "{who} asks for no metric of ours: {expr}");
        for metric in metrics {
            assert!(known.contains(metric.as_str()), "{who}: {metric} is not in the catalogue");
        }
    }
}

#[test]
fn what_is_asked_for_uses_labels_that_the_metric_has() {
    let mut labels: BTreeMap<&str, &[&str]> = CATALOGUE.iter().map(|metric| (metric.name, metric.labels)).collect();
    labels.insert("up", &[]);
    let dashboard = dashboard().to_string();
    let exprs: Vec<String> =
        dashboard.split("\"expr\":\"").skip(1).map(|rest| rest.split("\",\"legend").next().unwrap().replace("\\\"", "\"")).collect();
    assert!(exprs.len() > 30, "the dashboard is read in another form than this test expects");
    let alerts = alerts().into_iter().map(|alert| alert["expr"].as_str().unwrap().to_owned());
    for expr in exprs.into_iter().chain(alerts) {
        let allowed: BTreeSet<&str> =
            metrics_in(&expr).iter().flat_map(|name| labels[name.as_str()]).copied().chain(["le", "job", "instance"]).collect();
        let by = expr.split("by (").skip(1).flat_map(|rest| rest.split(')').next().unwrap().split(',').map(str::trim));
        for label in by {
            assert!(allowed.contains(label), "no metric of this has the label {label}: {expr}");
        }
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do_next() {
    let alerts = alerts();
    for alert in &alerts {
        assert!(["page", "ticket", "info"].contains(&alert["labels"]["severity"].as_str().unwrap()), "{alert}");
        for annotation in ["summary", "next"] {
            assert!(alert["annotations"][annotation].as_str().is_some_and(|text| !text.is_empty()), "{alert}");
        }
    }
    let names: BTreeSet<&str> = alerts.iter().map(|alert| alert["alert"].as_str().unwrap()).collect();
    assert_eq!(names.len(), alerts.len(), "each name once");
}

#[test]
fn every_variable_is_a_setting() {
    let compose = yaml("compose.yaml");
    let ours = compose["services"].as_object().unwrap().values().filter(|service| service["image"] == "payctl:local");
    let mut names: Vec<String> = ours.flat_map(|service| service["environment"].as_object().unwrap().keys().cloned()).collect();
    assert!(names.len() > 20, "the environment is read in another form than this test expects");
    let lines = text("systemd/payctl.env.example");
    names.extend(lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.split_once('=')?.0.to_owned())));
    let unit = text("systemd/payctl@.service");
    names.extend(unit.lines().filter_map(|line| Some(line.strip_prefix("Environment=")?.split_once('=')?.0.to_owned())));
    let dockerfile = text("Dockerfile");
    let set = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV ")).flat_map(str::split_whitespace);
    names.extend(set.filter_map(|pair| Some(pair.split_once('=')?.0.to_owned())));
    for name in names {
        assert!(is_setting(&name), "{name} is no setting; see payctl config keys");
    }
}

#[test]
fn every_service_runs_in_a_container_of_its_own_and_is_scraped() {
    let compose = yaml("compose.yaml");
    let scraped = yaml("prometheus/prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"].clone();
    let targets: Vec<String> = Service::ALL.iter().map(|service| format!("{service}:{}", service.port())).collect();
    assert_eq!(scraped, serde_json::json!(targets));
    for service in Service::ALL {
        let container = &compose["services"][service.name()];
        assert_eq!(container["command"], serde_json::json!(["serve", service.name()]), "{service}");
        let port = service.port().to_string();
        assert_eq!(container["environment"]["PORT"], port.as_str(), "{service}");
        assert_eq!(container["ports"][0], format!("127.0.0.1:{port}:{port}").as_str(), "{service}");
        let url = SETTINGS.iter().find(|setting| setting.key == format!("urls.{service}")).unwrap().env;
        assert_eq!(container["environment"][url], format!("http://{service}:{port}").as_str(), "{service}");
        assert!(text("Dockerfile").lines().any(|line| line.starts_with("EXPOSE") && line.contains(&port)), "{service}");
    }
}

#[test]
fn images_are_pinned_and_nothing_runs_as_root() {
    let compose = yaml("compose.yaml");
    let images: Vec<String> =
        compose["services"].as_object().unwrap().values().map(|service| service["image"].as_str().unwrap().to_owned()).collect();
    let dockerfile = text("Dockerfile");
    let bases = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")).map(|line| line.split(' ').next().unwrap().to_owned());
    for image in images.into_iter().chain(bases) {
        let tag = image.split_once(':').map_or("", |(_, tag)| tag);
        assert!(tag == "local" || tag.contains(|c: char| c.is_ascii_digit()) && tag.contains('.'), "{image} is not pinned to a version");
    }
    let user = dockerfile.lines().rev().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert!(!["root", "0"].contains(&user));
    assert!(dockerfile.contains("\nHEALTHCHECK "));
    let unit = text("systemd/payctl@.service");
    for line in
        ["User=payctl", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "CapabilityBoundingSet=", "PrivateTmp=yes"]
    {
        assert!(unit.lines().any(|found| found == line), "the unit lacks {line}");
    }
}

#[test]
fn the_dashboard_reads_from_a_source_that_is_provisioned() {
    let sources = yaml("grafana/provisioning/datasources/prometheus.yaml");
    let uids: BTreeSet<&str> = sources["datasources"].as_array().unwrap().iter().map(|source| source["uid"].as_str().unwrap()).collect();
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(uids.contains(panel["datasource"]["uid"].as_str().unwrap()), "{}", panel["title"]);
    }
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    let compose = yaml("compose.yaml");
    let mounts = compose["services"]["grafana"]["volumes"].to_string();
    let folder = yaml("grafana/provisioning/dashboards/payctl.yaml")["providers"][0]["options"]["path"].clone();
    assert!(mounts.contains(&format!("./grafana/dashboards:{}", folder.as_str().unwrap())), "{mounts}");
}
