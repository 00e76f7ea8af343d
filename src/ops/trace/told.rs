use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::{Timestamp, format_timestamp};
use crate::event::{Decoded, Event, decode, order_aggregate_id};
use crate::services::Service;
use crate::services::gateway::query::PaymentView;
use crate::store::{Set, StoreError, Tx, Type, Value};

/// Events that one payment can have at most in a trace; far more than its life gives it.
const MAX_EVENTS: usize = 500;
/// Stands for the offset of an event that the log has not got yet, so that no group seems to be past it.
pub(super) const NOT_PUBLISHED: i64 = i64::MAX;

const MARKED: Set = Set {
    sql: "SELECT i.event_id FROM {rows} AS r JOIN inbox AS i ON i.grp = r.grp AND i.event_day = r.event_day AND i.event_id = r.event_id",
    columns: &[("grp", Type::Text), ("event_day", Type::Text), ("event_id", Type::Uuid)],
};

const PLACED: Set = Set {
    sql: "SELECT coalesce(l.log_offset, 9223372036854775807), e.topic, e.partition, e.key, e.headers, e.value, e.created_at, e.seq \
          FROM {rows} AS r JOIN events AS e ON e.seq = r.wanted LEFT JOIN event_places AS l ON l.seq = e.seq",
    columns: &[("wanted", Type::Int)],
};

/// The events of a payment's story.
pub(super) struct Events {
    /// In the order in which they were stored.
    pub(super) told: Vec<Told>,
    /// Whether this version can read all of them.
    pub(super) is_whole: bool,
}

/// An event of the payment's story with its place and its bytes.
pub(in crate::ops) struct Told {
    pub(in crate::ops) seq: i64,
    pub(in crate::ops) event: Event,
    pub(in crate::ops) committed_at: Timestamp,
}

impl Told {
    pub(super) const fn is_published(&self) -> bool {
        self.event.offset < NOT_PUBLISHED
    }
}

/// The payment's own events, those of its order that speak of it, and those of its bookings.
pub(super) async fn events(tx: &mut Tx, payment: &PaymentView) -> Result<Events, StoreError> {
    let order = order_aggregate_id(payment.merchant_id, &payment.order_no);
    let numbers = "SELECT seq FROM events WHERE aggregate_id = $1 AND aggregate_type = 'payment' \
                   UNION SELECT seq FROM events WHERE aggregate_id = $2 AND aggregate_type = 'order' \
                   UNION SELECT e.seq FROM transactions AS t JOIN events AS e ON e.aggregate_id = t.transaction_id AND e.aggregate_type = 'transaction' \
                         WHERE t.related_id = $1";
    let found = tx.query(numbers, &[(&payment.payment_no).into(), order.into()]).await?;
    // Their numbers first: asked for both at once, a planner may rather go through all events in their order.
    let mut numbers: Vec<i64> = found.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    numbers.sort_unstable();
    numbers.truncate(MAX_EVENTS);
    let wanted: Vec<Vec<Value<'_>>> = numbers.into_iter().map(|seq| vec![seq.into()]).collect();
    let mut events = Events { told: Vec::new(), is_whole: true };
    for row in &tx.query_set(&PLACED, &wanted).await? {
        let record = crate::store::record_from(row)?;
        let (Ok(Decoded::Event(event)), Some(committed_at)) = (decode(&record), crate::domain::parse_timestamp(&record.created_at)) else {
            events.is_whole = false;
            continue;
        };
        // An order may be tried with several payments; only this one's part of its story is told.
        if event.payload.payment_no().is_none_or(|no| no == payment.payment_no) {
            events.told.push(Told { seq: row.get(7)?, event: *event, committed_at });
        }
    }
    events.told.sort_by_key(|told| told.seq);
    Ok(events)
}

/// The services that read an event's topic.
pub(in crate::ops) fn readers(event: &Event) -> impl Iterator<Item = Service> {
    let topic = event.at.topic;
    Service::ALL.iter().copied().filter(move |service| service.topics().contains(&topic))
}

/// Which events each service has marked as done with, by whatever way they came.
pub(in crate::ops) async fn applied(tx: &mut Tx, told: &[Told]) -> Result<HashSet<(Service, Uuid)>, StoreError> {
    let mut applied = HashSet::new();
    for service in Service::ALL {
        let Some(group) = service.group() else { continue };
        let read: Vec<&Event> = told.iter().map(|told| &told.event).filter(|event| service.topics().contains(&event.at.topic)).collect();
        if service.is_ordered() {
            let aggregates: HashSet<&str> = read.iter().map(|event| event.aggregate_id.as_str()).collect();
            let versions: HashMap<String, i64> = tx.applied_versions(&group, &aggregates).await?;
            let is_done = |event: &&Event| versions.get(&event.aggregate_id).is_some_and(|done| *done >= event.metadata.aggregate_version);
            applied.extend(read.into_iter().filter(is_done).map(|event| (*service, event.event_id)));
        } else if !read.is_empty() {
            let mark = |event: &&Event| -> Vec<Value<'_>> { vec![(&group).into(), day_of(event).into(), event.event_id.into()] };
            let rows: Vec<Vec<Value<'_>>> = read.iter().map(mark).collect();
            for row in tx.query_set(&MARKED, &rows).await? {
                applied.insert((*service, row.get(0)?));
            }
        }
    }
    Ok(applied)
}

/// Marks lie under the day that the event names.
fn day_of(event: &Event) -> String {
    format_timestamp(event.timestamp).chars().take(10).collect()
}
