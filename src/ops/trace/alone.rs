//! A payment's story without a database: the events that name it, found in the log by their bytes within a bounded time, and
//! what each of them owes. What the log cannot know (idempotency keys, what groups have read, mails) is said to be missing.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use uuid::Uuid;

use crate::config::Ambient;
use crate::domain::{NumberKind, Timestamp};
use crate::event::{Decoded, Event, Payload, PaymentPayload, Record, Topic, decode, order_aggregate_id, partition_of};
use crate::log::EventLog;
use crate::ops::OpsError;
use crate::telemetry;

use super::judge::VerdictState;
use super::owed::{owed, parked};
use super::report::{Trace, Traced};
use super::scan::{Scan, Stretch, names};
use super::source::{Origin, Source};
use super::step::{Step, StepState};
use super::story::Story;
use super::subject::untraceable;

/// Where events of a payment lie, the payment's own first.
const TOPICS: [Topic; 7] = [
    Topic::PaymentEvents,
    Topic::OrderEvents,
    Topic::AccountingEvents,
    Topic::PaymentRefundEvents,
    Topic::NotificationsEmail,
    Topic::DlqPayment,
    Topic::DlqNotification,
];
/// How long before the time in an id its record may bear.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// What the log alone tells of a payment; `why` says why the database does not.
pub async fn from_log(log: &EventLog, ambient: &Ambient, id: &str, why: &str, budget: Duration) -> Result<Trace, OpsError> {
    if let Some(error) = untraceable(id) {
        return Err(error);
    }
    let mut scan = Scan::new(log, budget);
    let unknown = |scan: &Scan<'_>| {
        let looked = format!("{} records of the log were looked at, and none names {id}", scan.records);
        OpsError::Unreachable(format!("the database does not answer ({why}); {looked} (events hold no idempotency key and no intent)"))
    };
    let away = |error| OpsError::Unreachable(format!("neither the database ({why}) nor the log answers: {error}"));
    let payment_no = if NumberKind::Payment.matches(id) { Some(id.to_owned()) } else { seed(&mut scan, id).await.map_err(away)? };
    let Some(payment_no) = payment_no else { return Err(unknown(&scan)) };
    let found = collect(&mut scan, &payment_no).await.map_err(away)?;
    let Some(payment) = found.payment().and_then(|last| Some(traced(last, said(last)?))) else { return Err(unknown(&scan)) };
    let now = ambient.now();
    let mut steps = found.steps();
    steps.extend(parked(&found.letters, &found.events, now));
    steps.extend(owed(&found.events, scan.cut.as_deref(), now));
    for step in &mut steps {
        step.from = Origin::Log;
    }
    let looked = format!("{} records in {} partitions were looked at within {:?}", scan.records, scan.partitions, scan.budget);
    let source = match &scan.cut {
        None => Source::used("log", looked),
        Some(cut) => Source::lacking("log", format!("{looked}: {cut}")),
    };
    let sources = vec![Source::lacking("database", format!("{why}; groups, mails and webhooks are not known")), source];
    let story = Story { payment, steps, contradictions: found.contradictions(), sources, now };
    let mut told = story.judged();
    if told.verdict.state == VerdictState::Settled {
        "as far as the log shows everything that should have happened has".clone_into(&mut told.verdict.reason);
    }
    Ok(told)
}

/// The payment that an id other than its own leads to: the newest that an event naming it speaks of.
async fn seed(scan: &mut Scan<'_>, id: &str) -> Result<Option<String>, crate::log::LogError> {
    let since = began(id).map(|time| time - MARGIN);
    for topic in TOPICS.into_iter().filter(|topic| !topic.is_dead_letter()) {
        let records = scan.find(Stretch { topic, since, partition: None }, |record| names(record, id)).await?;
        let events = records.iter().filter_map(read).filter(|event| is_named(event, id));
        let newest = events.filter(|event| event.payload.payment_no().is_some()).max_by_key(|event| event.timestamp);
        if let Some(event) = newest {
            return Ok(event.payload.payment_no().map(str::to_owned));
        }
    }
    Ok(None)
}

/// Everything in the log that speaks of one payment.
struct Found {
    /// By where they lie, oldest first; copies included.
    events: Vec<Event>,
    /// Records of the dead-letter topics.
    letters: Vec<Record>,
}

