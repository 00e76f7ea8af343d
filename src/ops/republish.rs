//! Fills a topic again from the permanent event store: its events go back into the outbox, and the relay does the rest.

use serde::Serialize;

use crate::domain::Timestamp;
use crate::event::Topic;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::store::{Again, Class, Selected, Selection, Tx};

/// Events that one transaction puts back.
const PAGE: i64 = 1000;

/// Which events are to be published again.
#[derive(Debug, Clone, Copy)]
pub struct RepublishQuery {
    /// The topic that they belong to.
    pub topic: Topic,
    /// Only those of this partition.
    pub partition: Option<u16>,
    /// Only those that were stored at this time or later.
    pub from: Option<Timestamp>,
}

/// What is, or was, to be done.
#[derive(Debug, Clone, Serialize)]
pub struct Republish {
    /// The topic.
    pub topic: &'static str,
    /// Those that have events.
    pub partitions: Vec<RepublishPartition>,
    /// Events that were put back; `None` for a plan.
    pub put_back: Option<u64>,
}

/// One partition of it.
#[derive(Debug, Clone, Serialize)]
pub struct RepublishPartition {
    /// Which.
    pub partition: u16,
    /// Events that are meant.
    pub events: i64,
    /// Those among them that wait for the relay as it is.
    pub waiting: i64,
    /// When the first was stored.
    pub first_at: Timestamp,
    /// When the last was stored.
    pub last_at: Timestamp,
}

impl RepublishQuery {
    fn selection(self) -> Result<Selection, OpsError> {
        if self.topic.is_dead_letter() {
            return Err(OpsError::Usage(format!("{} has copies of the dead letters, which are not in the event store", self.topic)));
        }
        self.topic.has_partition(self.partition).map_err(OpsError::Usage)?;
        Ok(Selection { topic: self.topic, partition: self.partition, from: self.from })
    }
}

/// What publishing again would do; changes nothing.
pub async fn plan(reader: &Reader, query: RepublishQuery) -> Result<Republish, OpsError> {
    let wanted = query.selection()?;
    let (_, selected) = reader.store.read(async move |tx: &mut Tx| tx.selected(wanted).await).await?;
    Ok(Republish::of(query.topic, selected, None))
}

/// Puts the events back into the outbox, in their order and a slice at a time; may be repeated after an interruption.
pub async fn execute(reader: &Reader, query: RepublishQuery) -> Result<Republish, OpsError> {
    let wanted = query.selection()?;
    let (last, selected) = reader.store.read(async move |tx: &mut Tx| tx.selected(wanted).await).await?;
    let (mut after, mut put_back) = (0, 0);
    loop {
        let page = reader.store.read(async move |tx: &mut Tx| tx.selected_page(wanted, after, last, PAGE).await).await?;
        let Some(end) = page.last().map(|event: &Again| event.seq) else { break };
        // Events never change, so nothing is concluded from what was read outside of this transaction.
        put_back += reader.store.write_by_keys(Class::Background, async move |tx: &mut Tx| tx.put_back(wanted.topic, &page).await).await?;
        after = end;
    }
    Ok(Republish::of(query.topic, selected, Some(put_back)))
}

impl Republish {
    fn of(topic: Topic, selected: Vec<Selected>, put_back: Option<u64>) -> Self {
        let partitions = selected.into_iter().map(|found| RepublishPartition {
            partition: found.partition,
            events: found.events,
            waiting: found.waiting,
            first_at: found.first_at,
            last_at: found.last_at,
        });
        Self { topic: topic.name(), partitions: partitions.collect(), put_back }
    }

    /// Events that are meant.
    pub fn events(&self) -> i64 {
        self.partitions.iter().map(|partition| partition.events).sum()
    }
}

impl Report for Republish {
    const LISTS: &'static [&'static str] = &["partitions"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TOPIC", ">P", ">EVENTS", ">WAITING", "?FIRST", "LAST"]);
        for row in &self.partitions {
            let time = |at: Timestamp| at.format("%Y-%m-%d %H:%M:%SZ").to_string();
            table.push([
                self.topic.to_owned(),
                row.partition.to_string(),
                row.events.to_string(),
                row.waiting.to_string(),
                time(row.first_at),
                time(row.last_at),
            ]);
        }
        table.notes.push(match self.put_back {
            None => format!("{} events would be published again; groups skip those that they have applied", self.events()),
            Some(put_back) => format!("{put_back} events are in the outbox now; a running relay publishes them in their order"),
        });
        vec![table]
    }
}
