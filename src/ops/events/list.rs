use serde::Serialize;

use crate::domain::{MerchantId, Timestamp};
use crate::event::{EventKind, Topic};
use crate::ops::span::clock;
use crate::ops::topics::TailRecord;
use crate::ops::{Amount, OpsError, Reader, Report, Table};
use crate::store::{Row, StoreError, Tx, Value, record_from};

use super::range::first_since;

/// Which events are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this type.
    pub kind: Option<EventKind>,
    /// Of this aggregate: a payment number, `MERCHANT/ORDER`, a transaction number.
    pub aggregate: Option<String>,
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// On this topic.
    pub topic: Option<Topic>,
    /// Stored at this time or later.
    pub since: Option<Timestamp>,
    /// Stored before this time.
    pub until: Option<Timestamp>,
    /// How many at most; the newest are shown.
    pub limit: i64,
}

/// One event of the store.
#[derive(Debug, Clone, Serialize)]
pub struct EventLine {
    /// Its number in the store.
    pub seq: i64,
    /// Topic, partition and offset; `None` while it waits in the outbox.
    pub place: Option<String>,
    /// What it says, masked.
    pub record: TailRecord,
}

/// Events in the order in which they were stored.
#[derive(Debug, Clone, Serialize)]
pub struct EventList {
    /// Newest last.
    pub events: Vec<EventLine>,
    /// Whether older ones fit as well.
    pub has_more: bool,
    #[serde(skip)]
    now: Timestamp,
}

/// The newest events that fit, from the permanent store, on one snapshot.
pub async fn list(reader: &Reader, filter: EventFilter) -> Result<EventList, OpsError> {
    reader.store.read(async move |tx: &mut Tx| Ok(select(tx, &filter).await?)).await
}

async fn select(tx: &mut Tx, filter: &EventFilter) -> Result<EventList, StoreError> {
    let since_seq = match filter.since {
        Some(since) => Some(first_since(tx, since).await?),
        None => None,
    };
    let until_seq = match filter.until {
        Some(until) => Some(first_since(tx, until + chrono::TimeDelta::minutes(2)).await?),
        None => None,
    };
    let parts: [(&str, Option<Value<'_>>); 8] = [
        ("e.event_type =", filter.kind.map(|kind| kind.as_str().into())),
        ("e.aggregate_id =", filter.aggregate.as_deref().map(Into::into)),
        ("e.merchant_id =", filter.merchant.map(Into::into)),
        ("e.topic =", filter.topic.map(|topic| topic.name().into())),
        ("e.seq >=", since_seq.map(Into::into)),
        ("e.seq <=", until_seq.map(Into::into)),
        ("e.created_at >=", filter.since.map(Into::into)),
        ("e.created_at <", filter.until.map(Into::into)),
    ];
    let (mut conditions, mut values) = ("true".to_owned(), Vec::new());
    for (condition, value) in parts {
        if let Some(value) = value {
            values.push(value);
            conditions = format!("{conditions} AND {condition} ${}", values.len());
        }
    }
    values.push(filter.limit.saturating_add(1).into());
    // The newest first, and only then where they lie: else places of events that nobody asked for are looked up.
    let sql = format!(
        "SELECT coalesce(l.log_offset, -1), n.topic, n.partition, n.key, n.headers, n.value, n.created_at, n.seq FROM (\
         SELECT e.seq, e.topic, e.partition, e.key, e.headers, e.value, e.created_at FROM events e WHERE {conditions} \
         ORDER BY e.seq DESC LIMIT ${}) AS n LEFT JOIN event_places l ON l.seq = n.seq ORDER BY n.seq DESC",
        values.len()
    );
    let rows = tx.query(&sql, &values).await?;
    let wanted = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > wanted;
    let mut events = rows.iter().take(wanted).map(line).collect::<Result<Vec<_>, _>>()?;
    events.reverse();
    Ok(EventList { events, has_more, now: tx.now() })
}

fn line(row: &Row) -> Result<EventLine, StoreError> {
    let record = record_from(row)?;
    let place = (record.offset >= 0).then(|| format!("{}@{}", record.at, record.offset));
    Ok(EventLine { seq: row.get(7)?, place, record: TailRecord::of_record(&record, false) })
}

impl Report for EventList {
    const LISTS: &'static [&'static str] = &["events"];
    const NAMES: Option<&'static str> = Some("event ids");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TIME", "EVENT", "TYPE", "?AGGREGATE", "??>V", "?>AMOUNT", "??PLACE", "?SUMMARY"]);
        let dash = || "-".to_owned();
        for line in &self.events {
            let record = &line.record;
            let money = record.amount.zip(record.currency).map(|(amount, currency)| Amount { amount, currency });
            table.push([
                record.time.map_or_else(dash, |time| clock(time, self.now)),
                record.event_id.map_or_else(dash, |id| id.to_string()),
                record.event_type.clone().unwrap_or_else(dash),
                record.aggregate_id.clone().unwrap_or_else(dash),
                record.aggregate_version.map_or_else(dash, |version| version.to_string()),
                money.map_or_else(dash, |money| money.to_string()),
                line.place.clone().unwrap_or_else(|| "in outbox".to_owned()),
                record.summary.clone(),
            ]);
        }
        let more = if self.has_more { "the newest that fit; more with -n" } else { "all that fit" };
        table.notes.push(format!("-- {} events from the event store, {more}", self.events.len()));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.events.iter().filter_map(|line| line.record.event_id).map(|id| id.to_string()).collect()
    }
}
