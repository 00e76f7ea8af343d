use futures_util::future::join_all;
use serde_json::Value;

use crate::config::{Ambient, Config};
use crate::event::Topic;
use crate::ops::lag::{self, By, GroupLag, OutboxLag, Status};
use crate::ops::{ClientError, Fields, OpsError, Probe, Reader, short_span};
use crate::services::Service;

use super::report::{Part, PartKind, PartState, StatusReport};

/// Asks every service how it is, and reads database, log and groups. `reader` says why where it could not be opened.
pub async fn status(config: &Config, probe: &Probe, reader: Result<&Reader, String>, ambient: &Ambient) -> StatusReport {
    let services = Service::ALL.iter().map(|service| asked(*service, config, probe));
    let mut parts: Vec<Part> = join_all(services).await;
    match reader {
        Ok(reader) => parts.extend(read(reader).await),
        Err(reason) => parts.push(down(PartKind::Database, "database", reason)),
    }
    StatusReport { at: ambient.now(), parts }
}

async fn asked(service: Service, config: &Config, probe: &Probe) -> Part {
    let url = service.url(config);
    match probe.health(&url).await {
        Ok(health) => told(service, &url, &health),
        Err(ClientError::Unreachable { .. }) => down(PartKind::Service, service.name(), format!("nothing answers at {url}")),
        Err(error) => down(PartKind::Service, service.name(), error.to_string()),
    }
}

/// What a service says of itself: its state and each dependency that it misses.
fn told(service: Service, url: &str, health: &Fields) -> Part {
    let state = match health.get("status").and_then(Value::as_str) {
        Some("healthy") => PartState::Ok,
        Some("degraded") => PartState::Degraded,
        _ => PartState::Unhealthy,
    };
    let checks = health.get("checks").and_then(Value::as_object);
    let missed: Vec<String> =
        checks.into_iter().flatten().filter_map(|(name, check)| Some(format!("{name}: {}", check.get("reason")?.as_str()?))).collect();
    let detail = if missed.is_empty() { url.to_owned() } else { missed.join("; ") };
    Part { kind: PartKind::Service, name: service.name().to_owned(), state, detail }
}

async fn read(reader: &Reader) -> Vec<Part> {
    let mut parts = Vec::new();
    let report = lag::lag(reader, &[], By::Group).await;
    parts.push(match &report {
        Err(OpsError::Store(error)) => down(PartKind::Database, "database", error.to_string()),
        _ => Part { kind: PartKind::Database, name: "database".to_owned(), state: PartState::Ok, detail: "answers".to_owned() },
    });
    parts.push(log(reader).await);
    if let Ok(report) = report {
        parts.extend(report.outbox.as_ref().and_then(outbox));
        parts.extend(report.groups.iter().map(group));
    }
    parts
}

async fn log(reader: &Reader) -> Part {
    match reader.bounds(Topic::PaymentEvents).await {
        Ok(_) => Part { kind: PartKind::Log, name: "log".to_owned(), state: PartState::Ok, detail: "answers".to_owned() },
        Err(error) => down(PartKind::Log, "log", error.to_string()),
    }
}

/// Only worth a line where something in it will not go by itself.
fn outbox(outbox: &OutboxLag) -> Option<Part> {
    let first = outbox.refused.first()?;
    let more = if outbox.refused.len() > 1 { format!(", and {} more", outbox.refused.len() - 1) } else { String::new() };
    let detail = format!("{first}{more}; {} wait behind; payctl topics init shows what topics take", outbox.held);
    Some(Part { kind: PartKind::Log, name: "outbox".to_owned(), state: PartState::Degraded, detail })
}

fn group(group: &GroupLag) -> Part {
    let lag = group.lag.map_or_else(|| "unknown".to_owned(), |lag| lag.to_string());
    let oldest = group.oldest_ms.map(|ms| format!(", the oldest for {}", short_span(ms))).unwrap_or_default();
    let parked = if group.parked > 0 { format!(", {} parked", group.parked) } else { String::new() };
    let reason = group.reason.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
    Part {
        kind: PartKind::Group,
        name: group.group.to_owned(),
        state: match (group.status, group.parked) {
            (Status::Ok, 0) => PartState::Ok,
            (Status::Ok | Status::Unknown | Status::Slow | Status::Rebalancing | Status::Rewound, _) => PartState::Degraded,
            (Status::NoCommit | Status::Unpublished | Status::Stalled | Status::Stopped | Status::Lost, _) => PartState::Unhealthy,
        },
        detail: format!("lag {lag}{oldest}{parked}{reason}"),
    }
}

fn down(kind: PartKind, name: &str, detail: String) -> Part {
    Part { kind, name: name.to_owned(), state: PartState::Down, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_misses_something_says_what() {
        let health = serde_json::json!({"status": "degraded", "service": "notification", "checks": {
            "database": {"status": "up"}, "smtp": {"status": "down", "reason": "connection refused"}}});
        let part = told(Service::Notification, "http://127.0.0.1:40008", health.as_object().unwrap());
        assert_eq!((part.state, part.detail.as_str()), (PartState::Degraded, "smtp: connection refused"));
    }

    #[test]
    fn an_answer_that_is_not_ours_is_unhealthy() {
        let part = told(Service::Order, "http://127.0.0.1:40004", &Fields::new());
        assert_eq!(part.state, PartState::Unhealthy);
    }
}