async fn collect(scan: &mut Scan<'_>, payment_no: &str) -> Result<Found, crate::log::LogError> {
    let since = began(payment_no).map(|time| time - MARGIN);
    let mut found = Found { events: Vec::new(), letters: Vec::new() };
    let (mut order, mut key) = (None::<String>, None::<String>);
    for topic in TOPICS {
        // Events of one merchant lie in one partition, once it is known whose the payment is; dead letters keep the key.
        let partition = key.as_ref().map(|key| partition_of(key.as_bytes(), topic.partitions()));
        let wanted = |record: &Record| names(record, payment_no) || order.as_ref().is_some_and(|order| names(record, order));
        let records = scan.find(Stretch { topic, since, partition }, wanted).await?;
        if topic.is_dead_letter() {
            found.letters.extend(records);
            continue;
        }
        found.events.extend(records.iter().filter_map(read).filter(|event| {
            let own = event.payload.payment_no().map(|no| no == payment_no);
            own.unwrap_or_else(|| order.as_deref() == Some(event.aggregate_id.as_str()))
        }));
        if let Some(payment) = found.payment().and_then(said) {
            order = Some(order_aggregate_id(payment.merchant_id, &payment.order_no));
            key = Some(payment.merchant_id.to_string());
        }
    }
    found.events.sort_by_key(|event| (event.timestamp, event.metadata.aggregate_version));
    Ok(found)
}

impl Found {
    /// The payment's latest own event.
    fn payment(&self) -> Option<&Event> {
        self.events.iter().filter(|event| said(event).is_some()).max_by_key(|event| event.metadata.aggregate_version)
    }

    /// One step an event; further copies of it are named with it.
    fn steps(&self) -> Vec<Step> {
        let mut copies: BTreeMap<Uuid, Vec<&Event>> = BTreeMap::new();
        for event in &self.events {
            copies.entry(event.event_id).or_default().push(event);
        }
        let step = |copies: &Vec<&Event>| {
            let event = copies.first()?;
            let again: Vec<String> = copies.iter().skip(1).map(|copy| format!("{}@{}", copy.at, copy.offset)).collect();
            let detail = if again.is_empty() { String::new() } else { format!("again at {}", again.join(", ")) };
            let what = format!("{} v{}", event.kind, event.metadata.aggregate_version);
            let mut step =
                Step::plain(event.timestamp, &event.metadata.producer, what, detail, StepState::Done).lying(event.at, event.offset);
            step.event_id = Some(event.event_id);
            Some(step)
        };
        copies.values().filter_map(step).collect()
    }

    /// Two events that claim to be the same step of one aggregate.
    fn contradictions(&self) -> Vec<String> {
        let mut seen: BTreeMap<(&str, i64), &Event> = BTreeMap::new();
        let mut found = Vec::new();
        for event in &self.events {
            let version = event.metadata.aggregate_version;
            let first = *seen.entry((event.aggregate_id.as_str(), version)).or_insert(event);
            if first.event_id != event.event_id {
                found.push(format!("{} and {} both claim version {version} of {}", first.kind, event.kind, event.aggregate_id));
            }
        }
        found
    }
}

fn traced(last: &Event, payment: &PaymentPayload) -> Traced {
    Traced {
        payment_no: payment.payment_no.clone(),
        merchant_id: payment.merchant_id,
        order_no: payment.order_no.clone(),
        amount: payment.amount,
        currency: payment.currency,
        status: payment.status.to_string(),
        trace_id: last.metadata.trace_id.clone(),
    }
}

fn said(event: &Event) -> Option<&PaymentPayload> {
    if let Payload::Payment(payment) = &event.payload { Some(payment) } else { None }
}

fn read(record: &Record) -> Option<Event> {
    match decode(record) {
        Ok(Decoded::Event(event)) => Some(*event),
        Ok(Decoded::UnknownType(_)) | Err(_) => None,
    }
}

fn is_named(event: &Event, id: &str) -> bool {
    let order_no = match &event.payload {
        Payload::Payment(payment) => Some(payment.order_no.as_str()),
        Payload::Order(order) => Some(order.order_no.as_str()),
        _ => None,
    };
    order_no == Some(id) || event.aggregate_id == id || event.metadata.trace_id == id || Uuid::parse_str(id) == Ok(event.event_id)
}

/// The time that an id bears.
fn began(id: &str) -> Option<Timestamp> {
    let minted = || NaiveDateTime::parse_from_str(id.get(2..16)?, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc());
    let event = || {
        let (seconds, _) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
        Timestamp::from_timestamp(i64::try_from(seconds).ok()?, 0)
    };
    telemetry::began_at(id)
        .or_else(|| if NumberKind::Payment.matches(id) || NumberKind::Transaction.matches(id) { minted() } else { event() })
}
